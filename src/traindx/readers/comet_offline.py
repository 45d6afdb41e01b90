"""Comet's offline messages.json: JSON lines of messages, of which some carry one metric each."""

from __future__ import annotations

from traindx.readers.contract import Reader
from traindx.readers.json_blocks import Lines, Row, first_rows, row_blocks
from traindx.readers.json_documents import reading
from traindx.readers.json_long import LongStore
from traindx.readers.json_values import as_object, is_object, settings_of
from traindx.readers.logfile import LogFile
from traindx.run import Run, Setting

FORMAT = "comet-offline"


def _recognises(log: LogFile) -> bool:
    rows = first_rows(log)
    return bool(rows) and all(isinstance(row.get("type"), str) and "payload" in row for row in rows)


def _read(log: LogFile) -> list[Run]:
    """Read the metric messages; parameter messages become settings, others say nothing in numbers."""
    lines, store = Lines(log.path), LongStore()
    settings: list[Setting] = []
    for rows, records in row_blocks(log, lines):
        for row, record in zip(rows, records.tolist(), strict=True):
            _message(row, record, store, settings, log.path)
    about = reading(log, FORMAT, lines.incomplete, tuple(settings), unit="line")
    return [store.run(about, tuple(lines.skips.values()))]


def _message(row: Row, record: int, store: LongStore, settings: list[Setting], path: str) -> None:
    inner = as_object(row.get("payload"))
    metric, parameter = inner.get("metric"), inner.get("param")
    if is_object(metric):
        _metric(metric, inner, record, store)
    elif is_object(parameter):
        name = parameter.get("paramName")
        if isinstance(name, str):
            settings.extend(settings_of(parameter.get("paramValue"), f"{path}:{record}", name))


def _metric(metric: Row, payload: Row, record: int, store: LongStore) -> None:
    name, context = metric.get("metricName"), payload.get("context")
    if isinstance(name, str):
        store.point(
            f"{context}/{name}" if isinstance(context, str) and context else name,
            metric.get("metricValue"),
            record,
            step=metric.get("step"),
            epoch=metric.get("epoch"),
            time=payload.get("local_timestamp", metric.get("timestamp")),
        )


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
