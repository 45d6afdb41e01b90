"""MLflow's file store: one small text file per metric, ``timestamp_ms value step`` per line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UnreadableLogError
from traindx.readers.contract import Reader
from traindx.readers.logfile import LogFile
from traindx.run import Floats, Run, Series, Skip, Source

FORMAT: Final = "mlflow-files"
_LINE: Final = re.compile(rb"\d{10,16} [-+\w.]{1,40}(?: \d{1,18})?\r?\Z")
_NUMBER: Final = re.compile(
    r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|inf(?:inity)?)\Z", re.IGNORECASE
)


def looks_like_metric(head: bytes) -> bool:
    """Whether a file's first lines are those of a metric in MLflow's file store."""
    lines = head[:4096].split(b"\n", 4)
    return bool(lines[0]) and all(_LINE.match(line) for line in lines[:3] if line)


def read_metric_files(name: str, files: Iterable[tuple[str, LogFile]]) -> Run:
    """Return the run whose metrics are ``(metric name, file)`` pairs."""
    series: dict[str, Series] = {}
    sources: list[Source] = []
    for metric, log in files:
        one, source = _read_metric(metric, log, len(sources))
        sources.append(source)
        if len(one):
            series[metric] = one
    return Run(name=name, series=series, sources=tuple(sources))


def _read_metric(metric: str, log: LogFile, index: int) -> tuple[Series, Source]:
    table, records, skips = _table(bytes(log.data))
    torn = [log.truncated] if log.truncated else []
    if len(log.data) and bytes(log.data[-1:]) != b"\n":
        torn.append("the last line has no end and may be cut off")
    source = Source(
        path=log.path, format=FORMAT, rows=len(records), skipped=skips, incomplete="; ".join(torn), encoding="utf-8"
    )
    one = Series(
        name=metric,
        values=table[:, 1],
        steps=table[:, 2],
        wall_times=table[:, 0] / 1000.0,
        records=records,
        files=np.broadcast_to(np.int32(index), (len(records),)),
    )
    return one, source


def _table(data: bytes) -> tuple[Floats, NDArray[np.int64], tuple[Skip, ...]]:
    """Return rows of (milliseconds, value, step), their line numbers, and what was left out."""
    lines = data.count(b"\n")
    if lines and data.endswith(b"\n"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                flat = np.fromstring(data, dtype=np.float64, sep=" ")
            except (ValueError, DeprecationWarning):
                flat = np.zeros(0)
        if len(flat) == 3 * lines and data.count(b" ") == 2 * lines:
            return flat.reshape(-1, 3), np.arange(1, lines + 1), ()
    return _table_by_line(data)


def _table_by_line(data: bytes) -> tuple[Floats, NDArray[np.int64], tuple[Skip, ...]]:
    rows: list[tuple[float, float, float]] = []
    records: list[int] = []
    bad: list[int] = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        parts = line.split()
        if 2 <= len(parts) <= 3 and all(_NUMBER.match(part) for part in parts):
            step = float(parts[2]) if len(parts) == 3 else float(len(rows))  # stores before 1.0 had no step
            rows.append((float(parts[0]), float(parts[1]), step))
            records.append(number)
        elif parts:
            bad.append(number)
    skips = (Skip("not `timestamp value step`", len(bad), bad[0]),) if bad else ()
    return np.array(rows, dtype=np.float64).reshape(-1, 3), np.array(records, dtype=np.int64), skips


def _recognises(log: LogFile) -> bool:
    return looks_like_metric(log.head)


def _read(log: LogFile) -> list[Run]:
    parts = PurePath(log.path).parts
    below = parts[len(parts) - 1 - parts[::-1].index("metrics") :] if "metrics" in parts else ()
    metric = "/".join(below[1:]) or log.name
    run = read_metric_files(log.name, [(metric, log)])
    if not run.series:
        hint = "expected lines of `timestamp_ms value step`, as MLflow's file store writes them"
        raise UnreadableLogError("no line of this metric file could be read", where=log.path, hint=hint)
    return [run]


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
