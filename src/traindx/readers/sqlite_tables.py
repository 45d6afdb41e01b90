"""Any SQLite file: which tracker wrote it is told by its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from traindx.errors import UnreadableLogError
from traindx.readers import mlflow_sqlite, trackio_sqlite
from traindx.readers.contract import Reader
from traindx.readers.logfile import LogFile
from traindx.readers.sqlite_database import is_database, opened, tables
from traindx.run import Run

Tables = dict[str, frozenset[str]]
_STORES: tuple[
    tuple[frozenset[str], Callable[[sqlite3.Connection, LogFile, Tables], list[Run]]],
    ...,
] = (
    (mlflow_sqlite.COLUMNS, mlflow_sqlite.runs_of),
    (trackio_sqlite.COLUMNS, trackio_sqlite.runs_of),
)
_SHOWN = 8


def _read(log: LogFile) -> list[Run]:
    with opened(log) as connection:
        known = tables(connection)
        for columns, read in _STORES:
            if columns <= known.get("metrics", frozenset()):
                return read(connection, log, known)
    names = ", ".join(sorted(known)[:_SHOWN]) or "none"
    raise UnreadableLogError(
        f"an SQLite database without training metrics (its tables: {names})",
        where=log.path,
        hint="the stores of MLflow and Trackio can be read; export others as CSV or JSON lines",
    )


READER = Reader(name="sqlite", recognises=is_database, read=_read)
