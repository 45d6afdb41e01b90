"""How many rows two splits share, and how many each repeats."""

from __future__ import annotations

from collections import Counter
from heapq import nlargest

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.overlap.content import Content, hashes
from traindx.dataset.overlap.hashing import Words
from traindx.dataset.overlap.matching import BUDGET_BYTES, Groups, matching_rows
from traindx.dataset.overlap.overlap import Equality, EqualRows

_SHOWN = 5
"""Examples and largest groups that are kept: enough to look at by hand."""


def equality(
    train: Content,
    other: Content | None,
    *,
    what: str = "",
    threads: int = 1,
    budget_bytes: int = BUDGET_BYTES,
    label: Content | None = None,
) -> Equality:
    """Return how the rows of two splits equal each other, or those of one where there is no other.

    ``label`` is a column of the training split whose values are compared where rows are equal. Every figure rests on compared content (of labels, on hashes); memory stays within the budget unless most rows are equal to others.
    """
    labels = np.concatenate(list(hashes(label, threads=threads))) if label is not None and len(label) else None
    tally = _Tally(len(train), labels)
    for groups in matching_rows(train, other, threads=threads, budget_bytes=budget_bytes):
        tally.add(groups)
    return Equality(
        what=what or train.where,
        train_rows=len(train),
        other_rows=len(other) if other is not None else 0,
        train_sizes=tuple(sorted(tally.sizes.items())),
        largest=tuple(tally.largest),
        examples=tuple(sorted(tally.examples)[:_SHOWN]),
        conflict_examples=tuple(sorted(tally.conflicts)[:_SHOWN]),
        contrasted=True,
        labelled=label is not None,
        **tally.counts,
    )


class _Tally:
    """Adds up the groups of one part after the other."""

    def __init__(self, train_rows: int, labels: Words | None = None) -> None:
        self.train_rows = train_rows
        self.labels = labels
        self.conflicts: list[tuple[int, int]] = []
        self.counts: Counter[str] = Counter()
        self.sizes: Counter[int] = Counter()
        self.largest: list[EqualRows] = []
        self.examples: list[tuple[int, int]] = []

    def add(self, groups: Groups) -> None:
        if not len(groups):
            return
        from_train = groups.members < self.train_rows
        mine = np.add.reduceat(from_train, groups.starts[:-1], dtype=np.int64)
        theirs = groups.sizes - mine
        both = (mine > 0) & (theirs > 0)
        for name, counts in (("train", mine), ("other", theirs)):
            repeated = counts[counts > 1]
            self.counts[f"{name}_twins"] += int(repeated.sum())
            self.counts[f"{name}_copies"] += int(repeated.sum()) - len(repeated)
        self.counts["leaked"] += int(theirs[both].sum())
        self.counts["leaked_train"] += int(mine[both].sum())
        self.counts["shared"] += int(both.sum())
        values, many = np.unique(mine[mine > 1], return_counts=True)
        self.sizes.update(dict(zip(values.tolist(), many.tolist(), strict=True)))
        self._keep(groups, mine, both)
        if self.labels is not None:
            self._label(groups.members[from_train], np.repeat(np.arange(len(groups)), mine), self.labels)

    def _label(self, rows: NDArray[np.int64], group: NDArray[np.int64], labels: Words) -> None:
        """Count the rows whose label is not the commonest one of their group."""
        if not len(rows):
            return
        found = labels[rows]
        order = np.lexsort((rows, found, group))
        rows, found, group = rows[order], found[order], group[order]
        begins = np.append(True, (found[1:] != found[:-1]) | (group[1:] != group[:-1]))
        starts = np.flatnonzero(begins)
        runs, of = np.diff(np.append(starts, len(rows))), group[starts]
        first = np.flatnonzero(np.append(True, of[1:] != of[:-1]))
        self.counts["conflicts"] += int(len(rows) - np.maximum.reduceat(runs, first).sum())
        differing = np.flatnonzero(of[1:] == of[:-1])
        pairs = np.sort(np.stack((rows[starts[differing]], rows[starts[differing + 1]]), axis=1), axis=1)
        self.conflicts += [(int(a), int(b)) for a, b in pairs[np.argsort(pairs[:, 0], kind="stable")[:_SHOWN]]]

    def _keep(self, groups: Groups, mine: NDArray[np.int64], both: NDArray[np.bool_]) -> None:
        top = np.argsort(groups.sizes, kind="stable")[-_SHOWN:]
        found = [self._described(groups, int(g), int(mine[g])) for g in top.tolist()]
        self.largest = nlargest(_SHOWN, [*self.largest, *found], key=lambda e: e.train_count + e.other_count)
        shared = np.flatnonzero(both)
        first = groups.members[groups.starts[shared]]
        for g in shared[np.argsort(first, kind="stable")[:_SHOWN]].tolist():
            start = int(groups.starts[g])
            self.examples.append((int(groups.members[start]), int(groups.members[start + mine[g]]) - self.train_rows))

    def _described(self, groups: Groups, group: int, mine: int) -> EqualRows:
        start, stop = int(groups.starts[group]), int(groups.starts[group + 1])
        middle = start + mine
        return EqualRows(
            train_count=mine,
            other_count=stop - middle,
            train_rows=tuple(groups.members[start : min(middle, start + 3)].tolist()),
            other_rows=tuple((groups.members[middle : min(stop, middle + 3)] - self.train_rows).tolist()),
        )
