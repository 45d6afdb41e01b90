"""MLflow's SQLite store: all runs of a tracking server in one database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import final

import numpy as np

from traindx.readers.contract import Reader
from traindx.readers.json_long import axis_series
from traindx.readers.logfile import LogFile
from traindx.readers.sqlite_database import DAMAGE, cause, is_database, opened, tables
from traindx.run import Floats, Run, Series, Setting, Skip, Source

FORMAT = "mlflow-sqlite"
COLUMNS = frozenset({"key", "value", "timestamp", "run_uuid", "step", "is_nan"})
_MARKS = (b"latest_metrics", b"CREATE TABLE runs", b"run_uuid", b"experiment_tags")
# MLflow stores an infinity as the largest double, and NaN as 0.0 with a flag beside it.
_LARGEST = np.finfo(np.float64).max
_MAX_TEXT = 500
_CELLS = 5

# One run needs no look-up per point. The plus keeps SQLite on the index that holds all columns.
_FROM_ONE = (
    "0 + (m.is_nan IS NOT 0)",
    "FROM metrics m WHERE m.key = ? AND +m.run_uuid = (SELECT run_uuid FROM temp.wanted)",
)
_FROM_MANY = (
    "w.id * 2 + (m.is_nan IS NOT 0)",
    "FROM metrics m CROSS JOIN temp.wanted w ON w.run_uuid = m.run_uuid WHERE m.key = ?",
)
_GOOD = "typeof(m.value) IN ('real', 'integer') AND m.timestamp NOT NULL AND m.step NOT NULL"


@final
@dataclass(slots=True)
class _Stored:
    """One run of the store."""

    uuid: str
    name: str
    settings: list[Setting] = field(default_factory=list)
    series: dict[str, Series] = field(default_factory=dict)
    rows: int = 0


def _recognises(log: LogFile) -> bool:
    return is_database(log) and sum(mark in log.head for mark in _MARKS) >= 2


def _read(log: LogFile) -> list[Run]:
    with opened(log) as connection:
        return runs_of(connection, log, tables(connection))


def runs_of(connection: sqlite3.Connection, log: LogFile, known: dict[str, frozenset[str]]) -> list[Run]:
    """Return the runs that were not deleted, in the order in which they were made.

    ``known`` are the tables of the database. A database that is damaged further on gives what stands before.
    """
    runs, deleted = _runs(connection, known, log.path)
    _settings(connection, known, runs, log.path)
    skips: list[Skip] = []
    damage = ""
    try:
        for key, table in _points(connection, [run.uuid for run in runs], skips):
            _share(key, table, runs)
    except DAMAGE as error:
        if not any(run.rows for run in runs):
            raise
        damage = f"the database is damaged: {cause(error)}"
    notes = (f"{log.path}: deleted runs left out: {deleted}",) if deleted else ()
    found = runs or [_Stored("", log.name)]
    return [_finished(run, log, tuple(skips), damage, notes) for run in found]


def _runs(connection: sqlite3.Connection, known: dict[str, frozenset[str]], path: str) -> tuple[list[_Stored], int]:
    columns = known.get("runs", frozenset())
    if "run_uuid" not in columns:
        found = connection.execute("SELECT DISTINCT run_uuid FROM metrics")
        return [_Stored(str(uuid), str(uuid)) for (uuid,) in found], 0
    wanted = [name if name in columns else "NULL" for name in ("name", "status", "lifecycle_stage")]
    rows = connection.execute(f"SELECT run_uuid, {', '.join(wanted)} FROM runs ORDER BY rowid").fetchall()  # noqa: S608 - our own names
    kept = [row for row in rows if row[3] != "deleted"]
    runs = [_Stored(str(uuid), str(name or uuid)) for uuid, name, *_ in kept]
    for run, (_, _, status, _) in zip(runs, kept, strict=True):
        if isinstance(status, str):
            run.settings.append(Setting("mlflow.status", status, f"{path}:runs"))
    return runs, len(rows) - len(kept)


def _settings(
    connection: sqlite3.Connection,
    known: dict[str, frozenset[str]],
    runs: list[_Stored],
    path: str,
) -> None:
    """Add parameters and tags; a tag may also carry the run's name, in databases of old versions."""
    by_uuid = {run.uuid: run for run in runs}
    for table, prefix in (("params", ""), ("tags", "tags.")):
        if not {"key", "value", "run_uuid"} <= known.get(table, frozenset()):
            continue
        for key, value, uuid, row in connection.execute(f"SELECT key, value, run_uuid, rowid FROM {table}"):  # noqa: S608 - our own names
            run = by_uuid.get(str(uuid))
            if run is None or not isinstance(value, (str, int, float)) or len(str(value)) > _MAX_TEXT:
                continue
            if key == "mlflow.runName" and run.name == run.uuid:
                run.name = str(value)
            run.settings.append(Setting(f"{prefix}{key}", value, f"{path}:{table}:{row}"))


