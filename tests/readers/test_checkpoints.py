"""Checkpoints are found by name, with the step or epoch that the name tells, and are never opened."""

from __future__ import annotations

import math

import pytest

from traindx.readers.checkpoints import checkpoint_of_file, checkpoint_of_folder, in_order
from traindx.run import Checkpoint

NAN = math.nan


@pytest.mark.parametrize(
    ("path", "step", "epoch"),
    [
        ("epoch=3-step=400.ckpt", 400, 3),
        ("step_1000.pt", 1000, NAN),
        ("model_0000999.pth", 999, NAN),
        ("iter_5000.pth", 5000, NAN),
        ("epoch_12.pth", NAN, 12),
        ("checkpoint_epoch_7.tar", NAN, 7),
        ("model_best.pth", NAN, NAN),
        ("best_acc.pt", NAN, NAN),
        ("last.ckpt", NAN, NAN),
        ("model.safetensors", NAN, NAN),
        ("pytorch_model.bin", NAN, NAN),
        ("checkpoints/00100.pt", NAN, NAN),
    ],
)
def test_a_file_of_weights_is_a_checkpoint(path: str, step: float, epoch: float) -> None:
    found = checkpoint_of_file(path)
    assert found is not None
    assert (found.path, str(found.step), str(found.epoch)) == (path, str(float(step)), str(float(epoch)))


@pytest.mark.parametrize(
    "path", ["optimizer.pt", "training_args.bin", "rng_state_0.pth", "train.log", "scheduler.pt", "data.npz"]
)
def test_other_files_are_none(path: str) -> None:
    assert checkpoint_of_file(path) is None


@pytest.mark.parametrize(
    ("path", "step"), [("out/checkpoint-500", 500), ("out/checkpoints/1000", 1000), ("ckpt/global_step200", 200)]
)
def test_a_folder_of_weights_is_a_checkpoint(path: str, step: float) -> None:
    found = checkpoint_of_folder(path)
    assert found is not None
    assert found.step == step


@pytest.mark.parametrize("path", ["version_0", "2024", "lightning_logs", "run-3", "out/1000"])
def test_other_folders_are_none(path: str) -> None:
    assert checkpoint_of_folder(path) is None


def test_checkpoints_are_ordered_by_step_with_unnumbered_ones_last() -> None:
    found = [Checkpoint("best.pt"), Checkpoint("b", step=20), Checkpoint("a", step=3), Checkpoint("b", step=20)]
    assert [one.path for one in in_order(found)] == ["a", "b", "best.pt"]
