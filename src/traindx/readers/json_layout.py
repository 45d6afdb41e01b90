"""Columns that are logged now and then, laid out beside their axes without a table of rows x names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from traindx.readers.frame import Axis, Column, find_axis, run_from_columns
from traindx.run import Floats, Series, Source

Rows = NDArray[np.int64]
_ROWS = "\0rows"
_RISING = Column(np.arange(3, dtype=np.float64))


def counts(name: str) -> bool:
    """Whether a column of this name can be an axis: a step, an epoch or a clock."""
    return find_axis((name,), {name: _RISING}) != Axis()


def joined(pieces: list[tuple[Rows, Floats]]) -> tuple[Rows, Floats]:
    """Return the pieces of one column as one, by rising row; of two values in one row the first is kept."""
    rows = np.concatenate([rows for rows, _ in pieces])
    values = np.concatenate([values for _, values in pieces])
    if len(rows) > 1 and not bool((rows[1:] > rows[:-1]).all()):
        rows, first = np.unique(rows, return_index=True)
        values = values[first]
    return rows, values


def laid_out(
    columns: Mapping[str, tuple[Rows, Floats]],
    records: Rows,
    source: Source,
    epoch_length: float | None,
) -> dict[str, Series]:
    """Return all series in order of first appearance.

    Only dense columns and possible axes are laid out over all rows: a file with thousands of rarely logged names
    would otherwise need rows x names of memory.
    """
    size = len(records)
    table: dict[str, Column] = {_ROWS: Column(np.zeros(size))}
    for name, (rows, values) in columns.items():
        if len(rows) == size:
            table[name] = Column(values)
        elif counts(name):
            table[name] = _spread(rows, values, size)
    if not size:
        return {}
    framed = run_from_columns("", source, table, records, epoch_length=epoch_length).series
    shared: dict[bytes, Series] = {}
    series: dict[str, Series] = {}
    for name, (rows, values) in columns.items():
        if name in framed:
            series[name] = framed[name]
        elif name not in table:
            series[name] = replace(
                _axes(framed[_ROWS], rows, shared),
                name=name,
                logged_as=name,
                values=values,
            )
    return series


def _axes(every: Series, rows: Rows, shared: dict[bytes, Series]) -> Series:
    """Return the axes at ``rows``; columns that are present on the same rows share them."""
    key = len(rows).to_bytes(8) + hash(rows.tobytes()).to_bytes(8, signed=True)
    known = shared.get(key)
    if known is None:
        known = shared[key] = every.take(rows)
    return known


def _spread(rows: Rows, values: Floats, size: int) -> Column:
    full = np.full(size, np.nan)
    present = np.zeros(size, dtype=np.bool_)
    full[rows] = values
    present[rows] = True
    return Column(full, present)
