"""The Keras callback on real trainings, with the JAX and the torch backend, each in a process of its own."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.slow
_FITS = Path(__file__).with_name("keras_fits.py")
ROWS, BATCH = 230, 32
Found = dict[str, Any]


def _trained(backend: str, folder: Path) -> Found:
    told = {**os.environ, "KERAS_BACKEND": backend, "KERAS_HOME": str(folder / "home")}
    ran = subprocess.run(
        [sys.executable, _FITS, folder], env=told, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found: Found = json.loads(ran.stdout)
    return found


@pytest.fixture(scope="module")
def jax(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return _trained("jax", tmp_path_factory.mktemp("jax"))


@pytest.fixture(scope="module")
def torch(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return _trained("torch", tmp_path_factory.mktemp("torch"))


@pytest.fixture(params=["jax", "torch"])
def fits(request: pytest.FixtureRequest) -> Found:
    found: Found = request.getfixturevalue(request.param)
    return found


def _means(rows: Any, size: int = BATCH) -> list[float]:
    return [float(np.mean(rows[first : first + size])) for first in range(0, ROWS, size)]


def test_the_batches_behind_the_running_means_are_recorded_the_short_last_one_too(fits: Found) -> None:
    losses, hits = fits["still"]["rows"]
    for folder, epochs in (("recorded", 2), ("waiting", 1)):
        found = fits["still"][folder]
        assert found["loss"][0] == [step + (16 if folder == "waiting" else 0) for step in range(8 * epochs)]
        assert found["loss"][1] == pytest.approx(_means(losses) * epochs, rel=1e-5)
        assert found["accuracy"][1] == pytest.approx(_means(hits) * epochs, abs=1e-6)


def test_several_batches_in_one_execution_are_recorded_as_their_mean(jax: Found) -> None:
    found = jax["joined"]
    assert found["recorded"]["loss"][0] == [2, 5, 7, 10, 13, 15]
    assert found["recorded"]["loss"][1] == pytest.approx(_means(found["rows"][0], 3 * BATCH) * 2, rel=1e-5)


def test_the_weights_are_the_same_to_the_bit_with_and_without_the_callback(fits: Found) -> None:
    assert fits["learning"]["same"] == [True, True]


def test_the_live_report_is_that_of_the_log(fits: Found) -> None:
    assert fits["learning"]["reports agree"] == [True, True]


def test_a_second_fit_goes_on_where_the_first_one_ended(fits: Found) -> None:
    assert fits["learning"]["steps"] == list(range(48))
    assert fits["learning"]["epochs"] == [1, 2, 3, 4, 5, 6]
    assert not fits["learning"]["warnings"]
    assert not [code for code in fits["learning"]["codes"] if code.startswith("LOG")]
    assert fits["learning"]["facts"]["total_steps"] == 48
    assert fits["learning"]["facts"]["total_epochs"] == 6


def test_validation_is_recorded_at_the_end_of_each_epoch(fits: Found) -> None:
    losses = fits["still"]["rows"][0]
    steps, values = fits["still"]["recorded"]["val_loss"]
    assert steps == [7, 15]
    assert values == pytest.approx([np.mean(losses[:50])] * 2, rel=1e-5)


def test_the_facts_of_a_compiled_model_are_told(fits: Found) -> None:
    told = fits["still"]["facts"]
    assert told["loss"] == "cross_entropy"
    assert told["num_classes"] == 5
    assert told["batch_size"] == BATCH
    assert (told["steps_per_epoch"], told["total_steps"], told["optimizer"]) == (8, 16, "sgd")


def test_facts_follow_the_loss_the_optimiser_and_the_schedule(torch: Found) -> None:
    found, told = torch["facts"]["facts"], torch["facts"]["told"]
    smoothed = found["smoothed"]
    assert (smoothed["label_smoothing"], smoothed["from_logits"], smoothed["clip_norm"]) == (0.1, True, 1.0)
    assert (smoothed["optimizer"], smoothed["weight_decay"], smoothed["schedule"]) == ("AdamW", 0.05, "CosineDecay")
    assert found["function"]["loss"] == "bce"
    assert found["summed"]["reduction"] == "sum"
    assert "clip_norm" not in found["summed"]  # clipped by variable
    assert not {"loss", "num_classes"} & (found["mine"].keys() | found["poisson"].keys() | found["heads"].keys())
    assert "lr" not in told


def test_a_schedule_is_recorded_as_it_falls(torch: Found) -> None:
    steps, rates = torch["facts"]["lr"]
    assert rates == pytest.approx([0.05 * (1 + np.cos(np.pi * step / 100)) for step in steps], rel=1e-5)
    assert len(steps) == 80


def test_a_finding_stops_the_fit_at_the_end_of_the_epoch_in_which_it_was_judged(torch: Found) -> None:
    assert torch["stopping"]["epochs"] == 1
    assert torch["stopping"]["reason"].startswith("NAN")
    assert not np.isfinite(torch["stopping"]["loss"][-1])


def test_a_monitor_that_fails_is_warned_of_once_and_the_fit_goes_on_as_it_would(torch: Found) -> None:
    assert torch["faulty"]["same"]
    assert len(torch["faulty"]["warnings"]) == 1


@pytest.mark.parametrize("way", ["single", "means"])
def test_a_loop_of_ones_own_records_each_batch_whatever_its_size_and_weights(torch: Found, way: str) -> None:
    told = torch["own_loop"]
    losses, hits = np.array(told["rows"])
    weigh, edges = np.array(told["weights"]), told["edges"]
    parts = [slice(first, end) for first, end in itertools.pairwise(edges)]
    assert told[way]["loss"][1] == pytest.approx([float(np.mean((losses * weigh)[part])) for part in parts], rel=1e-4)
    expected = [float(np.average(hits[part], weights=weigh[part])) for part in parts]
    assert told[way]["accuracy"][1] == pytest.approx(expected, abs=1e-5)


def test_what_a_training_step_of_ones_own_returns_is_not_undone(torch: Found) -> None:
    assert torch["own_step"]["recorded"]["loss"][1] == pytest.approx(torch["own_step"]["sums"] * 2, rel=1e-4)


def test_a_metric_that_is_no_mean_is_recorded_once_an_epoch_and_a_generator_needs_no_length(torch: Found) -> None:
    losses, hits = torch["whole_epochs"]["rows"]
    found = torch["whole_epochs"]["recorded"]
    assert found["top1"] == [[7], [pytest.approx(100 * np.mean(hits), rel=1e-5)]]
    assert found["loss"][1] == pytest.approx(_means(losses), rel=1e-5)


def test_with_weights_of_samples_the_loss_is_exact_and_a_weighted_metric_near(torch: Found) -> None:
    found, history = torch["whole_epochs"]["weighted"], torch["whole_epochs"]["history"]
    sizes = [min(BATCH, ROWS - first) for first in range(0, ROWS, BATCH)]
    assert np.average(found["loss"][1], weights=sizes) == pytest.approx(history["loss"], rel=1e-5)
    assert np.average(found["accuracy"][1], weights=sizes) == pytest.approx(history["accuracy"], abs=0.02)
