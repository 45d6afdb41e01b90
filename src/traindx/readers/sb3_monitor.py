"""The ``monitor.csv`` of Stable-Baselines3 and Gym: a line of JSON, then reward, length and time of each episode."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from traindx.readers.axis import Column
from traindx.readers.contract import Reader
from traindx.readers.csv_table import sniff_log, source_of
from traindx.readers.frame import run_from_columns
from traindx.readers.logfile import LogFile
from traindx.readers.tables import Table, as_utf8, header_names, read_table, table_source
from traindx.run import Run, Setting

_FORMAT = "sb3-monitor"
_REQUIRED = frozenset({"r", "l", "t"})


def _recognises(log: LogFile) -> bool:
    return log.head.lstrip().startswith(b"#{") and set(header_names(log.head)) >= _REQUIRED


def _read(log: LogFile) -> list[Run]:
    """The steps are those of the environment: the lengths of all episodes so far, summed."""
    log = as_utf8(log)
    dialect = sniff_log(log)
    settings = tuple(_settings(log))
    name = log.name.removesuffix(".csv")
    source = source_of(log, _FORMAT)
    if dialect is None or not set(dialect.names) >= _REQUIRED:
        return [Run(name=name, series={}, sources=(source,), settings=settings)]
    table = read_table(log, dialect)
    columns = _with_axes(table, settings)
    return [run_from_columns(name, table_source(table, source), columns, table.records,
                             settings=settings, notes=table.notes)]  # fmt: skip


def _with_axes(table: Table, settings: tuple[Setting, ...]) -> dict[str, Column]:
    columns = dict(table.columns)
    start = next((float(s.value) for s in settings if s.name == "t_start" and isinstance(s.value, float)), 0.0)
    if "l" in columns:
        lengths = columns["l"].full()
        columns["step"] = Column(np.cumsum(np.where(np.isfinite(lengths), lengths, 0.0)))
    if "t" in columns:
        clock = columns.pop("t")
        columns["wall_time"] = Column(start + clock.packed(), clock.present)
    return columns


def _settings(log: LogFile) -> Iterator[Setting]:
    """What the first line tells of the environment."""
    line = log.head.lstrip().split(b"\n", 1)[0].removeprefix(b"#")
    try:
        found = msgspec.json.decode(line, type=dict[str, str | int | float | bool | None])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return
    for name, value in found.items():
        yield Setting(name, value, f"{log.path}:1")


READER = Reader(name=_FORMAT, recognises=_recognises, read=_read)
