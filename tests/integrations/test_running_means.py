"""What a framework reports as a mean so far, and the values of the single batches behind it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.integrations import keras_means as means
from traindx.signals import undo_running_mean


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(0.1, 100)), min_size=1, max_size=60))
def test_the_values_are_those_of_the_closed_form_for_any_weights(pairs: list[tuple[float, float]]) -> None:
    values, weights = map(np.array, zip(*pairs, strict=True))
    counts = np.cumsum(weights)
    told = np.cumsum(values * weights) / counts
    undone = means.BatchValues()
    found = [undone.take(float(mean), float(weight)) for mean, weight in zip(told, weights, strict=True)]
    closed = undo_running_mean(told, counts)
    if all(one is not None for one in found):
        blurred = 2**-22 * np.abs(told).max() * counts / weights  # by means that are float32
        off = np.abs(np.array(found, dtype=float) - closed)
        assert np.all(off <= blurred + 1e-6 * np.maximum(1, np.abs(closed)))
    else:
        assert max(counts[1:] / weights[1:]) > 4_000  # a batch so light that a mean in float32 hides it


def test_batches_of_an_accuracy_stay_between_0_and_1_whatever_rounding_adds() -> None:
    noise = np.random.default_rng(0)
    for _ in range(20):
        hits = noise.integers(0, 2, 200).astype(np.float32)  # a batch is all right or all wrong
        told = np.cumsum(hits, dtype=np.float32) / np.arange(1, 201, dtype=np.float32)
        undone = means.BatchValues()
        assert [undone.take(float(mean), 1.0) for mean in told] == hits.tolist()


def test_a_long_epoch_in_float32_gives_blocks_that_rounding_leaves_alone() -> None:
    noise = np.random.default_rng(0)
    values = 2 + 0.2 * noise.normal(size=60_000)
    told = (np.cumsum(values) / np.arange(1, len(values) + 1)).astype(np.float32)
    undone = means.BatchValues()
    found, since = [], 0
    for place, mean in enumerate(told):
        value = undone.take(float(mean), 1.0, last=place == len(told) - 1)
        if value is not None:
            found.append((value, float(values[since : place + 1].mean()), place + 1 - since))
            since = place + 1
    given_back, truth, sizes = map(np.array, zip(*found, strict=True))
    assert np.abs(given_back - truth).max() < 3e-3
    assert sizes[0] == 1
    assert 2 < sizes[-1] < 20
    assert sizes.sum() == len(values)


def test_after_a_mean_that_is_not_finite_the_mean_itself_is_returned() -> None:
    undone = means.BatchValues()
    assert undone.take(1.0, 1.0) == 1.0
    assert undone.take(float("inf"), 1.0) == float("inf")
    assert np.isnan(undone.take(float("nan"), 1.0))


@pytest.mark.parametrize("steps", [9, None])
def test_reports_may_arrive_in_any_order_and_the_last_waits_for_its_size(steps: int | None) -> None:
    shuffled, values = list(range(9)), [float(one) ** 2 for one in range(9)]
    weights = [4.0] * 8 + [1.0]
    told = np.cumsum(np.multiply(values, weights)) / np.cumsum(weights)
    random.Random(1).shuffle(shuffled)
    epoch = means.EpochMeans(steps, 1)
    epoch.counts = {"loss": 4.0, "auc": None}
    rows = [row for batch in shuffled for row in epoch.add(batch, {"loss": float(told[batch]), "auc": 0.5, "raw": 7.0})]
    assert [batch for batch, _ in rows] == list(range(8))
    rows += epoch.finish({"loss": 33.0})
    assert [batch for batch, _ in rows] == list(range(9))
    assert [row["loss"] for _, row in rows] == pytest.approx(values)
    assert all(row["raw"] == 7.0 and "auc" not in row for _, row in rows)
    assert epoch.batches == 9
