"""The sparse table of a W&B history to series: rows are history records, columns are metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.readers.axis import Axis, Column, counters, find_axis
from traindx.readers.byteview import Ints
from traindx.readers.wandb_history import Cells, Rows
from traindx.run import Floats, Series, floats

_COVERAGE = 0.5  # a column on fewer rows than this is no axis


@final
@dataclass(frozen=True, slots=True)
class History:
    """All numbers of a history.

    ``records`` are the 1-based record numbers of its rows, ``steps`` their steps (NaN where a row has none),
    ``step_metrics`` the columns that the program declared to be its axis,
    ``media`` the names whose parts are no metrics.
    """

    names: Sequence[str]
    cells: list[Cells]
    records: Ints
    steps: Floats
    step_metrics: frozenset[str] = frozenset()
    media: frozenset[str] = frozenset()

    def series(self) -> dict[str, Series]:
        """Return one series per metric, in order of first appearance, and forget the cells."""
        columns = {
            name: column
            for name, column in _sorted_columns(self.names, self.cells).items()
            if not self._is_part_of_media(name)
        }
        axis_columns = {
            name: _dense(rows, values, len(self.records))
            for name, (rows, values) in columns.items()
            if len(rows) > _COVERAGE * len(self.records)
        }
        axis_columns["_step"] = self._step_column(axis_columns.get("_step"))
        axis = self._axis(axis_columns)
        hidden = counters(axis, [*columns, "_step"])
        axes = _axes(axis, axis_columns, self.records)
        return {
            name: _series(name, rows, values, axes, has_steps=axis.step is not None)
            for name, (rows, values) in columns.items()
            if name not in hidden
        }

    def _is_part_of_media(self, name: str) -> bool:
        return bool(self.media) and any(name[:at] in self.media for at, letter in enumerate(name) if letter == "/")

    def _step_column(self, logged: Column | None) -> Column:
        """The step of each row is an item of its own, or stands beside the items."""
        steps = self.steps
        if logged is not None:
            present = logged.present if logged.present is not None else np.ones(len(steps), dtype=np.bool_)
            steps = np.where(present, logged.values, steps)
        return Column(steps, ~np.isnan(steps))

    def _axis(self, columns: Mapping[str, Column]) -> Axis:
        found = find_axis(columns, columns)
        declared = [name for name in self.step_metrics if name in columns]
        step = declared[0] if len(declared) == 1 else found.step
        if step is None and bool(np.isfinite(self.steps).any()):
            step = "_step"
        return Axis(step=step, epoch=found.epoch, time=found.time)


def _sorted_columns(names: Sequence[str], cells: list[Cells]) -> dict[str, tuple[Rows, Floats]]:
    """Return rows and values of each name, by row; of several values in one row the last one counts."""
    unique = list(dict.fromkeys(names))  # two spellings of one name are one
    places = {name: place for place, name in enumerate(unique)}
    numbers = np.array([places[name] for name in names], dtype=np.int32)
    which = np.concatenate([np.zeros(0, dtype=np.int32), *(numbers[part.names] for part in cells)])
    ends = np.cumsum(np.bincount(which, minlength=len(unique))).tolist()
    rows = np.concatenate([np.zeros(0, dtype=np.int32), *(part.rows for part in cells)])
    values = np.concatenate([np.zeros(0), *(part.values for part in cells)])
    cells.clear()  # they are as large as the columns
    # Sixteen bits are sorted by radix, in linear time.
    order = np.argsort(which.astype(np.uint16) if len(unique) <= 1 << 16 else which, kind="stable")
    del which
    rows, values = rows[order], values[order]
    del order
    columns: dict[str, tuple[Rows, Floats]] = {}
    for name, low, high in zip(unique, [0, *ends], ends, strict=False):
        if high > low:
            columns[name] = _by_row(rows[low:high], values[low:high])
    return dict(sorted(columns.items(), key=lambda column: int(column[1][0][0])))


def _by_row(rows: Rows, values: Floats) -> tuple[Rows, Floats]:
    """Sort one column by row, in place; of several values in one row keep the last one."""
    if not bool((rows[1:] >= rows[:-1]).all()):
        order = np.argsort(rows, kind="stable")
        rows[:], values[:] = rows[order], values[order]
    last = np.append(rows[1:] > rows[:-1], True)
    return (rows, values) if bool(last.all()) else (rows[last], values[last])


def _dense(rows: Rows, values: Floats, size: int) -> Column:
    if len(rows) == size:
        return Column(values)
    filled, present = np.zeros(size), np.zeros(size, dtype=np.bool_)
    filled[rows], present[rows] = values, True
    return Column(filled, present)


def _axes(axis: Axis, columns: Mapping[str, Column], records: Ints) -> tuple[Floats, Floats, Floats, Ints]:
    """Return steps, epochs, wall times and records of all rows; empty arrays where an axis was not logged."""
    empty = np.zeros(0)
    steps = np.arange(len(records), dtype=np.float64) if axis.step is None else _carried(columns[axis.step])
    epochs = empty if axis.epoch is None else _with_gaps(columns[axis.epoch])
    times = empty if axis.time is None else _with_gaps(columns[axis.time])
    return floats(steps), floats(epochs), floats(times), records


def _with_gaps(column: Column) -> Floats:
    return column.values if column.present is None else np.where(column.present, column.values, np.nan)


def _carried(column: Column) -> Floats:
    """Return a counter whose gaps hold the last value before them (at the start, the first value)."""
    known = np.isfinite(_with_gaps(column))
    last = np.maximum.accumulate(np.where(known, np.arange(len(known)), int(known.argmax())))
    return column.values[last]


def _series(
    name: str, rows: Rows, values: Floats, axes: tuple[Floats, Floats, Floats, Ints], *, has_steps: bool
) -> Series:
    """Series on all rows share the arrays of their axes."""
    steps, epochs, times, records = axes
    if len(rows) < len(records):
        steps, records = steps[rows], records[rows]
        epochs, times = (axis[rows] if len(axis) else axis for axis in (epochs, times))
    return Series(
        name=name,
        values=values,
        steps=steps,
        epochs=epochs,
        wall_times=times,
        records=records,
        has_steps=has_steps,
    )
