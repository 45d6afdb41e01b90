"""The tables of known libraries, as the libraries themselves wrote them."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import numpy as np
import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile, Reader
from traindx.readers.dvclive_tsv import READER as DVCLIVE
from traindx.readers.keras_csv import READER as KERAS
from traindx.readers.lightning_csv import READER as LIGHTNING
from traindx.readers.registry import READERS
from traindx.readers.sb3_monitor import READER as MONITOR
from traindx.readers.sb3_progress import READER as PROGRESS
from traindx.readers.ultralytics_csv import READER as ULTRALYTICS
from traindx.run import Run

DATA = Path(__file__).parents[1] / "data" / "tables"
SAMPLES: dict[str, Reader] = {
    "keras.csv": KERAS,
    "keras_semicolon.csv": KERAS,
    "lightning_metrics.csv": LIGHTNING,
    "sb3.monitor.csv": MONITOR,
    "progress.csv": PROGRESS,
    "results.csv": ULTRALYTICS,
    "plots/metrics/eval/loss.tsv": DVCLIVE,
}
_spec = importlib.util.spec_from_file_location("make_tables", DATA / "make.py")
assert _spec is not None
assert _spec.loader is not None
_make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_make)


def sample(name: str) -> Run:
    log = LogFile(path=str(DATA / name), data=(DATA / name).read_bytes())
    return SAMPLES[name].read(log)[0]


def logged(*steps: int) -> np.ndarray:
    return np.array([_make.value(step) for step in steps])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_table_goes_to_the_reader_of_its_library(name: str) -> None:
    log = LogFile(path=name, data=(DATA / name).read_bytes())
    assert next(reader for reader in READERS if reader.recognises(log)) is SAMPLES[name]


@pytest.mark.parametrize("name", ["keras.csv", "keras_semicolon.csv"])
def test_keras_appends_a_run_whose_epochs_start_again(name: str) -> None:
    run = sample(name)
    assert np.array_equal(run.series["loss"].values, logged(0, 1, 2, 3, 4, 5, 0, 1, 2, 3))
    assert run.series["loss"].epochs.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3]
    assert run.series["val_loss"].epochs.tolist() == [0, 2, 4, 0, 2]  # "NA" in the rows between
    assert f"{name}:8" in run.notes[0]
    assert not run.sources[0].skipped


def test_lightning_has_training_and_validation_on_rows_of_their_own() -> None:
    run = sample("lightning_metrics.csv")
    assert np.array_equal(run.series["train_loss"].values, logged(*range(0, 40, 2)))
    assert run.series["train_loss"].steps.tolist() == list(range(0, 40, 2))
    assert run.series["val_loss"].steps.tolist() == [8, 18, 28, 38]
    assert run.series["val_loss"].epochs.tolist() == [0, 1, 2, 3]


def test_the_axis_of_stable_baselines_is_its_count_of_time_steps() -> None:
    run = sample("progress.csv")
    assert run.series["rollout/ep_rew_mean"].steps.tolist() == [200 * i for i in range(1, 13)]
    assert run.series["train/loss"].steps[0] == 1000
    assert np.array_equal(run.series["train/loss"].values, logged(*range(4, 12)))
    assert run.series["train/loss"].wall_times[0] == 4


def test_the_monitor_counts_steps_by_the_lengths_of_episodes() -> None:
    run = sample("sb3.monitor.csv")
    settings = {setting.name: setting.value for setting in run.settings}
    assert settings["env_id"] == "CartPole-v1"
    reward, length = run.series["r"], run.series["l"]
    assert np.array_equal(reward.steps, np.cumsum(length.values))
    assert np.array_equal(reward.values, length.values)  # one point of reward per step in this environment
    assert reward.wall_times[0] - float(str(settings["t_start"])) < 1
    assert reward.records.tolist() == list(range(3, 18))


def test_padded_names_and_numbers_of_ultralytics_are_plain() -> None:
    run = sample("results.csv")
    assert list(run.series) == ["train/box_loss", "metrics/mAP_0.5", "lr/pg0"]
    assert np.allclose(run.series["train/box_loss"].values, logged(*range(5)), rtol=1e-5)
    assert run.series["lr/pg0"].epochs.tolist() == [0, 1, 2, 3, 4]


def test_the_folders_of_dvclive_are_part_of_the_name() -> None:
    run = sample("plots/metrics/eval/loss.tsv")
    assert list(run.series) == ["eval/loss"]
    assert np.array_equal(run.series["eval/loss"].values, logged(*range(8)))


@pytest.mark.parametrize("name", SAMPLES)
def test_cut_and_damaged_samples_never_fail_otherwise(name: str) -> None:
    chance, data = random.Random(3), (DATA / name).read_bytes()
    pieces = [data[: len(data) * k // 7] for k in range(7)]
    for _ in range(200):
        bad = bytearray(data)
        for _ in range(3):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        pieces.append(bytes(bad))
    for piece in pieces:
        for reader in (SAMPLES[name], MONITOR):
            log = LogFile(path=name, data=piece)
            assert reader.recognises(log) in (True, False)
            try:
                runs = reader.read(log)
            except UnreadableLogError:
                continue
            assert all(len(series) for run in runs for series in run.series.values())


def test_more_of_the_file_only_adds_points() -> None:
    data = (DATA / "lightning_metrics.csv").read_bytes()
    before = 0
    for cut in range(0, len(data) + 1, 40):
        run = LIGHTNING.read(LogFile(path="metrics.csv", data=data[:cut]))[0]
        count = sum(map(len, run.series.values()))
        assert count >= before
        before = count
