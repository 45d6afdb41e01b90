"""One tile of the product of queries and gallery: counted, and what rounding leaves open decided by the scores as defined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.aim import Aim
from traindx.retrieval.bounds import double_error, windows
from traindx.retrieval.counting import over, true_counts, true_places
from traindx.retrieval.embeddings import Embeddings
from traindx.retrieval.pairwise import pair_dots
from traindx.retrieval.targets import to_scores

CROWDED = 1 / 16
"""Share of a tile's scores that may be open before the tile is multiplied again in float64.

One score out of two gathered rows costs about as much as 30 out of a product; a product in float64 costs twice that in float32.
"""

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
        return self.side.lengths[self.start : self.start + len(self.stored)]

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
class Open:
    """Scores of a tile that rounding leaves open, each by target (of the aim), row of the query and row of the item."""

    target: NDArray[np.int64]
    query: NDArray[np.int64]
    item: NDArray[np.int64]


def count_tile(tile: NDArray[np.float32], queries: Rows, items: Rows, aim: Aim, axis: int, tally: Tally) -> None:
    """Count one direction of a tile: its queries are the tile's rows (``axis`` 1) or columns (``axis`` 0).

    ``aim`` is the part that belongs to these queries. Beyond the items, the tile is padded with minus infinity to a multiple of eight columns.
    """
    width = len(items.stored) if axis == 1 else len(queries.stored)
    masks = (np.empty(tile.shape, dtype=np.bool_), np.empty(tile.shape, dtype=np.bool_))
    found: list[Open] = []
    above = np.zeros(len(aim.upper), dtype=np.int64)
    for layer in aim.layers():
        there = layer >= 0
        length = tile.shape[1 - axis]
        upper = _limits(aim.upper, layer, length)
        high = over(tile, upper, axis, masks[0], level=False)
        near = over(tile, _limits(aim.lower, layer, length), axis, masks[1], level=True)
        counts = true_counts(high, axis)[: len(layer)]
        above[layer[there]] += counts[there]
        rows, columns = true_places(np.bitwise_xor(near, high, out=near))
        query, item = (rows, columns) if axis == 1 else (columns, rows)
        found.append(Open(layer[query], query, item))
    del width
    settle(found, above, queries, items, aim, tally)


def _limits(values: NDArray[np.float32], layer: NDArray[np.int64], length: int) -> NDArray[np.float32]:
    """The limit of each query of a layer; none is reached where there is no target, nor in the padding."""
    found = np.full(length, np.inf, dtype=np.float32)
    there = layer >= 0
    found[: len(layer)][there] = values[layer[there]]
    return found


def settle(found: list[Open], above: NDArray[np.int64], queries: Rows, items: Rows, aim: Aim, tally: Tally) -> None:
    """Add a tile's certain counts and decide its open scores: one by one, or by a product in float64 where they are many."""
    total = sum(len(some.target) for some in found)
    _check_right_items(found, queries, items, aim)
    if total > CROWDED * len(queries.stored) * len(items.stored):
        _count_in_double(queries, items, aim, tally)
        return
    inside = slice(aim.first, aim.first + len(aim.upper))
    tally.above[inside] += above
    for some in found:
        _decide(some, queries, items, aim, tally)


def _decide(some: Open, queries: Rows, items: Rows, aim: Aim, tally: Tally) -> None:
    """Compare open scores with their targets by definition; a right item is not compared with itself."""
    others = np.flatnonzero(aim.targets.item[some.target] != some.item + items.start)
    for start in range(0, len(others), _PAIRS_AT_A_TIME):
        part = others[start : start + _PAIRS_AT_A_TIME]
        target = some.target[part]
        scores = queries.scores(items, some.query[part], some.item[part])
        high = scores > aim.targets.high[target]
        level = ~high & (scores >= aim.targets.low[target])
        np.add.at(tally.above, aim.first + target[high], 1)
        np.add.at(tally.level, aim.first + target[level], 1)


def _check_right_items(found: list[Open], queries: Rows, items: Rows, aim: Aim) -> None:
    """Every right item inside the tile must be open against itself: else the product is worse than its bound."""
    inside = (aim.targets.item >= items.start) & (aim.targets.item < items.start + len(items.stored))
    selves = sum(int(np.sum(aim.targets.item[some.target] == some.item + items.start)) for some in found)
    if selves != int(inside.sum()):
        raise InexactProductError


def _count_in_double(queries: Rows, items: Rows, aim: Aim, tally: Tally) -> None:
    tile = queries.exactly() @ items.exactly().T
    above, below, level_from, level_to = windows(
        aim.targets.high, aim.targets.low, aim.weights, double_error(queries.side.dim)
    )
    own = aim.targets.item - items.start
    for layer in aim.layers():
        rows = np.flatnonzero(layer >= 0)
        target = layer[rows]
        scores = tile[rows] if len(rows) < len(tile) else tile.copy()
        inside = np.flatnonzero((own[target] >= 0) & (own[target] < tile.shape[1]))
        scores[inside, own[target][inside]] = -np.inf
        high = scores > above[target, None]
        level = (scores >= level_from[target, None]) & (scores <= level_to[target, None])
        tally.above[aim.first + target] += high.sum(axis=1)
        tally.level[aim.first + target] += level.sum(axis=1)
        open_rows, columns = np.nonzero((scores >= below[target, None]) & ~high & ~level)
        _decide(Open(target[open_rows], rows[open_rows], columns), queries, items, aim, tally)
