"""The first look at an array: some rows from places spread evenly over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.columns import Column
from traindx.dataset.statistics.numbers import observations, wide
from traindx.dataset.statistics.plan import Plan, planned
from traindx.dataset.statistics.selection import Mask
from traindx.errors import UnreadableDataError

_VALUES: Final = 1 << 18  # looked at of all features together: some milliseconds to sort
_LEAST, _MOST = (
    1 << 10,
    1 << 15,
)  # observations of a feature: enough to find what comes once in a hundred, or in a thousand
_PLACES: Final = 64  # where an array can be read anywhere
_FEW: Final = 4  # chunks at least
_CHUNKS: Final = 16  # of so many chunks one is decoded to be looked at


def plans(columns: Sequence[Column], mask: Mask | None) -> tuple[Plan | None, ...]:
    """Return a plan for each column of numbers; the columns are read together, place by place."""
    numeric = [column for column in columns if column.source.kind == "number"]
    if not numeric:
        return (None,) * len(columns)
    seen: dict[int, list[tuple[NDArray[Any], NDArray[np.bool_] | None]]] = {id(column): [] for column in numeric}
    for start, stop in _places(numeric):
        for column in numeric:
            seen[id(column)] += _looked(column, mask, start, stop)
    return tuple(_planned(seen.get(id(column)), column) for column in columns)


def _places(columns: Sequence[Column]) -> Iterator[tuple[int, int]]:
    rows = len(columns[0].source)
    chunk = max(1, *(column.source.chunk_end(0) for column in columns))
    chunks = -(-rows // chunk)
    places = min(_PLACES, max(min(_FEW, chunks), chunks // _CHUNKS)) if chunk > 1 else _PLACES
    each = min(max(1, -(-max(_wanted(column) for column in columns) // places)), max(chunk, rows // places + 1))
    starts = np.unique(np.linspace(0, max(rows - each, 0), places).astype(np.int64))
    for start in starts.tolist():
        first = start // chunk * chunk if chunk > 1 else start
        yield first, min(first + each, rows)


def _wanted(column: Column) -> int:
    """Return how many rows of a column are looked at."""
    shape = column.source.shape
    per_row = max(1, int(np.prod(shape[1:], dtype=np.int64)) // max(1, column.features))
    return -(-min(_MOST, max(_LEAST, _VALUES // max(1, column.features))) // per_row)


def _looked(
    column: Column, mask: Mask | None, start: int, stop: int
) -> list[tuple[NDArray[Any], NDArray[np.bool_] | None]]:
    try:
        block = column.source.read(start, stop)
        rows = mask.rows(start, stop) if mask is not None and column.masked else None
    except UnreadableDataError:
        return []  # it is counted when it is measured
    keep = mask.of(block, rows) if mask is not None and column.masked else None
    pieces = observations(block).reshape(-1, column.features)
    return [(pieces.copy(), None if keep is None else wide(keep, block.shape).reshape(pieces.shape))]


def _planned(seen: list[tuple[NDArray[Any], NDArray[np.bool_] | None]] | None, column: Column) -> Plan | None:
    if seen is None:
        return None
    if not seen:
        return planned(observations(np.zeros((1, column.features), column.source.dtype)))
    keeps = [keep for _, keep in seen if keep is not None]
    return planned(np.concatenate([rows for rows, _ in seen]), np.concatenate(keeps) if keeps else None)
