"""Long tables: one row per number, with the name of the metric in a column of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np

from traindx.readers.frame import split_name
from traindx.readers.json_layout import Rows
from traindx.readers.json_rows import SPLIT_KEYS, Reading
from traindx.readers.json_values import number, seconds
from traindx.run import Floats, Run, Series, Skip, Source

NAME_KEYS = ("metric_name", "metric", "name", "tag", "key")
VALUE_KEYS = ("value", "metric_value", "val")
STEP_KEYS = ("step", "global_step", "_step", "iter", "iteration", "x")
EPOCH_KEYS = ("epoch",)
TIME_KEYS = ("timestamp", "wall_time", "time", "datetime", "created_at")


def is_long(rows: Sequence[Mapping[str, object]]) -> bool:
    """Whether every row names one metric and gives one value."""
    return bool(rows) and all(
        isinstance(_first(row, NAME_KEYS), str) and number(_first(row, VALUE_KEYS)) is not None for row in rows
    )


def _first(row: Mapping[str, object], keys: Sequence[str]) -> object:
    return next((row[key] for key in keys if key in row), None)


@final
@dataclass(slots=True)
class _Points:
    values: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    epochs: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    records: list[int] = field(default_factory=list)


@final
class LongStore:
    """Collects single numbers in file order and gives them back as one run."""

    def __init__(self) -> None:
        self._points: dict[str, _Points] = {}
        self._rows = 0
        self._ignored = 0
        self._skip = Skip("no number in the value", 0)

    def add(self, rows: Sequence[Mapping[str, object]], records: Rows) -> None:
        """Add rows that name their metric, from the 1-based ``records`` of the file."""
        for row, record in zip(rows, records.tolist(), strict=True):
            name = _first(row, NAME_KEYS)
            if not isinstance(name, str):
                self._ignored += 1
                continue
            split = next(
                (word for key in SPLIT_KEYS if isinstance(word := row.get(key), str)),
                "",
            )
            self.point(
                split_name(name, split) if split else name,
                _first(row, VALUE_KEYS),
                record,
                step=_first(row, STEP_KEYS),
                epoch=_first(row, EPOCH_KEYS),
                time=_first(row, TIME_KEYS),
            )

    def point(
        self,
        name: str,
        value: object,
        record: int,
        *,
        step: object = None,
        epoch: object = None,
        time: object = None,
    ) -> None:
        """Add one number; a value that is none is counted."""
        plain = number(value)
        if plain is None:
            if value is not None:
                self._skip = Skip(self._skip.reason, self._skip.count + 1, self._skip.first or record)
            return
        points = self._points.get(name)
        if points is None:
            points = self._points[name] = _Points()
        self._rows += 1
        points.values.append(plain)
        points.steps.append(_axis(step))
        points.epochs.append(_axis(epoch))
        points.times.append(seconds(time))
        points.records.append(record)

    def run(self, about: Reading, skipped: tuple[Skip, ...] = ()) -> Run:
        """Return the run that the points tell."""
        source = Source(
            path=about.path,
            format=about.format,
            unit=about.unit,
            rows=self._rows,
            skipped=about.skipped + skipped + ((self._skip,) if self._skip.count else ()),
            ignored=about.ignored + self._ignored,
            incomplete=about.incomplete,
            encoding=about.encoding,
        )
        series = {name: _series(name, points) for name, points in self._points.items()}
        return Run(
            name=about.name,
            series=series,
            sources=(source,),
            settings=about.settings,
            notes=about.notes,
        )


def _axis(value: object) -> float:
    plain = number(value)
    return float("nan") if plain is None else plain


def _series(name: str, points: _Points) -> Series:
    return axis_series(
        name,
        np.array(points.values),
        np.array(points.records, dtype=np.int64),
        steps=np.array(points.steps),
        epochs=np.array(points.epochs),
        times=np.array(points.times),
    )


def axis_series(
    name: str,
    values: Floats,
    records: Rows,
    *,
    steps: Floats,
    epochs: Floats | None = None,
    times: Floats,
) -> Series:
    """Return a series that has axes of its own: steps where each is known, else epochs, else positions.

    Times in milliseconds since 1970 become seconds.
    """
    epochs = np.full(len(values), np.nan) if epochs is None else epochs
    known = next(
        (axis for axis in (steps, epochs) if len(axis) and bool(np.isfinite(axis).all())),
        None,
    )
    clock = np.where(np.abs(times) > 1e11, times / 1000.0, times)
    return Series(
        name=name,
        values=values,
        steps=np.arange(len(values), dtype=np.float64) if known is None else known,
        epochs=epochs if bool(np.isfinite(epochs).any()) else np.zeros(0),
        wall_times=clock if bool(np.isfinite(clock).any()) else np.zeros(0),
        records=records,
        has_steps=known is not None,
    )
