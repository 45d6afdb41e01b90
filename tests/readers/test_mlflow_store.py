"""MLflow's file store: every metric of the tree, with times and steps, and its parameters as settings."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile, read_path
from traindx.readers.mlflow_store import READER, read_metric_files

DATA = Path(__file__).parents[1] / "data" / "mlflow" / "mlruns"
GOOD = b"1680272931666 54.65 1\n1680272932920 nan 3\n1680272934067 inf 5\n1680272934068 -inf 5\n"


def test_a_whole_store_gives_its_runs_with_parameters() -> None:
    runs = {run.name: run for run in read_path(DATA)}
    assert sorted(runs) == ["0/first", "0/second"]
    first = runs["0/first"]
    assert sorted(first.series) == ["loss", "val/loss"]
    loss = first.series["loss"]
    assert (len(loss), loss.values[0], loss.steps[-1], loss.records[-1]) == (20, 2.5, 190.0, 20)
    assert loss.wall_times[0] == 1_700_000_000.0
    assert first.where(first.series["val/loss"], 1).endswith("first/metrics/val/loss:2")
    settings = {setting.name: setting.value for setting in first.settings}
    assert (settings["lr"], settings["batch_size"], settings["mlflow.runName"]) == (1e-3, 64, "first")


def test_not_a_number_and_infinities_are_kept_apart() -> None:
    series = READER.read(LogFile("metrics/train/loss", GOOD))[0].series["train/loss"]
    assert series.values[0] == 54.65
    assert math.isnan(series.values[1])
    assert (series.values[2], series.values[3]) == (math.inf, -math.inf)
    assert series.steps.tolist() == [1, 3, 5, 5]


def test_lines_that_are_damaged_are_counted_and_the_rest_is_read() -> None:
    (run,) = READER.read(LogFile("metrics/loss", GOOD + b"16802729\xff x\n1680272934069 0.5 7\n1680272934070 0.25"))
    assert run.series["loss"].values[-2:].tolist() == [0.5, 0.25]
    assert run.series["loss"].records.tolist() == [1, 2, 3, 4, 6, 7]
    assert [(skip.count, skip.first) for skip in run.sources[0].skipped] == [(1, 5)]
    assert "cut off" in run.sources[0].incomplete


def test_a_store_without_steps_counts_them() -> None:
    series = READER.read(LogFile("metrics/loss", b"1680272931666 3\n1680272931667 2\n"))[0].series["loss"]
    assert series.steps.tolist() == [0, 1]


@pytest.mark.parametrize(
    "data", [b"\n", b"1680272931666\n", b"x y z\n", b"1680272931666 0x10 1\n", b"1680272931666 1_0 1\n"]
)
def test_a_file_without_a_single_line_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableLogError, match="no line of this metric file"):
        READER.read(LogFile("metrics/loss", data))


@pytest.mark.parametrize("name", ["config.csv", "a.log"])
def test_other_files_are_not_recognised(name: str) -> None:
    for data in (b"", b"step,loss\n1,2\n", b"1 2 3\n", b"1680272931666 loss 3.2 5\n", b"20240101 1 2\n"):
        assert not READER.recognises(LogFile(name, data))


def test_a_million_points_take_less_than_a_second_of_cpu() -> None:
    values = np.random.default_rng(0).normal(size=100_000)
    data = b"".join(f"{1_680_272_931_666 + i} {v!r} {i}\n".encode() for i, v in enumerate(values.tolist()))
    began = time.process_time()
    run = read_metric_files("r", [(f"m{i}", LogFile(f"metrics/m{i}", data)) for i in range(10)])
    assert time.process_time() - began < 2.0  # about 0.35 on an idle core; noise of shared machines allowed for
    assert sum(map(len, run.series.values())) == 1_000_000
    assert np.array_equal(run.series["m3"].values, values)
