"""One tile of the product of queries and gallery: counted, and what rounding leaves open decided by the scores as defined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.bounds import double_error, windows
from traindx.retrieval.counting import Counted, Counter
from traindx.retrieval.embeddings import Embeddings
from traindx.retrieval.layers import Layers
from traindx.retrieval.pairwise import pair_dots
from traindx.retrieval.targets import to_scores

_PAIRS_AT_A_TIME = 1 << 15


class InexactProductError(Exception):
    """A right item's score out of the product is further from its score than any rounding in float32 explains."""


@final
@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one side in memory, as they are stored; the first is row ``start`` of the whole."""

    side: Embeddings
    start: int
    stored: NDArray[Any]

    @property
    def lengths(self) -> NDArray[np.float64]:
        """The length of each."""
        first = self.start - self.side.first
        return self.side.lengths[first : first + len(self.stored)]

    def part(self, start: int, stop: int) -> Rows:
        """Return the rows from ``start`` to before ``stop`` of these."""
        return Rows(self.side, self.start + start, self.stored[start:stop])

    def scores(self, other: Rows, mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the scores, as they are defined, of the pairs of these rows."""
        dots = pair_dots(self.stored, other.stored, mine, theirs)
        return to_scores(dots, self.side, other.side, self.start + mine, other.start + theirs)

    def exactly(self) -> NDArray[np.float64]:
        """Return the rows as they enter a product in float64."""
        return self.side.scaled_exactly(self.stored, self.lengths)


@final
@dataclass(frozen=True, slots=True)
class Tally:
    """Counts for every target of a direction, added to tile by tile."""

    above: NDArray[np.int64]
    level: NDArray[np.int64]

    @staticmethod
    def of(targets: int) -> Tally:
        """Return counts of zero."""
        return Tally(np.zeros(targets, dtype=np.int64), np.zeros(targets, dtype=np.int64))

    def add(self, other: Tally) -> None:
        """Add the counts of other tiles."""
        self.above[:] += other.above
        self.level[:] += other.level


@final
@dataclass(frozen=True, slots=True)
class Direction:
    """Some queries of a direction with their targets in layers, and where their counts are added."""

    queries: Rows
    layers: Layers
    tally: Tally


def count_tile(
    tile: NDArray[np.float32], rows: Direction, columns: Direction | None, items: Rows, counter: Counter
) -> None:
    """Count a tile for the queries that are its rows and, in the other direction, for those that are its columns.

    ``items`` are the rows of the gallery that are the tile's columns.
    """
    there, back = counter(tile, rows.layers, None if columns is None else columns.layers)
    _settle(there, rows, items, there.row, there.column)
    if columns is not None and back is not None:
        _settle(back, columns, rows.queries, back.column, back.row)


def count_tile_in_double(rows: Direction, columns: Direction | None, items: Rows) -> None:
    """Count a tile, as ``count_tile`` does, from a product in float64."""
    count_in_double(rows, items)
    if columns is not None:
        count_in_double(columns, rows.queries)


def _settle(found: Counted, side: Direction, items: Rows, query: NDArray[np.int64], item: NDArray[np.int64]) -> None:
    """Add the certain counts and decide the open scores: one by one, or by a product in float64 where they are many."""
    aim = side.layers.aim
    if found.crowded:
        count_in_double(side, items)
        return
    own = aim.targets.item[found.target] == item + items.start
    inside = (aim.targets.item >= items.start) & (aim.targets.item < items.start + len(items.stored))
    if np.count_nonzero(own) != np.count_nonzero(inside):
        raise InexactProductError
    side.tally.above[aim.first : aim.first + len(aim.upper)] += found.above
    others = np.flatnonzero(~own)
    _decide(found.target[others], query[others], item[others], side, items)


def _decide(
    target: NDArray[np.int64], query: NDArray[np.int64], item: NDArray[np.int64], side: Direction, items: Rows
) -> None:
    """Compare open scores with their targets by definition."""
    first, targets = side.layers.aim.first, side.layers.aim.targets
    for start in range(0, len(target), _PAIRS_AT_A_TIME):
        part = slice(start, start + _PAIRS_AT_A_TIME)
        some = target[part]
        scores = side.queries.scores(items, query[part], item[part])
        high = scores > targets.high[some]
        level = ~high & (scores >= targets.low[some])
        np.add.at(side.tally.above, first + some[high], 1)
        np.add.at(side.tally.level, first + some[level], 1)


def count_in_double(side: Direction, items: Rows) -> None:
    """Multiply the tile again in float64, where ties are told from rounding; what even that leaves open is decided by definition."""
    aim = side.layers.aim
    tile = side.queries.exactly() @ items.exactly().T
    limits = windows(aim.targets.high, aim.targets.low, aim.weights, double_error(items.side.dim))
    own = aim.targets.item - items.start
    starts, counts = aim.targets.starts[:-1], np.diff(aim.targets.starts)
    for depth in range(int(counts.max(initial=0))):
        rows = np.flatnonzero(counts > depth)
        target = starts[rows] + depth
        scores = tile[rows]
        inside = np.flatnonzero((own[target] >= 0) & (own[target] < tile.shape[1]))
        scores[inside, own[target][inside]] = -np.inf  # a right item is not compared with itself
        above, below, level_from, level_to = (limit[target, None] for limit in limits)
        high = scores > above
        level = (scores >= level_from) & (scores <= level_to)
        side.tally.above[aim.first + target] += high.sum(axis=1)
        side.tally.level[aim.first + target] += level.sum(axis=1)
        row, column = np.nonzero((scores >= below) & ~high & ~level)
        _decide(target[row], rows[row], column, side, items)
