"""The number of classes of a guessing classifier, inferred from loss and accuracy at once."""

from __future__ import annotations

import math

import numpy as np
import pytest

from traindx.context import FACTS, build_case
from traindx.run import Run, Series, Source

STEPS = np.arange(1.0, 21.0) * 100


def _run(loss: np.ndarray, accuracy: np.ndarray) -> Run:
    series = {
        name: Series(name=name, values=values, steps=STEPS) for name, values in (("loss", loss), ("accuracy", accuracy))
    }
    return Run(name="classifier", series=series, sources=(Source(path="train.log", format="text"),))


@pytest.mark.parametrize("classes", [2, 3, 7, 10, 100, 1000])
def test_a_softmax_that_guesses_tells_its_number_of_classes(classes: int) -> None:
    rng = np.random.default_rng(classes)
    logits = rng.normal(0, 0.15, (20, 2_000, classes))
    labels = rng.integers(0, classes, (20, 2_000))
    log_norm = np.log(np.exp(logits).sum(-1))
    loss = (log_norm - np.take_along_axis(logits, labels[..., None], -1)[..., 0]).mean(1)
    accuracy = (logits.argmax(-1) == labels).mean(1)
    if classes == 1000:
        accuracy = rng.binomial(50_000, 1e-3, 20) / 50_000
    fact = build_case(_run(loss, accuracy))[FACTS].get("num_classes")
    assert fact is not None
    assert fact.value == classes
    assert fact.origin == "inferred"


def test_a_classifier_that_learns_tells_nothing() -> None:
    loss = math.log(10) * np.exp(-np.arange(20) / 8)
    assert "num_classes" not in build_case(_run(loss, 1 - 0.9 * np.exp(-np.arange(20) / 8)))[FACTS]


def test_a_loss_below_guessing_beside_a_low_accuracy_tells_nothing() -> None:
    assert "num_classes" not in build_case(_run(np.full(20, 1.6) + 0.01 * (STEPS % 3), np.full(20, 0.1)))[FACTS]
