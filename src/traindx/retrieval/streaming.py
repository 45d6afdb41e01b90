"""A metric for validation loops: takes batches of pairs, in one process or many, and gives the whole report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UsageError
from traindx.retrieval.evaluate import evaluate
from traindx.retrieval.gathering import gathered, highest, processes
from traindx.retrieval.ranking import Similarity, Ties
from traindx.retrieval.relevance import from_pairs
from traindx.retrieval.report import RetrievalReport
from traindx.retrieval.scalars import scalars

Rows = NDArray[np.float32]
Keys = NDArray[np.int64]


@final
class RetrievalMetric:
    """Collects pairs of embeddings batch by batch, and judges the ranks of all of them together.

    Row i of ``queries`` and row i of ``items`` belong together. ``ids`` name the samples (whole numbers or text): a sample seen twice, as a distributed sampler pads its
    last batch, counts once. ``groups`` name the item that a row shows: rows of one group share one item, which enters the gallery once (captions of one
    image). Give either in all updates or in none.

    Rows are kept in float32 on the CPU. Nothing touches gradients or random numbers. In a ``torch.distributed`` job ``compute`` puts the rows of all
    processes together, also where their numbers differ; every process must call it, and gets the same report.

    >>> metric = RetrievalMetric(ks=(1,))
    >>> rows = np.eye(4, dtype=np.float32)
    >>> metric.update(rows[:3], rows[:3], ids=[0, 1, 2])
    >>> metric.update(rows[2:], rows[2:], ids=[2, 3])
    >>> report = metric.compute()
    >>> report.forward.gallery_size, report.forward["R@1"].value
    (4, 1.0)
    """

    def __init__(
        self,
        *,
        ks: Sequence[int] = (1, 5, 10),
        similarity: Similarity = "cosine",
        ties: Ties = "mean",
        both: bool = True,
        names: tuple[str, str] = ("query", "item"),
        examine: bool = False,
        threads: int | None = None,
        distributed: bool = True,
    ) -> None:
        self.ks, self.names, self.both = tuple(ks), names, both
        self.similarity: Similarity = similarity
        self.ties: Ties = ties
        self.examine, self.threads, self.distributed = examine, threads, distributed
        self._queries: list[Rows] = []
        self._items: list[Rows] = []
        self._ids: list[Keys] = []
        self._groups: list[Keys] = []

    def __len__(self) -> int:
        """Return how many rows this process has taken."""
        return sum(map(len, self._queries))

    def update(self, queries: Any, items: Any, ids: Any = None, groups: Any = None) -> None:
        """Take a batch: two arrays or tensors (B, D), and B ids or groups where they are used."""
        one, other = rows_of(queries, "queries"), rows_of(items, "items")
        if len(one) != len(other):
            raise UsageError(f"{len(one)} queries and {len(other)} items in one batch", hint="row i belongs to row i")
        if self._queries and (one.shape[1] != self._queries[0].shape[1] or other.shape[1] != self._items[0].shape[1]):
            raise UsageError(f"a batch of {one.shape[1]} dimensions after batches of {self._queries[0].shape[1]}")
        named = [keys_of(told, len(one), what) for told, what in ((ids, "ids"), (groups, "groups"))]
        for kept, keys, what in zip((self._ids, self._groups), named, ("ids", "groups"), strict=True):
            if self._queries and bool(kept) != (keys is not None):
                raise UsageError(f"{what} in some batches and not in others", hint="give them in all or in none")
        self._queries.append(one)
        self._items.append(other)
        for kept, keys in zip((self._ids, self._groups), named, strict=True):
            if keys is not None:
                kept.append(keys)

    def compute(self) -> RetrievalReport:
        """Return the report on all pairs so far. Raises ``UsageError`` where there are none."""
        queries, items, ids, groups, spread = self._all()
        if not len(queries):
            raise UsageError("no pairs to rank", hint="update() takes batches of queries and items")
        if ids is not None:
            kept = np.unique(ids, return_index=True)[1]
            queries, items = queries[kept], items[kept]
            groups = None if groups is None else groups[kept]
        relevant = None
        if groups is not None:
            _, first, place = np.unique(groups, return_index=True, return_inverse=True)
            items = items[first]
            pairs = np.stack((np.arange(len(queries)), place.reshape(-1)), axis=1)
            relevant = from_pairs(pairs, len(queries), len(items))
        report = evaluate(
            queries,
            items,
            relevant,
            ks=self.ks,
            similarity=self.similarity,
            ties=self.ties,
            both=self.both,
            names=self.names,
            threads=self.threads,
            examine=self.examine,
        )
        if spread and ids is None:
            told = "without ids, samples that a distributed sampler repeated cannot be told apart from others"
            return replace(report, limits=(*report.limits, told))
        return report

    def scalars(self) -> dict[str, float]:
        """Return the report as plain numbers by name, to be logged."""
        return scalars(self.compute())

    def reset(self) -> None:
        """Forget all pairs."""
        for kept in (self._queries, self._items, self._ids, self._groups):
            kept.clear()

    def merge(self, other: RetrievalMetric) -> None:
        """Take the pairs of another metric as well."""
        if (
            len(self)
            and len(other)
            and (bool(self._ids), bool(self._groups)) != (bool(other._ids), bool(other._groups))
        ):
            raise UsageError("one metric has ids or groups and the other has not", hint="give them in all or in none")
        self._queries.extend(other._queries)
        self._items.extend(other._items)
        self._ids.extend(other._ids)
        self._groups.extend(other._groups)

    def merge_state(self, metrics: Iterable[RetrievalMetric]) -> RetrievalMetric:
        """Take the pairs of several metrics, and return this one."""
        for metric in metrics:
            self.merge(metric)
        return self

    def _all(self) -> tuple[Rows, Rows, Keys | None, Keys | None, bool]:
        """The rows and keys of this process, or of all; and whether there are several."""
        sides = [
            np.concatenate(kept) if kept else np.zeros((0, 0), np.float32) for kept in (self._queries, self._items)
        ]
        keys = [np.concatenate(kept) if kept else None for kept in (self._ids, self._groups)]
        dist = processes() if self.distributed else None
        if dist is None:
            return sides[0], sides[1], keys[0], keys[1], False
        sides = [gathered(side, dist) for side in sides]
        for at, key in enumerate(keys):
            if highest(int(key is not None), dist):
                keys[at] = gathered(np.zeros(0, np.int64) if key is None else key, dist)
        if any(key is not None and len(key) != len(sides[0]) for key in keys):
            raise UsageError("some processes gave ids or groups and others did not", hint="give them in all or in none")
        return sides[0], sides[1], keys[0], keys[1], True


def rows_of(given: Any, what: str) -> Rows:
    """Return a batch as rows in float32 on the CPU, copied, so that a buffer which is used again changes nothing."""
    if hasattr(given, "detach"):  # a tensor of torch, bfloat16 among them
        given = given.detach().float().cpu().numpy()
    rows = np.array(given, dtype=np.float32)
    if rows.ndim != 2:
        raise UsageError(f"a batch of {what} of shape {rows.shape}", hint="a row is one embedding")
    return rows


def keys_of(given: Any, count: int, what: str) -> Keys | None:
    """Return ids as 64-bit numbers: whole numbers as they are, text by its hash; None where there are none."""
    if given is None:
        return None
    if hasattr(given, "detach"):
        given = given.detach().cpu().numpy()
    names = np.asarray(given).reshape(-1)
    if len(names) != count:
        raise UsageError(f"{len(names)} {what} for a batch of {count}")
    if names.dtype.kind in "iub":
        return names.astype(np.int64)
    if names.dtype.kind not in "UO":
        raise UsageError(f"{what} must be whole numbers or text, and not {names.dtype}")
    digests = b"".join(hashlib.blake2b(str(name).encode(), digest_size=8).digest() for name in names.tolist())
    return np.frombuffer(digests, dtype=np.int64).copy()
