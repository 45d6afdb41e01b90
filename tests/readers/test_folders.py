"""Directories: files of one run are joined, different runs stay apart, as each framework lays them out."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from traindx.errors import UnreadableLogError
from traindx.readers.folders import plans_of
from traindx.readers.walk import walk

METRIC = b"1680272931666 2.5 0\n1680272931777 1.5 1\n"


def lay(root: Path, files: Iterable[str]) -> Path:
    for index, name in enumerate(files):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(METRIC + b"\n" * index)
    return root


def planned(root: Path) -> dict[str, list[str]]:
    """Return for each run the files that it would be read from, splits in front."""
    return {
        plan.name: sorted(part.prefix + os.path.relpath(part.path, root) for part in plan.parts)
        for plan in plans_of(walk(str(root)), "")
    }


E = "events.out.tfevents.1700000000.host.1.0"
E2 = "events.out.tfevents.1700000999.host.1.0"
LAYOUTS: dict[str, tuple[list[str], dict[str, list[str]]]] = {
    "one log": (["train.log"], {"": ["train.log"]}),
    "one log of any name": (["my_experiment.txt", "README.md", "requirements.txt"], {"": ["my_experiment.txt"]}),
    "several logs of unknown names are several runs": (
        ["a.log", "b.log", "c.log"],
        {"a": ["a.log"], "b": ["b.log"], "c": ["c.log"]},
    ),
    "event files of one directory are one run": ([E, E2], {"": [E, E2]}),
    "log, events and state of one run": (
        ["train.log", E, "trainer_state.json", "notes.txt", "all_results.json"],
        {"": sorted(["train.log", E, "trainer_state.json"])},
    ),
    "only the longest of the repeated states": (
        ["checkpoint-500/trainer_state.json", "checkpoint-1000/trainer_state.json", f"runs/Dec01_host/{E}"],
        {"": ["checkpoint-1000/trainer_state.json", f"runs/Dec01_host/{E}"]},
    ),
    "restarts of one trainer": (
        ["trainer_state.json", f"runs/Dec01_h/{E}", f"runs/Dec02_h/{E2}"],
        {"": sorted([f"runs/Dec01_h/{E}", f"runs/Dec02_h/{E2}", "trainer_state.json"])},
    ),
    "versions are runs": (
        ["lightning_logs/version_0/metrics.csv", "lightning_logs/version_1/metrics.csv", f"lightning_logs/version_1/{E}"],
        {
            "lightning_logs/version_0": ["lightning_logs/version_0/metrics.csv"],
            "lightning_logs/version_1": [f"lightning_logs/version_1/{E}", "lightning_logs/version_1/metrics.csv"],
        },
    ),
    "train and validation writers are one run": (
        [f"logs/train/{E}", f"logs/validation/{E}"],
        {"logs": [f"logs/train/{E}", f"val/logs/validation/{E}"]},
    ),
    "an evaluation writer below the run": ([E, f"eval/{E}"], {"": [E, f"val/eval/{E}"]}),
    "hyperparameter sub-folder of a writer": ([E, f"1700000000.123/{E}"], {"": [f"1700000000.123/{E}", E]}),
    "runs of one agent": ([f"PPO_1/{E}", f"PPO_2/{E}"], {"PPO_1": [f"PPO_1/{E}"], "PPO_2": [f"PPO_2/{E}"]}),
    "all files of one agent's folder": (
        ["progress.csv", "progress.json", "log.txt", "monitor.csv", E],
        {"": sorted(["progress.csv", "progress.json", "log.txt", "monitor.csv", E])},
    ),
    "offline runs of a tracker": (
        ["wandb/offline-run-20240101_000000-aaa/run-aaa.wandb", "wandb/offline-run-20240102_000000-bbb/run-bbb.wandb",
         "wandb/offline-run-20240103_000000-aaa/run-aaa.wandb", "wandb/offline-run-20240101_000000-aaa/logs/debug.log"],
        {
            "wandb/offline-run-20240101_000000-aaa": [
                "wandb/offline-run-20240101_000000-aaa/run-aaa.wandb",
                "wandb/offline-run-20240103_000000-aaa/run-aaa.wandb",
            ],
            "wandb/offline-run-20240102_000000-bbb": ["wandb/offline-run-20240102_000000-bbb/run-bbb.wandb"],
        },
    ),
    "a single tracked run beside the log is the same run": (
        ["train.log", "wandb/run-20240101_000000-aaa/run-aaa.wandb"],
        {"": ["train.log", "wandb/run-20240101_000000-aaa/run-aaa.wandb"]},
    ),
    "sweep": (
        ["2024-01-01/10-00-00/0/main.log", "2024-01-01/10-00-00/1/main.log", "2024-01-01/10-00-00/multirun.yaml"],
        {"2024-01-01/10-00-00/0": ["2024-01-01/10-00-00/0/main.log"], "2024-01-01/10-00-00/1": ["2024-01-01/10-00-00/1/main.log"]},
    ),
    "trials": (
        ["exp/trial_a/result.json", "exp/trial_a/progress.csv", "exp/trial_b/result.json", "exp/trial_b/params.json"],
        {"exp/trial_a": ["exp/trial_a/progress.csv", "exp/trial_a/result.json"], "exp/trial_b": ["exp/trial_b/result.json"]},
    ),
    "one file per epoch, without the summary": (
        ["metrics_epoch_0.json", "metrics_epoch_10.json", "metrics_epoch_9.json", "metrics.json", "stdout.log"],
        {"": ["metrics_epoch_0.json", "metrics_epoch_10.json", "metrics_epoch_9.json", "stdout.log"]},
    ),
    "files named for a split": (["train.csv", "val.csv"], {"": ["train.csv", "val/val.csv"]}),
    "ranks": (["workerlog.0", "workerlog.1"], {"": ["workerlog.0", "workerlog.1"]}),
    "logs of one stem, rotated and as text and JSON": (
        ["20210812_190636.log", "20210812_190636.log.json"],
        {"": ["20210812_190636.log", "20210812_190636.log.json"]},
    ),
    "metric store": (
        ["0/abc/meta.yaml", "0/abc/metrics/loss", "0/abc/metrics/val/loss", "0/abc/params/lr", "0/def/metrics/loss", "0/meta.yaml"],
        {"0/abc": ["0/abc/metrics/loss", "0/abc/metrics/val/loss"], "0/def": ["0/def/metrics/loss"]},
    ),
    "tables below plots": (
        ["dvclive/plots/metrics/train/loss.tsv", "dvclive/plots/metrics/eval/loss.tsv", "dvclive/metrics.json"],
        {"dvclive": ["dvclive/plots/metrics/eval/loss.tsv", "dvclive/plots/metrics/train/loss.tsv"]},
    ),
    "nothing in hidden, cached and foreign folders": (
        ["train.log", ".git/a.log", "node_modules/b.log", "__pycache__/c.log", ".cache/d.log"],
        {"": ["train.log"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_gives_the_runs_that_it_holds(layout: str, tmp_path: Path) -> None:
    files, expected = LAYOUTS[layout]
    assert planned(lay(tmp_path, files)) == expected


def test_epochs_and_rotated_logs_come_in_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    lay(tmp_path / "a", [f"metrics_epoch_{n}.json" for n in (0, 2, 10)])
    lay(tmp_path / "b", ["train.log", "train.log.1", "train.log.10", "train.log.2"])
    epochs, rotated = plans_of(walk(str(tmp_path)), "")
    assert [os.path.basename(part.path) for part in epochs.parts] == [f"metrics_epoch_{n}.json" for n in (0, 2, 10)]
    assert [os.path.basename(part.path) for part in rotated.parts] == [
        "train.log.10", "train.log.2", "train.log.1", "train.log",
    ]  # fmt: skip


def test_settings_and_checkpoints_go_to_the_run_that_they_lie_beside(tmp_path: Path) -> None:
    lay(
        tmp_path,
        [
            "train.log",
            "config.json",
            ".hydra/config.yaml",
            ".hydra/hydra.yaml",
            "checkpoint-10/model.bin",
            "checkpoints/epoch=1-step=20.ckpt",
            "training_args.bin",
        ],
    )
    (plan,) = plans_of(walk(str(tmp_path)), "")
    assert [os.path.relpath(path, tmp_path) for path in plan.settings] == ["config.json", ".hydra/config.yaml"]
    assert [(one.step, one.epoch) for one in plan.checkpoints][1] == (20.0, 1.0)
    assert plan.checkpoints[0].step == 10.0
    assert len(plan.checkpoints) == 2


def test_links_in_a_circle_and_deep_trees_end(tmp_path: Path) -> None:
    lay(tmp_path, ["a/train.log", "/".join(["d"] * 40) + "/train.log"])
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert planned(tmp_path) == {"a": ["a/train.log"]}


def test_a_directory_with_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("traindx.readers.walk.MAX_ENTRIES", 10)
    lay(tmp_path, [f"{n}.log" for n in range(20)])
    with pytest.raises(UnreadableLogError, match="more than 10 files"):
        walk(str(tmp_path))
