"""Counting in one tile of scores: how many are certainly above each target, and which rounding leaves open.

Every function takes a tile of float32 scores, padded with minus infinity to a multiple of eight columns, and says for each
target of a direction the same, whichever way it goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import compiled
from traindx.retrieval.layers import MOST_LAYERS, Layers
from traindx.retrieval.masks import true_counts, true_places
from traindx.retrieval.sweep import sweep

CROWDED = 1 / 16
"""Share of a tile's scores that may be open before the tile is multiplied again in float64.

One score out of two gathered rows costs about as much as 30 out of a product; a product in float64 costs twice that in float32.
"""


@final
@dataclass(frozen=True, slots=True)
class Counted:
    """What a tile says of one direction: how many scores are certainly above each target of its aim, and the open ones.

    ``target`` (of the aim), ``row`` and ``column`` of each open score; ``crowded`` where they are too many to have been listed.
    """

    above: NDArray[np.int64]
    target: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    crowded: bool


Counter = Callable[[NDArray[np.float32], Layers, Layers | None], tuple[Counted, Counted | None]]


def count_in_numpy(tile: NDArray[np.float32], rows: Layers, columns: Layers | None) -> tuple[Counted, Counted | None]:
    """Count for the queries that are the tile's rows, and for those that are its columns."""
    return _along(tile, rows, 1), None if columns is None else _along(tile, columns, 0)


def count_in_machine_code(
    tile: NDArray[np.float32], rows: Layers, columns: Layers | None
) -> tuple[Counted, Counted | None]:
    """Count as ``count_in_numpy`` does, both directions in one loop."""
    row_limits = rows.upper, rows.lower
    column_limits = _column_limits(tile, columns)
    row_above = np.zeros(rows.upper.shape, dtype=np.int64)
    column_above = np.zeros(column_limits[0].shape, dtype=np.int32)
    room = _room(tile)
    row_open, column_open = np.empty((room, 3), dtype=np.int64), np.empty((room, 3), dtype=np.int64)
    found, back_found = compiled(sweep)(
        tile, *row_limits, *column_limits, row_above, column_above, row_open, column_open
    )
    there = _merged(tile, rows, 1, row_above, row_open[:found], crowded=found > room)
    if columns is None:
        return there, None
    return there, _merged(tile, columns, 0, column_above, column_open[:back_found], crowded=back_found > room)


def _column_limits(
    tile: NDArray[np.float32], columns: Layers | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if columns is None:
        none = np.empty((0, tile.shape[1]), dtype=np.float32)
        return none, none
    return _padded(columns.upper, tile.shape[1]), _padded(columns.lower, tile.shape[1])


def _padded(limits: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    missing = length - limits.shape[1]
    if not missing:
        return limits
    return np.pad(limits, ((0, 0), (0, missing)), constant_values=np.float32(np.inf))


def _room(tile: NDArray[np.float32]) -> int:
    return int(CROWDED * tile.size) + 64  # tiny tiles may be open as a whole


def _along(tile: NDArray[np.float32], side: Layers, axis: int) -> Counted:
    above = np.zeros(side.target.shape, dtype=np.int64)
    masks = (np.empty(tile.shape, dtype=np.bool_), np.empty(tile.shape, dtype=np.bool_))
    room, total = _room(tile), 0
    some: list[NDArray[np.int64]] = []
    for number, (upper, lower) in enumerate(zip(side.upper, side.lower, strict=True)):
        high = np.greater(tile, _across(upper, tile, axis), out=masks[0])
        near = np.greater_equal(tile, _across(lower, tile, axis), out=masks[1])
        above[number] = true_counts(high, axis)[: side.target.shape[1]]
        _ = np.bitwise_xor(near, high, out=near)
        total += int(np.count_nonzero(near))
        if total <= room:
            rows, columns = true_places(near)
            some.append(np.stack((np.full(len(rows), number), rows, columns), axis=1))
    found = np.concatenate(some) if some else np.empty((0, 3), dtype=np.int64)
    return _merged(tile, side, axis, above, found, crowded=total > room)


def _across(limits: NDArray[np.float32], tile: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    if axis == 1:
        return limits[:, None]
    return _padded(limits[None, :], tile.shape[1])


def _merged(
    tile: NDArray[np.float32],
    side: Layers,
    axis: int,
    counts: NDArray[np.int64] | NDArray[np.int32],
    found: NDArray[np.int64],
    *,
    crowded: bool,
) -> Counted:
    """Put the layers' counts and open scores together by target, with those of the queries that have more targets than there are layers."""
    above = np.zeros(len(side.aim.upper), dtype=np.int64)
    there = side.target >= 0
    above[side.target[there]] = counts[:, : side.target.shape[1]][there]
    layer, row, column = found.T
    query = row if axis == 1 else column
    target = side.target[layer, query]
    if not len(side.laden):
        return Counted(above, target, row, column, crowded)
    more, queries, items = _sorted_count(tile if axis == 1 else tile.T, side, above)
    further = (queries, items) if axis == 1 else (items, queries)
    return Counted(
        above=above,
        target=np.concatenate((target, more)),
        row=np.concatenate((row, further[0])),
        column=np.concatenate((column, further[1])),
        crowded=crowded or len(more) > _room(tile),
    )


def _sorted_count(
    tile: NDArray[np.float32], side: Layers, above: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Count for the targets beyond the layers, in the sorted scores of their queries (the tile's rows); returns the open ones by target, query, item."""
    scores = np.ascontiguousarray(tile[side.laden])
    order = np.argsort(scores, axis=1)
    scores = np.take_along_axis(scores, order, axis=1)
    width = scores.shape[1]
    starts = side.aim.targets.starts
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
    for place, query in enumerate(side.laden.tolist()):
        targets = np.arange(int(starts[query]) + MOST_LAYERS, int(starts[query + 1]), dtype=np.int64)
        first = np.searchsorted(scores[place], side.aim.lower[targets], side="left")
        last = np.searchsorted(scores[place], side.aim.upper[targets], side="right")
        above[targets] = width - last
        sizes = last - first
        offset = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        items = order[place, np.repeat(first, sizes) + offset]
        found.append((np.repeat(targets, sizes), np.full(len(items), query, dtype=np.int64), items))
    target, queries, items = (np.concatenate(part) for part in zip(*found, strict=True))
    return target, queries, items
