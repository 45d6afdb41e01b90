"""Megatron's golden values: metrics of a reference run at regular steps, for its functional tests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from traindx.errors import UnreadableLogError
from traindx.readers.contract import Reader
from traindx.readers.json_blocks import has_json_start
from traindx.readers.json_documents import load, reading, top_settings
from traindx.readers.json_long import axis_series
from traindx.readers.json_values import as_list, as_object, is_object, number
from traindx.readers.logfile import LogFile
from traindx.run import Run, Series, Source

FORMAT = "megatron-golden-values"
_AXIS = ("start_step", "end_step", "step_interval")


def _recognises(log: LogFile) -> bool:
    head = log.head
    return has_json_start(head) and b'"start_step"' in head and b'"step_interval"' in head and b'"values"' in head


def _read(log: LogFile) -> list[Run]:
    """Read one series per metric.

    The text ``"nan"`` stands where no value was recorded, so that such a step is absent; a bare NaN is a value.
    """
    found = load(log)
    node = as_object(found.values[0])
    metrics = {name: one for name, one in node.items() if is_object(one)}
    series: dict[str, Series] = {}
    notes: list[str] = []
    for name, one in metrics.items():
        found_series, missing = _metric(name, one)
        if len(found_series):
            series[name] = found_series
        if missing:
            notes.append(f"{log.path}: {missing} steps of {name!r} were not recorded")
    if not metrics:
        raise UnreadableLogError(
            "no metric with a list of values",
            where=log.path,
            hint="is the file complete?",
        )
    about = reading(log, FORMAT, found.incomplete)
    source = Source(
        path=log.path,
        format=FORMAT,
        unit="record",
        rows=sum(map(len, series.values())),
        incomplete=about.incomplete,
    )
    axes = {name: {key: one[key] for key in _AXIS if key in one} for name, one in metrics.items()}
    settings = tuple(top_settings(log, axes))
    return [
        Run(
            name=log.name,
            series=series,
            sources=(source,),
            settings=settings,
            notes=tuple(notes),
        )
    ]


def _metric(name: str, one: Mapping[str, object]) -> tuple[Series, int]:
    """Return the series of one metric, and how many of its steps hold no value."""
    values = one.get("values")
    if is_object(values):
        steps, cells = [number(key) for key in values], list(values.values())
    else:
        cells = list(as_list(values))
        first, interval = (
            number(one.get("start_step")) or 0.0,
            number(one.get("step_interval")) or 1.0,
        )
        steps = [first + index * interval for index in range(len(cells))]
    kept = [
        (index, step, value)
        for index, (step, cell) in enumerate(zip(steps, cells, strict=True), 1)
        if step is not None and _recorded(cell) and (value := number(cell)) is not None
    ]
    columns = np.array(kept, dtype=np.float64).reshape(-1, 3).T
    records = columns[0].astype(np.int64)
    times = np.full(len(kept), np.nan)
    return axis_series(name, columns[2].copy(), records, steps=columns[1].copy(), times=times), len(cells) - len(kept)


def _recorded(cell: object) -> bool:
    return not (isinstance(cell, str) and cell.strip().lower() == "nan")


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
