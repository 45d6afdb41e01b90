"""Quantiles of a stream in bounded memory: exact while there are few values, within a stated error of rank beyond.

Values are taken in leaves of 2,048. Two nodes of one level are sorted together and every second value goes up, from the first or the second on by turns;
each such step moves any rank by at most the weight of one value. Source: Manku, Rajagopalan and Lindsay 1998.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAF: Final = 2048
"""Values of a leaf: the error of a rank is at most log2(n / 2048) / 2048 of all values, 0.7 % for a hundred million."""


@final
class Ranks:
    """A sketch of one feature of one group. Equal streams give equal sketches, however they are cut into blocks.

    ``count`` values were taken in; a rank may be wrong by up to ``error`` of them.
    """

    __slots__ = ("_few", "_nodes", "_turn", "count", "error")

    def __init__(self) -> None:
        self.count = 0
        self.error = 0
        self._few: Floats = np.empty(0)
        self._nodes: dict[int, Floats] = {}
        self._turn: dict[int, int] = {}

    def update(self, values: NDArray[np.floating]) -> None:
        """Take in finite values."""
        self.count += len(values)
        self._few = np.concatenate([self._few, values.astype(np.float64)])
        whole = len(self._few) // LEAF * LEAF
        for start in range(0, whole, LEAF):
            self._insert(0, np.sort(self._few[start : start + LEAF]))
        self._few = self._few[whole:]

    def merge(self, other: Ranks) -> None:
        """Take in what another sketch saw; the errors of the two add up."""
        self.error += other.error
        self.count += other.count - len(other._few)
        for level, node in other._nodes.items():
            self._insert(level, node)
        self.update(other._few)

    def weighted(self) -> tuple[Floats, Floats]:
        """Return the values that are kept, and how many each stands for."""
        parts = [self._few, *self._nodes.values()]
        weights = [np.full(len(part), float(1 << level)) for part, level in zip(parts, (0, *self._nodes), strict=True)]
        return np.concatenate(parts), np.concatenate(weights)

    def _insert(self, level: int, node: Floats) -> None:
        while (other := self._nodes.pop(level, None)) is not None:
            turn = self._turn[level] = 1 - self._turn.get(level, 1)
            node = np.sort(np.concatenate([other, node]))[turn::2]
            self.error += 1 << level
            level += 1
        self._nodes[level] = node


def quantiles(ranks: Iterable[Ranks], levels: Sequence[float]) -> Floats:
    """Return the quantiles of several sketches together, on a straight line between neighbours as numpy does; NaN of nothing.

    >>> one = Ranks()
    >>> one.update(np.array([4.0, 1.0, 3.0, 2.0]))
    >>> quantiles([one], (0.25, 0.5)).tolist()
    [1.75, 2.5]
    """
    kept = [one.weighted() for one in ranks]
    values, weights = (np.concatenate([part[i] for part in kept]) if kept else np.empty(0) for i in (0, 1))
    if not len(values):
        return np.full(len(levels), np.nan)
    order = np.argsort(values, kind="stable")
    values, after = values[order], np.cumsum(weights[order])
    places = np.asarray(levels) * (after[-1] - 1)
    below = np.floor(places)
    low, high = (
        values[np.searchsorted(after, np.minimum(rank, after[-1] - 1), side="right")]
        for rank in (below, np.ceil(places))
    )
    found: Floats = low + (high - low) * (places - below)
    return found
