"""Reading MLflow's SQLite store: CPU seconds per million points, beside sqlite3's own fetchall in the same run.

Run as ``python benchmarks/bench_sqlite.py [--grow]``. Ways are interleaved and medians are given; memory and growth are
those of a fresh process.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from measuring import Way, growth_table, interleaved, peak_table, touched
from traindx.readers import LogFile
from traindx.readers.sqlite_tables import READER

METRICS = 10
SCHEMA = """
CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), status VARCHAR(9),
    lifecycle_stage VARCHAR(20), experiment_id INTEGER);
CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
    run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL,
    CONSTRAINT metric_pk PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));
CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
"""


def write(path: Path, points: int, runs: int = 1) -> None:
    names = [f"{run:032x}" for run in range(runs)]
    rows = (
        (f"metric_{i}", random.random(), 1_700_000_000_000 + 100 * step + i, name, step, 0)
        for step in range(points // METRICS // runs)
        for name in names
        for i in range(METRICS)
    )
    with closing(sqlite3.connect(path)) as connection:
        _ = connection.executescript(SCHEMA)
        _ = connection.executemany("INSERT INTO runs VALUES (?, ?, 'RUNNING', 'active', 0)", ((n, n) for n in names))
        _ = connection.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.commit()


def write_one_run(path: Path, points: int) -> None:
    write(path, points)


def traindx(path: Path, data: memoryview) -> int:
    runs = READER.read(LogFile(path=str(path), data=data, local=str(path)))
    return sum(len(series) for run in runs for series in run.series.values())


def fetch_all(path: Path, data: memoryview) -> int:
    del data
    with closing(sqlite3.connect(path)) as connection:
        return len(connection.execute("SELECT key, value, timestamp, step, is_nan FROM metrics").fetchall())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    _ = parser.add_argument("--points", type=int, default=1_000_000)
    _ = parser.add_argument("--grow", action="store_true", help="also 10^4 to 10^7 points")
    options = parser.parse_args()
    random.seed(0)
    ways = [Way("limit: map and sum", touched, 3), Way("traindx", traindx, 3), Way("sqlite3 fetchall", fetch_all, 3)]
    with tempfile.TemporaryDirectory() as folder:
        for runs in (1, 20):
            path = Path(folder) / f"{runs}.db"
            write(path, options.points, runs)
            print(f"\n{runs} runs: {path.stat().st_size / 1e6:.0f} MB")
            interleaved(ways, path)
            peak_table(traindx, path, options.points)
            path.unlink()
        if options.grow:
            growth_table(traindx, Path(folder), write_one_run)


if __name__ == "__main__":
    main()
