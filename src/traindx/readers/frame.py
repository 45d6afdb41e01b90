"""Columns of numbers to a run: which of them are axes, and what the rest says at which step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.axis import Axis, Column, carried, counters, find_axis, global_step
from traindx.readers.splits import split_name
from traindx.run import Floats, Run, Series, Setting, Source, floats

__all__ = ["Axis", "Column", "find_axis", "run_from_columns", "split_name"]


def run_from_columns(
    name: str,
    source: Source,
    columns: Mapping[str, Column],
    records: NDArray[np.int64],
    *,
    settings: Iterable[Setting] = (),
    notes: Iterable[str] = (),
    epoch_length: float | None = None,
) -> Run:
    """Return the run that a table of ``columns`` tells.

    ``records`` holds the 1-based line or record number of each row. Axis columns become the steps, epochs and wall
    times of all other columns, in file order; a column without any value gives no series. ``epoch_length`` is the
    number of iterations in one epoch, where the log tells it: only used when the iteration restarts every epoch.
    """
    axis = find_axis(columns, columns)
    size = len(records)
    steps = _steps(axis, columns, epoch_length)
    rows = _Rows(
        steps=floats(np.arange(size) if steps is None else steps),
        epochs=_logged(columns, axis.epoch),
        wall_times=_logged(columns, axis.time, _seconds),
        records=records,
        has_steps=steps is not None,
    )
    hidden = counters(axis, columns)
    patterns: dict[int, tuple[NDArray[np.bool_], _Rows]] = {}
    series: dict[str, Series] = {}
    for column_name, column in columns.items():
        if column_name not in hidden:
            one = _series(column_name, column, rows, patterns)
            if len(one):
                series[column_name] = one
    return Run(name=name, series=series, sources=(source,), settings=tuple(settings), notes=tuple(notes))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The axes of a set of rows; empty arrays where an axis was not logged."""

    steps: Floats
    epochs: Floats
    wall_times: Floats
    records: NDArray[np.int64]
    has_steps: bool

    def only(self, mask: NDArray[np.bool_]) -> _Rows:
        return _Rows(
            steps=self.steps[mask],
            epochs=self.epochs[mask] if len(self.epochs) else self.epochs,
            wall_times=self.wall_times[mask] if len(self.wall_times) else self.wall_times,
            records=self.records[mask],
            has_steps=self.has_steps,
        )


def _series(name: str, column: Column, rows: _Rows, patterns: dict[int, tuple[NDArray[np.bool_], _Rows]]) -> Series:
    """Columns that are present on the same rows share the arrays of their axes."""
    values = column.packed()
    if column.present is not None and not bool(column.present.all()):
        rows = _shared(column.present, rows, patterns)
    return Series(
        name=name,
        values=values,
        steps=rows.steps,
        epochs=rows.epochs,
        wall_times=rows.wall_times,
        records=rows.records,
        has_steps=rows.has_steps,
    )


def _shared(mask: NDArray[np.bool_], rows: _Rows, patterns: dict[int, tuple[NDArray[np.bool_], _Rows]]) -> _Rows:
    key = hash(np.packbits(mask).tobytes())
    known = patterns.get(key)
    if known is not None and np.array_equal(known[0], mask):
        return known[1]
    selected = rows.only(mask)
    patterns[key] = (mask, selected)
    return selected


def _steps(axis: Axis, columns: Mapping[str, Column], epoch_length: float | None) -> Floats | None:
    """Return the step of each row, or None where nothing counts."""
    if axis.inner is not None and axis.epoch is not None:
        return global_step(columns[axis.inner], columns[axis.epoch], epoch_length)
    name = axis.step if axis.step is not None else axis.epoch
    return None if name is None else carried(columns[name])


def _logged(columns: Mapping[str, Column], name: str | None, convert: Callable[[Floats], Floats] = floats) -> Floats:
    if name is None:
        return np.zeros(0)
    return floats(convert(columns[name].full()))


def _seconds(times: Floats) -> Floats:
    """Return clock readings in seconds: milli-, micro- and nanoseconds since 1970 are told by their size."""
    finite = times[np.isfinite(times)]
    largest = float(finite.max()) if len(finite) else 0.0
    for limit, unit in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
        if largest > limit:
            return times / unit
    return times
