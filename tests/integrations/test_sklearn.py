"""Loops of ``partial_fit`` with and without the record of their passes."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier, MLPRegressor

import traindx
from traindx.errors import UsageError
from traindx.integrations.sklearn_passes import Passes
from traindx.live import StopPolicy

pytestmark = pytest.mark.slow
drawn = np.random.default_rng(0)
INPUTS = drawn.normal(size=(400, 5))
THREE = np.digitize(INPUTS[:, 0] + 0.3 * drawn.normal(size=400), [-0.5, 0.8])
REAL = 2 * INPUTS[:, 0] + 0.1 * drawn.normal(size=400) + 4
TRAIN, VAL = slice(0, 300), slice(300, 400)


def state(estimator: Any) -> dict[str, Any]:
    """All that an estimator remembers, as bytes."""
    kept = {name: value for name, value in vars(estimator).items() if not callable(value)}
    return {name: repr(np.asarray(value, dtype=object).tolist()) for name, value in kept.items() if name[0] != "_"}


def learn(estimator: Any, labels: Any, passes: Passes | None, times: int = 30) -> Any:
    classes = {} if labels is REAL else {"classes": np.unique(labels)}
    for _ in range(times):
        estimator.partial_fit(INPUTS[TRAIN], labels[TRAIN], **classes)
        if passes is not None:
            passes.record(estimator)
            if passes.should_stop:
                break
    return estimator


@pytest.mark.parametrize(
    ("estimator", "labels", "names"),
    [
        (SGDClassifier(loss="log_loss", random_state=0), THREE, {"train/logloss", "val/logloss", "train/accuracy", "val/accuracy"}),
        (SGDClassifier(random_state=0), THREE, {"train/hinge_loss", "val/hinge_loss", "train/accuracy", "val/accuracy"}),
        (SGDRegressor(random_state=0), REAL, {"train/mse", "val/mse", "train/r2", "val/r2"}),
        (MLPClassifier(hidden_layer_sizes=(8,), random_state=0), THREE, {"loss", "train/logloss", "val/logloss", "train/accuracy", "val/accuracy"}),
        (MLPRegressor(hidden_layer_sizes=(8,), random_state=0), REAL, {"loss", "train/mse", "val/mse", "train/r2", "val/r2"}),
    ],
    ids=["sgd-log", "sgd-hinge", "sgd-regressor", "mlp", "mlp-regressor"],
)  # fmt: skip
def test_each_pass_is_recorded_and_the_estimator_is_as_it_would_be(
    tmp_path: Path, estimator: Any, labels: Any, names: set[str]
) -> None:
    alone = learn(copy.deepcopy(estimator), labels, None)
    pairs = {"train": (INPUTS[TRAIN], labels[TRAIN]), "val": (INPUTS[VAL], labels[VAL])}
    with Passes(tmp_path, **pairs, total_steps=30) as passes:
        learn(estimator, labels, passes)
    assert state(estimator) == state(alone)
    found = traindx.read(tmp_path)[0].series
    assert set(found) == names
    assert all(one.steps.tolist() == list(range(30)) for one in found.values())
    assert passes.report == traindx.diagnose(tmp_path)
    if "val/logloss" in names:
        told = log_loss(labels[VAL], estimator.predict_proba(INPUTS[VAL]))
        assert found["val/logloss"].values[-1] == pytest.approx(told, rel=1e-5)
    if "loss" in names:
        assert found["loss"].values == pytest.approx(estimator.loss_curve_, rel=1e-5)
    if "val/mse" in names:
        told = np.mean((estimator.predict(INPUTS[VAL]) - REAL[VAL]) ** 2)
        assert found["val/mse"].values[-1] == pytest.approx(told, rel=1e-5)


def test_the_facts_are_those_of_the_estimator_and_of_its_targets(tmp_path: Path) -> None:
    made = MLPClassifier(hidden_layer_sizes=(8,), alpha=0.01, batch_size=50, learning_rate_init=0.02, random_state=0)
    with Passes(tmp_path / "a", train=(INPUTS[TRAIN], THREE[TRAIN])) as passes:
        learn(made, THREE, passes, 2)
    assert passes.report is not None
    told = {fact.key: fact.value for fact in passes.report.facts}
    assert (told["num_classes"], told["batch_size"], told["lr"], told["optimizer"]) == (3, 50, 0.02, "adam")
    assert "alpha" not in told  # the weight of a penalty, not of a focal loss
    assert told["num_samples"] == 300
    with Passes(tmp_path / "b", train=(INPUTS[TRAIN], REAL[TRAIN])) as passes:
        learn(SGDRegressor(random_state=0), REAL, passes, 2)
    assert passes.report is not None
    told = {fact.key: fact.value for fact in passes.report.facts}
    assert told["target_std"] == pytest.approx(REAL[TRAIN].std())
    assert told["schedule"] == "invscaling"


def test_labels_that_nothing_tells_are_held_against_the_logarithm_of_their_number(tmp_path: Path) -> None:
    labels = drawn.integers(0, 4, 300)
    made = SGDClassifier(loss="log_loss", alpha=10.0, random_state=0)
    with Passes(tmp_path, train=(INPUTS[TRAIN], labels)) as passes:
        for _ in range(40):
            made.partial_fit(INPUTS[TRAIN], labels, classes=np.arange(4))
            passes.record(made)
    assert passes.report is not None
    assert "ln 4" in passes.report.verdict.summary


def test_batches_that_come_in_parts_are_recorded_before_they_are_learnt(tmp_path: Path) -> None:
    made = SGDClassifier(loss="log_loss", random_state=0)
    made.partial_fit(INPUTS[:50], THREE[:50], classes=np.arange(3))
    with Passes(tmp_path) as passes:
        for first in range(50, 400, 50):
            part = slice(first, first + 50)
            passes.record(made, sparse.csr_matrix(INPUTS[part]), THREE[part])
            made.partial_fit(INPUTS[part], THREE[part])
    assert len(traindx.read(tmp_path)[0].series["train/logloss"]) == 7


def test_a_large_set_is_judged_by_rows_drawn_once(tmp_path: Path) -> None:
    inputs, labels = np.repeat(INPUTS, 60, axis=0), np.repeat(THREE, 60)
    made = SGDClassifier(random_state=0).partial_fit(inputs, labels, classes=np.arange(3))
    with Passes(tmp_path, train=(inputs, labels), val=(INPUTS, THREE)) as passes:
        for _ in range(3):
            passes.record(made)
    found = traindx.read(tmp_path)[0].series
    assert len(set(found["train/accuracy"].values.tolist())) == 1
    assert found["train/accuracy"].values[0] == pytest.approx(found["val/accuracy"].values[0], abs=0.01)


def test_a_finding_ends_the_loop(tmp_path: Path) -> None:
    labels = drawn.integers(0, 4, 300)
    made = SGDClassifier(loss="log_loss", alpha=10.0, random_state=0)
    policy = StopPolicy(on=("at_chance",), confirmations=1, confidence=0.5)
    with traindx.Monitor(tmp_path, stop=policy) as monitor:
        passes = Passes(monitor, train=(INPUTS[TRAIN], labels))
        for done in range(100):
            made.partial_fit(INPUTS[TRAIN], labels, classes=np.arange(4))
            passes.record(made)
            if done == 40:
                monitor.judge()
            if passes.should_stop:
                break
    assert done == 40


def test_a_monitor_that_fails_is_warned_of_once_and_the_loop_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OSError("no room left")

    made, alone = SGDClassifier(random_state=0), SGDClassifier(random_state=0)
    passes = Passes(tmp_path, train=(INPUTS[TRAIN], THREE[TRAIN]))
    monkeypatch.setattr(traindx.Monitor, "log", fails)
    with pytest.warns(UserWarning, match="steps aside") as heard:
        learn(made, THREE, passes)
    assert len(heard) == 1
    assert state(made) == state(learn(alone, THREE, None))


def test_wrong_arguments_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pair"):
        Passes(tmp_path, train=(INPUTS,))  # type: ignore[arg-type]
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        with pytest.raises(UsageError, match="total_steps given beside a monitor"):
            Passes(monitor, total_steps=3)
