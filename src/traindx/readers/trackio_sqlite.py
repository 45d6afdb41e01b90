"""Trackio's SQLite store: one row per logged step, its metrics as a JSON object."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping

import numpy as np

from traindx.readers.contract import Reader
from traindx.readers.json_rows import Reading, RowStore
from traindx.readers.json_tolerant import NotJsonError, decode
from traindx.readers.json_values import is_object, seconds, settings_of
from traindx.readers.logfile import LogFile
from traindx.readers.sqlite_database import DAMAGE, cause, is_database, opened, tables
from traindx.run import Run, Setting, Skip

FORMAT = "trackio-sqlite"
COLUMNS = frozenset({"run_name", "metrics"})
_BATCH_ROWS = 2000
_MAX_ALERTS = 100


def _recognises(log: LogFile) -> bool:
    head = log.head
    return is_database(log) and b"run_name" in head and b"system_metrics" in head


def _read(log: LogFile) -> list[Run]:
    with opened(log) as connection:
        return runs_of(connection, log, tables(connection))


def runs_of(connection: sqlite3.Connection, log: LogFile, known: dict[str, frozenset[str]]) -> list[Run]:
    """Return one run per run name, in order of appearance. ``known`` are the tables of the database.

    NaN and infinities stand as text in the JSON. The clock is that of a batch written at once, so that many steps
    share it.
    """
    stores: dict[str, RowStore] = {}
    skips: dict[str, Skip] = {}
    damage = ""
    try:
        _collect(connection, known["metrics"], stores, skips)
    except DAMAGE as error:
        if not stores:
            raise
        damage = f"the database is damaged: {cause(error)}"
    return [
        store.run(
            Reading(
                name=name,
                path=log.path,
                format=FORMAT,
                unit="row",
                skipped=(skips[name],) if name in skips else (),
                incomplete=damage or log.truncated,
                settings=_settings(connection, known, name, log.path) if not damage else (),
                notes=_alerts(connection, known, name, log.path) if not damage else (),
            )
        )
        for name, store in stores.items()
    ]


def _collect(
    connection: sqlite3.Connection,
    columns: frozenset[str],
    stores: dict[str, RowStore],
    skips: dict[str, Skip],
) -> None:
    step, time = (name if name in columns else "NULL" for name in ("step", "timestamp"))
    # Only names of this file are put into queries; values are bound.
    cursor = connection.execute(f"SELECT run_name, {step}, {time}, metrics, rowid FROM metrics ORDER BY rowid")  # noqa: S608
    while batch := cursor.fetchmany(_BATCH_ROWS):
        rows: dict[str, tuple[list[Mapping[str, object]], list[int]]] = {}
        for name, step_value, time_value, blob, record in batch:
            row = _row(blob, step_value, time_value)
            if row is None:
                known = skips.get(str(name))
                skips[str(name)] = Skip(
                    "not valid JSON",
                    (known.count if known else 0) + 1,
                    known.first if known else record,
                )
                continue
            found = rows.setdefault(str(name), ([], []))
            found[0].append(row)
            found[1].append(record)
        for name, (found_rows, records) in rows.items():
            stores.setdefault(name, RowStore()).add(found_rows, np.array(records, dtype=np.int64))


def _row(blob: object, step: object, time: object) -> Mapping[str, object] | None:
    """Return one row of metrics with its axes, which come first so that a metric of their name keeps its own value."""
    raw = blob if isinstance(blob, bytes) else str(blob).encode("utf-8", "replace")
    try:
        metrics = decode(raw)
    except NotJsonError:
        return None
    if not is_object(metrics):
        return None
    axes: dict[str, object] = {"_step": step} if isinstance(step, (int, float)) else {}
    moment = seconds(time)
    if math.isfinite(moment):
        axes["_timestamp"] = moment
    return {**axes, **metrics}


def _settings(
    connection: sqlite3.Connection,
    known: dict[str, frozenset[str]],
    name: str,
    path: str,
) -> tuple[Setting, ...]:
    if not {"run_name", "config"} <= known.get("configs", frozenset()):
        return ()
    rows = connection.execute("SELECT config, rowid FROM configs WHERE run_name = ?", (name,)).fetchmany(10)
    settings: dict[str, Setting] = {}
    for blob, record in rows:
        config = _row(blob, None, None) or {}
        settings.update((one.name, one) for one in settings_of(config, f"{path}:configs:{record}"))
    return tuple(settings.values())


def _alerts(
    connection: sqlite3.Connection,
    known: dict[str, frozenset[str]],
    name: str,
    path: str,
) -> tuple[str, ...]:
    columns = known.get("alerts", frozenset())
    if not {"run_name", "title"} <= columns:
        return ()
    shown = [column if column in columns else "''" for column in ("level", "title", "text", "step")]
    query = f"SELECT rowid, {', '.join(shown)} FROM alerts WHERE run_name = ? ORDER BY rowid"  # noqa: S608
    return tuple(
        f"{path}:alerts:{record}: alert at step {step}: {_line(level, title, text)}"
        for record, level, title, text, step in connection.execute(query, (name,)).fetchmany(_MAX_ALERTS)
    )


def _line(level: object, title: object, text: object) -> str:
    words = " ".join(str(part) for part in (level, title, text) if part)
    return " ".join(words.split())[:300]


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
