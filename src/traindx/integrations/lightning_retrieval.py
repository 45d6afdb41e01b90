"""A Lightning callback that ranks the embeddings of each validation and logs the metrics beside their chance levels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, cast

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

from traindx.retrieval import RetrievalMetric, RetrievalReport, Similarity, scalars

Embed = Callable[[LightningModule, Any], tuple[Any, ...]]


class RetrievalCallback(Callback):
    """Evaluates a dual encoder on the pairs of every validation epoch.

    Embeddings come from what ``validation_step`` returns, a mapping with the keys ``queries`` and ``items`` (``ids`` and
    ``groups`` where it has such keys too), or from ``embed(module, batch)``, which returns them in that order and runs without gradients. Logged under ``prefix``
    are the names of ``traindx.retrieval.scalars``; ``report`` keeps the last whole report. The sanity check is left out. In a distributed job all processes' pairs
    are ranked together, each sample id once.

    It never breaks a training: what goes wrong is warned of once, and the callback steps aside.
    """

    def __init__(
        self,
        *,
        queries: str = "queries",
        items: str = "items",
        ids: str = "ids",
        groups: str = "groups",
        embed: Embed | None = None,
        prefix: str = "val/",
        ks: tuple[int, ...] = (1, 5, 10),
        similarity: Similarity = "cosine",
        names: tuple[str, str] = ("query", "item"),
        progress_bar: tuple[str, ...] = ("recall_at_1",),
    ) -> None:
        super().__init__()
        self.keys = (queries, items, ids, groups)
        self.embed, self.prefix, self.progress_bar = embed, prefix, progress_bar
        self.metric = RetrievalMetric(ks=ks, similarity=similarity, names=names)
        self.report: RetrievalReport | None = None
        self.broken = False

    def on_validation_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: ARG002 - Lightning's signature
        """Begin anew."""
        self.metric.reset()

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,  # noqa: ARG002 - the same
        dataloader_idx: int = 0,
    ) -> None:
        """Take the pairs of a batch of the first validation set."""
        if self.broken or trainer.sanity_checking or dataloader_idx:
            return
        try:
            self.metric.update(*self._pairs(pl_module, outputs, batch))
        except Exception as error:  # noqa: BLE001 - a metric must not end a training
            self._step_aside(error)

    def on_validation_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Rank, and log."""
        if trainer.sanity_checking or (self.broken and trainer.world_size == 1):
            return
        try:  # a process that stepped aside still takes part, or the others would wait for it
            self.report = self.metric.compute()
            self._log(pl_module, self.report)
        except Exception as error:  # noqa: BLE001 - the same
            self._step_aside(error)
        finally:
            self.metric.reset()

    def _pairs(self, module: LightningModule, outputs: Any, batch: Any) -> tuple[Any, ...]:
        if self.embed is not None:
            import torch

            with torch.no_grad():
                return self.embed(module, batch)
        told: Mapping[str, Any] = cast("Mapping[str, Any]", outputs) if isinstance(outputs, Mapping) else {}
        if not all(key in told for key in self.keys[:2]):
            raise TypeError(
                f"validation_step returns no mapping with {self.keys[0]!r} and {self.keys[1]!r}; return them, or give embed="
            )
        return tuple(told.get(key) for key in self.keys)

    def _log(self, module: LightningModule, report: RetrievalReport) -> None:
        for name, value in scalars(report, self.prefix).items():
            shown = name.rpartition("/")[2] in self.progress_bar
            module.log(name, value, prog_bar=shown, sync_dist=False)

    def _step_aside(self, error: Exception) -> None:
        if not self.broken:
            warnings.warn(f"retrieval metrics are left out from here: {error}", stacklevel=2)
        self.broken = True
