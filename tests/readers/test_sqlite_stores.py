"""The databases of MLflow and Trackio, as those libraries write them, and as no one should."""

from __future__ import annotations

import math
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile
from traindx.readers.choice import read_log
from traindx.readers.sqlite_tables import READER as ANY_DATABASE
from traindx.run import Run

DATA = Path(__file__).parents[1] / "data"
MLFLOW = DATA / "mlflow_sqlite" / "mlflow.db"
TRACKIO = DATA / "trackio_sqlite" / "trackio.db"


def in_memory(path: Path) -> LogFile:
    return LogFile(path=path.name, data=path.read_bytes())


def on_disk(path: Path) -> LogFile:
    return LogFile(path=path.name, data=path.read_bytes(), local=str(path))


Opening = Callable[[Path], LogFile]
BOTH = pytest.mark.parametrize("opening", [in_memory, on_disk])


def made(tmp_path: Path, script: str) -> Path:
    path = tmp_path / "made.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


METRICS = (
    "CREATE TABLE metrics (key VARCHAR(250), value FLOAT, timestamp BIGINT, run_uuid VARCHAR(32), step BIGINT,"
    " is_nan BOOLEAN, PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));"
)


@BOTH
def test_mlflow_runs_come_by_name_without_the_deleted_one(opening: Opening) -> None:
    runs = read_log(opening(MLFLOW))
    assert [run.name for run in runs] == ["first", "second"]
    assert runs[0].sources[0].format == "mlflow-sqlite"
    assert runs[0].notes == ("mlflow.db: deleted runs left out: 1",)
    assert runs[0].series["train/loss"].values.tolist() == [2.0 / (1 + step) for step in range(20)]
    assert runs[1].series["train/loss"].values.tolist() == [3.0 / (1 + step) for step in range(20)]
    assert runs[0].series["train/loss"].wall_times[1] == 1_700_000_001


@BOTH
def test_mlflow_flags_and_limits_become_nan_and_infinities_and_nought_stays(opening: Opening) -> None:
    series = read_log(opening(MLFLOW))[0].series["grad_norm"]
    assert series.steps.tolist() == [5, 6, 7, 8]
    assert math.isnan(series.values[0])
    assert series.values[1:].tolist() == [math.inf, -math.inf, 0.0]


def test_mlflow_points_that_all_stand_at_step_nought_have_no_step() -> None:
    series = read_log(in_memory(MLFLOW))[0].series["score"]
    assert series.values.tolist() == [0.5, 0.75]
    assert not series.has_steps
    assert series.steps.tolist() == [0, 1]


def test_mlflow_parameters_and_tags_are_settings_with_their_rows() -> None:
    found = {setting.name: setting for setting in read_log(in_memory(MLFLOW))[0].settings}
    assert found["batch_size"].value == "32"
    assert found["tags.team"].value == "vision"
    assert found["mlflow.status"].value == "FINISHED"
    assert found["batch_size"].source.startswith("mlflow.db:params:")


