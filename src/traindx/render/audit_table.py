"""The table of columns of an audit: the worst first, and what each cell says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import final

from traindx.dataset import ArraySummary, Audit, ColumnSummary
from traindx.render.numbers import number

HEADS = ("column", "mean", "sd", "min", "max", "NaN/Inf", "top 0.1 %")
_SHOWN_ROLES = frozenset({"values", "image", "categories", "boxes"})


@final
@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: its cells, and how bad it is (0 for scaled, finite Gaussian values)."""

    cells: tuple[str, ...]
    badness: float


def table_rows(audit: Audit) -> list[Row]:
    """Return a row for each feature of each array of numbers, the worst first; equal ones in the order of the file."""
    rows = [
        Row(_cells(_name(array, column), column), _badness(column))
        for array in audit.profile.arrays
        if audit.roles.get(array.name, "values") in _SHOWN_ROLES
        and (array.kind == "number" or array.images is not None)
        for column in _looked(array)
    ]
    return sorted(rows, key=lambda row: -row.badness)


def _looked(array: ArraySummary) -> Iterator[ColumnSummary]:
    if array.images is not None:
        yield from array.images.channels
    elif len(array.features) > 1:
        yield from array.features
    else:
        yield array.whole


def _name(array: ArraySummary, column: ColumnSummary) -> str:
    name = array.name or PurePath(array.where).name
    several = len(array.features) > 1 or array.images is not None
    return f"{name}[{column.name}]" if several else name


def _cells(name: str, column: ColumnSummary) -> tuple[str, ...]:
    top = column.square_sum_top
    return (
        name,
        *(
            number(value) if column.count else ""
            for value in (column.mean, column.deviation, column.minimum, column.maximum)
        ),
        f"{column.not_finite:,}" if column.not_finite else "0",
        f"{100 * top:.1f} %" if math.isfinite(top) else "",
    )


def _badness(column: ColumnSummary) -> float:
    """How far from scaled, finite, Gaussian values, in powers of ten."""
    lost = 10.0 + column.not_finite / max(column.rows, 1) if column.not_finite else 0.0
    deviation = column.deviation
    if not (math.isfinite(deviation) and deviation > 0):
        return lost + (
            2.0 if column.count and column.maximum != 0 else 0.0
        )  # all zeros stay zeros however they are scaled
    offset = max(math.log10(max(abs(column.mean) / deviation, 1e-9)), 0.0)
    tail = column.square_sum_top * 5 if math.isfinite(column.square_sum_top) else 0.0
    return lost + abs(math.log10(deviation)) + offset + tail