def _points(connection: sqlite3.Connection, uuids: Sequence[str], skips: list[Skip]) -> Iterator[tuple[str, Floats]]:
    """Yield the points of each metric over all runs: run and NaN flag, value, milliseconds, step, row."""
    connection.execute("CREATE TEMP TABLE wanted (run_uuid TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID")
    connection.executemany(
        "INSERT OR IGNORE INTO temp.wanted VALUES (?, ?)",
        ((u, i) for i, u in enumerate(uuids)),
    )
    for key in _keys(connection):
        yield (
            key,
            _numbers(connection, key, _FROM_ONE if len(uuids) == 1 else _FROM_MANY, skips),
        )


def _keys(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the names of all metrics by jumps in the index: a scan would read every point once more."""
    (key,) = connection.execute("SELECT min(key) FROM metrics").fetchone()
    while key is not None:
        yield str(key)
        (key,) = connection.execute("SELECT min(key) FROM metrics WHERE key > ?", (key,)).fetchone()


def _numbers(connection: sqlite3.Connection, key: str, query: tuple[str, str], skips: list[Skip]) -> Floats:
    owner, source = query
    try:
        flat = _flat(
            connection,
            f"SELECT {owner}, m.value, m.timestamp, m.step, m.rowid {source}",
            key,
        )
    except (TypeError, ValueError):
        count, first = connection.execute(
            f"SELECT count(*), min(m.rowid) {source} AND NOT ({_GOOD})", (key,)
        ).fetchone()
        skips.append(Skip(f"no number in {key!r}", int(count), int(first or 0)))
        columns = "m.value, CAST(m.timestamp AS REAL), CAST(m.step AS REAL), m.rowid"
        flat = _flat(connection, f"SELECT {owner}, {columns} {source} AND {_GOOD}", key)
    table = flat.reshape(-1, _CELLS)
    rows = table[:, 4]
    return table if bool((rows[1:] > rows[:-1]).all()) else table[np.argsort(rows, kind="stable")]


def _flat(connection: sqlite3.Connection, query: str, key: str) -> Floats:
    return np.fromiter(chain.from_iterable(connection.execute(query, (key,))), dtype=np.float64)


def _share(key: str, table: Floats, runs: Sequence[_Stored]) -> None:
    """Give each run its points of one metric."""
    owners = table[:, 0].astype(np.int64) >> 1
    for owner in map(int, np.unique(owners)):
        part = table if bool((owners == owner).all()) else table[owners == owner]
        run = runs[owner]
        run.series[key] = _series(key, part)
        run.rows += len(part)


def _series(key: str, part: Floats) -> Series:
    """MLflow puts step 0 where none was given: several points that all stand there have no step."""
    values = part[:, 1].copy()
    values[values >= _LARGEST] = np.inf
    values[values <= -_LARGEST] = -np.inf
    values[part[:, 0] % 2 == 1] = np.nan
    steps = part[:, 3].copy()
    if len(steps) > 1 and not steps.any():
        steps[:] = np.nan
    return axis_series(key, values, part[:, 4].astype(np.int64), steps=steps, times=part[:, 2].copy())


def _finished(stored: _Stored, log: LogFile, skips: tuple[Skip, ...], damage: str, notes: tuple[str, ...]) -> Run:
    """Return the run, its metrics in the order in which they were first logged."""
    return Run(
        name=stored.name,
        series=dict(sorted(stored.series.items(), key=lambda item: int(item[1].records[0]))),
        sources=(
            Source(
                path=log.path,
                format=FORMAT,
                unit="row",
                rows=stored.rows,
                skipped=skips,
                incomplete=damage or log.truncated,
            ),
        ),
        settings=tuple(stored.settings),
        notes=notes,
    )


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