@BOTH
def test_trackio_runs_come_by_name_with_their_settings_and_alerts(opening: Opening) -> None:
    first, second = read_log(opening(TRACKIO))
    assert (first.name, second.name) == ("first", "second")
    assert first.sources[0].format == "trackio-sqlite"
    assert first.series["loss"].values.tolist() == [2.0 / (1 + step) for step in range(12)]
    assert second.series["loss"].values.tolist() == [3.0 / (1 + step) for step in range(12)]
    assert first.series["val/acc"].epochs.tolist() == [step // 4 for step in range(12)]
    assert math.isnan(first.series["grad_norm"].values[0])
    assert first.series["grad_norm"].values[1] == math.inf
    assert first.series["grad_norm"].steps.tolist() == [5, 6]
    assert {setting.name: setting.value for setting in first.settings}["batch_size"] == 8
    assert "loss rose by a factor of two" in first.notes[0]


@BOTH
@pytest.mark.parametrize("path", [MLFLOW, TRACKIO])
def test_reading_changes_nothing_on_disk(tmp_path: Path, path: Path, opening: Opening) -> None:
    copy = tmp_path / path.name
    shutil.copy(path, copy)
    before = copy.read_bytes()
    read_log(opening(copy))
    assert copy.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_rows_that_only_the_write_ahead_log_holds_are_read(tmp_path: Path) -> None:
    path = made(tmp_path, "PRAGMA journal_mode=WAL;" + METRICS)
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO metrics VALUES ('loss', 1.5, 1, 'r', 3, 0)")
        writer.commit()
        (run,) = ANY_DATABASE.read(on_disk(path))
    assert run.series["loss"].values.tolist() == [1.5]


def test_a_value_that_is_text_is_counted_and_the_others_are_read(tmp_path: Path) -> None:
    rows = "INSERT INTO metrics VALUES ('loss', 1.0, 1, 'r', 0, 0), ('loss', 'oops', 2, 'r', 1, 0), ('loss', 3.0, 3, 'r', 2, 0);"
    (run,) = ANY_DATABASE.read(on_disk(made(tmp_path, METRICS + rows)))
    assert run.series["loss"].values.tolist() == [1.0, 3.0]
    (skip,) = run.sources[0].skipped
    assert (skip.count, skip.first) == (1, 2)


def test_points_come_in_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    rows = "INSERT INTO metrics VALUES ('loss', 1.0, 50, 'r', 5, 0), ('loss', 2.0, 20, 'r', 1, 0), ('acc', 3.0, 10, 'r', 2, 0);"
    (run,) = ANY_DATABASE.read(on_disk(made(tmp_path, METRICS + rows)))
    assert list(run.series) == ["loss", "acc"]
    assert run.series["loss"].steps.tolist() == [5, 1]
    assert run.series["loss"].records.tolist() == [1, 2]


def test_a_store_read_point_by_point_with_the_standard_library_agrees(tmp_path: Path) -> None:
    chance = random.Random(1)
    path = made(tmp_path, METRICS)
    rows = [
        (key, chance.gauss(0, 1), step, run, step, 0) for step in range(300) for key in ("a", "b") for run in ("r", "s")
    ]
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany("INSERT INTO metrics VALUES (?,?,?,?,?,?)", rows)
        connection.commit()
    runs = ANY_DATABASE.read(on_disk(path))
    assert sorted(run.name for run in runs) == ["r", "s"]
    for run in runs:
        for key in ("a", "b"):
            expected = [value for name, value, _, uuid, _, _ in rows if (name, uuid) == (key, run.name)]
            assert run.series[key].values.tolist() == expected


def test_another_programs_database_is_refused_by_the_names_of_its_tables(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLogError, match="cookies"):
        ANY_DATABASE.read(on_disk(made(tmp_path, "CREATE TABLE cookies (a);")))


def test_a_view_that_never_ends_is_not_run(tmp_path: Path) -> None:
    endless = (
        "CREATE VIEW metrics AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
        " SELECT 'k' key, n value, n timestamp, 'r' run_uuid, n step, 0 is_nan FROM c;"
    )
    with pytest.raises(UnreadableLogError):
        ANY_DATABASE.read(on_disk(made(tmp_path, endless)))


@pytest.mark.parametrize("path", [MLFLOW, TRACKIO])
def test_cut_and_damaged_databases_are_read_in_part_or_refused(tmp_path: Path, path: Path) -> None:
    data = path.read_bytes()
    chance = random.Random(11)
    cases = [data[: part * len(data) // 7] for part in range(1, 7)] + [b"SQLite format 3\0" + bytes(100)]
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 40)):
            broken[chance.randrange(16, len(broken))] = chance.randrange(256)
        cases.append(bytes(broken))
    for number, case in enumerate(cases):
        target = tmp_path / "broken.db"
        target.write_bytes(case)
        local = str(target) if number % 2 else None
        try:
            runs: list[Run] = ANY_DATABASE.read(LogFile(path="broken.db", data=case, local=local))
        except UnreadableLogError:
            continue
        assert all(np.isfinite(one.records).all() for run in runs for one in run.series.values())
