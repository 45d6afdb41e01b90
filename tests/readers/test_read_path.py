"""From paths to runs: what a person gives is found, read, joined and told, or refused with the way out."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import read_path

TABLE = "step,loss,val_loss\n" + "".join(f"{i * 10},{2.3 * 0.95**i:.4f},{2.4 * 0.96**i:.4f}\n" for i in range(30))


def write(path: Path, text: str = TABLE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_one_file_is_one_run_with_what_lies_beside_it(tmp_path: Path) -> None:
    log = write(tmp_path / "metrics.csv")
    write(tmp_path / "hparams.yaml", "lr: 0.001\nbatch_size: 32\n")
    write(tmp_path / ".hydra" / "config.yaml", "model:\n  classes: 10\n")
    write(tmp_path / "checkpoints" / "epoch=1-step=200.ckpt", "never opened")
    (run,) = read_path(log)
    assert [len(one) for one in run.series.values()] == [30, 30]
    assert {s.name: s.value for s in run.settings} == {"lr": 0.001, "batch_size": 32, "model.classes": 10}
    assert run.settings[1].source == f"{tmp_path / 'hparams.yaml'}:2"
    assert [(one.step, one.epoch) for one in run.checkpoints] == [(200.0, 1.0)]


def test_several_paths_are_several_runs_in_the_order_given(tmp_path: Path) -> None:
    paths = [write(tmp_path / name / "metrics.csv") for name in ("b", "a")]
    assert [run.sources[0].path for run in read_path(paths)] == [str(path) for path in paths]


def test_a_pattern_is_expanded_where_the_shell_did_not(tmp_path: Path) -> None:
    for name in ("v1", "v0"):
        write(tmp_path / name / "metrics.csv")
    assert len(read_path(str(tmp_path / "v*" / "metrics.csv"))) == 2
    assert len(read_path(str(tmp_path / "**" / "*.csv"))) == 2
    with pytest.raises(UnreadableLogError, match="no file matches"):
        read_path(str(tmp_path / "*.tfevents"))


def test_a_name_with_magic_letters_that_exists_stands_for_itself(tmp_path: Path) -> None:
    assert len(read_path(write(tmp_path / "lr[0.1]*.csv"))) == 1


def test_a_misspelt_path_names_the_near_ones(tmp_path: Path) -> None:
    write(tmp_path / "metrics.csv")
    with pytest.raises(UnreadableLogError, match="no such file") as caught:
        read_path(tmp_path / "metrcs.csv")
    assert "metrics.csv" in caught.value.hint


def test_a_directory_of_runs_gives_each_with_its_own_settings(tmp_path: Path) -> None:
    for version, rate in enumerate((0.1, 0.01)):
        write(tmp_path / f"version_{version}" / "metrics.csv")
        write(tmp_path / f"version_{version}" / "hparams.yaml", f"lr: {rate}\n")
    runs = read_path(tmp_path)
    assert [run.name for run in runs] == ["version_0", "version_1"]
    assert [run.settings[0].value for run in runs] == [0.1, 0.01]


def test_splits_in_files_and_folders_become_the_prefix_of_their_series(tmp_path: Path) -> None:
    write(tmp_path / "train.csv")
    write(tmp_path / "val.csv", TABLE.replace("2.", "3."))
    (run,) = read_path(tmp_path)
    assert list(run.series) == ["loss", "val_loss", "val/loss", "val_loss [val.csv]"]
    assert run.name == tmp_path.name


def test_the_same_numbers_in_two_files_are_kept_once(tmp_path: Path) -> None:
    write(tmp_path / "metrics.csv")
    write(tmp_path / "log.csv", "\n".join(line.rsplit(",", 1)[0] for line in TABLE.splitlines()))
    (run,) = read_path(tmp_path)
    assert list(run.series) == ["loss", "val_loss"]
    assert len(run.sources) == 2


def test_a_table_per_metric_becomes_one_run_named_by_its_folders(tmp_path: Path) -> None:
    for split in ("train", "eval"):
        write(tmp_path / "dvclive" / "plots" / "metrics" / split / "loss.tsv", "step\tloss\n0\t2.5\n1\t1.5\n")
    write(tmp_path / "dvclive" / "params.yaml", "lr: 0.3\n")
    write(tmp_path / "dvclive" / "metrics.json", json.dumps({"train": {"loss": 1.5}, "step": 1}))
    (run,) = read_path(tmp_path / "dvclive")
    assert sorted(run.series) == ["eval/loss", "train/loss"]
    assert run.series["eval/loss"].steps.tolist() == [0, 1]
    assert [s.name for s in run.settings] == ["lr"]


def test_a_file_that_cannot_be_read_is_told_and_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path / "a" / "metrics.csv")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "train.log").write_bytes(bytes(range(256)) * 50)
    (run,) = read_path(tmp_path)
    assert len(run.series) == 2
    assert any("train.log" in note and "binary" in note for note in run.notes)


def test_a_directory_without_a_log_says_what_it_holds(tmp_path: Path) -> None:
    write(tmp_path / "model.py", "print(1)")
    with pytest.raises(UnreadableLogError, match=r"no training log in this directory, which holds model\.py"):
        read_path(tmp_path)


def test_standard_input_is_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))
    (run,) = read_path("-", stdin_filename="run.csv")
    assert run.sources[0].path == "run.csv"
    assert run.series["loss"].values[0] == 2.3


def test_a_url_is_read_through_fsspec() -> None:
    import fsspec

    with fsspec.open("memory://runs/metrics.csv", "w") as file:
        file.write(TABLE)
    (run,) = read_path("memory://runs/metrics.csv")
    assert np.allclose(run.series["loss"].values[:2], [2.3, 2.185])
