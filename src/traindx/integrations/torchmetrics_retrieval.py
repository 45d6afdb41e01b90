"""Retrieval as a metric of torchmetrics: synchronised, in collections, logged by Lightning."""

from __future__ import annotations

from typing import Any

import torch
from torchmetrics import Metric

from traindx.errors import unknown_name
from traindx.retrieval import RetrievalMetric, RetrievalReport, Similarity, scalars


class RetrievalMetrics(Metric):
    """Ranks of all pairs that were seen, as a torchmetrics ``Metric`` that gives a dictionary, or one number.

    ``update(queries, items, ids, groups)`` takes batches of pairs as ``traindx.retrieval.RetrievalMetric`` does: row i belongs to row i; a sample id that
    comes twice (a padded distributed sampler) counts once; rows of one group share an item. ``compute`` returns the names of
    ``traindx.retrieval.scalars`` with tensors, chance levels and interval ends among them; ``only`` picks a single one (as
    ``query_to_item/recall_at_1``), which ``self.log`` of Lightning takes as it is. ``report`` returns the whole report.
    """

    is_differentiable = False
    full_state_update = False

    @property
    def higher_is_better(self) -> bool:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride] - of one number it depends on which
        """Whether more is better: of all but ranks."""
        return not (self.only or "").endswith("_rank")

    queries: list[torch.Tensor]
    items: list[torch.Tensor]
    ids: list[torch.Tensor]
    groups: list[torch.Tensor]

    def __init__(
        self,
        *,
        only: str | None = None,
        ks: tuple[int, ...] = (1, 5, 10),
        similarity: Similarity = "cosine",
        names: tuple[str, str] = ("query", "item"),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.only, self.ks, self.names = only, tuple(ks), names
        self.similarity: Similarity = similarity
        for state in ("queries", "items", "ids", "groups"):
            self.add_state(state, default=[], dist_reduce_fx="cat")  # pyright: ignore[reportUnknownMemberType] - lists of anything

    def update(
        self,
        queries: torch.Tensor,
        items: torch.Tensor,
        ids: torch.Tensor | None = None,
        groups: torch.Tensor | None = None,
    ) -> None:
        """Take a batch of pairs (B, D), with B sample ids or groups as whole numbers where they are used."""
        self.queries.append(queries.detach().float())
        self.items.append(items.detach().float())
        for kept, keys in ((self.ids, ids), (self.groups, groups)):
            if keys is not None:
                kept.append(keys.detach().to(torch.int64).reshape(-1))

    def report(self) -> RetrievalReport:
        """Return the whole report on the pairs of this process, or of all where the states are synchronised."""
        metric = RetrievalMetric(ks=self.ks, similarity=self.similarity, names=self.names, distributed=False)
        rows = [_joined(kept) for kept in (self.queries, self.items, self.ids, self.groups)]
        if rows[0] is not None:
            metric.update(*rows)
        return metric.compute()

    def compute(self) -> dict[str, torch.Tensor] | torch.Tensor:
        """Return all numbers by name, or the one that was asked for."""
        found = scalars(self.report())
        if self.only is not None:
            if self.only not in found:
                raise unknown_name("metric", self.only, found)
            return torch.tensor(found[self.only], device=self.device)
        return {name: torch.tensor(value, device=self.device) for name, value in found.items()}


def _joined(kept: Any) -> torch.Tensor | None:
    """A list state as one tensor, which it is already once synchronised; None where no process has any."""
    rows = kept if isinstance(kept, torch.Tensor) else torch.cat(list(kept)) if kept else None
    return rows if rows is not None and rows.numel() else None
