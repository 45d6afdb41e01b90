"""The bounds that rules hold metrics against are kept by every simulated model, and reached by some."""

from __future__ import annotations

import math

import numpy as np
import pytest

from traindx.engine import diagnose_run, select_rules
from traindx.rules.arithmetic.few_validation_samples import FewValidationSamples
from traindx.run import Floats, Run, Series, floats
from traindx.signals import running_mean


def run_of(columns: dict[str, Floats]) -> Run:
    steps = floats(100.0 * np.arange(len(next(iter(columns.values())))))
    series = {name: Series(name=name, values=floats(values), steps=steps) for name, values in columns.items()}
    return Run(name="simulated", series=series, sources=())


def said(columns: dict[str, Floats], **facts: int | str) -> list[str]:
    return [finding.code for finding in diagnose_run(run_of(columns), select_rules(), facts=facts).findings]


def softmax(logits: Floats) -> Floats:
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return floats(exp / exp.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("classes", [2, 10, 100])
@pytest.mark.parametrize("sharpness", [0.3, 1.0, 5.0])
def test_every_wrong_answer_of_a_softmax_costs_ln_2(classes: int, sharpness: float) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, 4_000)
    logits = rng.normal(0, sharpness, (4_000, classes))
    logits[np.arange(4_000), labels] += sharpness
    right = softmax(logits)[np.arange(4_000), labels]
    wrong = float((logits.argmax(axis=1) != labels).mean())
    assert wrong <= float(-np.log(right).mean()) / math.log(2)
    barely_wrong = np.array([0.5 - 1e-9, 0.5 + 1e-9])
    assert -math.log(barely_wrong[0]) == pytest.approx(math.log(2), abs=1e-6)


@pytest.mark.parametrize("average", ["macro", "micro", "batches"])
def test_f1_is_never_above_the_mean_of_equally_averaged_precision_and_recall(average: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        hits, extra, missed = rng.integers(0, 20, (3, 6)) + 1e-9
        if average == "micro":
            hits, extra, missed = hits.sum(), extra.sum(), missed.sum()
        elif average == "batches":
            hits, extra, missed = (one.reshape(2, 3).sum(axis=1) for one in (hits, extra, missed))
        precision, recall = hits / (hits + extra), hits / (hits + missed)
        f1 = 2 * hits / (2 * hits + extra + missed)
        assert np.mean(f1) <= (np.mean(precision) + np.mean(recall)) / 2 + 1e-12


def test_errors_and_overlaps_keep_their_order_under_any_average() -> None:
    rng = np.random.default_rng(2)
    errors = rng.standard_t(3, (50, 20))
    assert np.abs(errors).mean() <= np.sqrt(np.square(errors).mean())
    iou = rng.uniform(0, 1, (50, 20))
    assert iou.mean() <= (2 * iou / (1 + iou)).mean()


def test_a_mean_of_perplexities_is_never_below_the_exponential_of_the_mean_loss() -> None:
    losses = np.random.default_rng(3).normal(3, 0.4, 20_000)
    lift = float(np.log(np.exp(losses).mean()) - losses.mean())
    assert lift == pytest.approx(0.4**2 / 2, rel=0.1)


@pytest.mark.parametrize("size", [24, 50, 96, 160])
def test_the_size_of_a_small_set_is_found_from_its_shares(size: int) -> None:
    rng = np.random.default_rng(size)
    shares = np.round(rng.binomial(size, np.linspace(0.3, 0.8, 24)) / size, 4)
    assert FewValidationSamples()._size(np.unique(shares)) == size


def test_hardly_any_series_of_many_samples_looks_like_a_small_set() -> None:
    rng = np.random.default_rng(0)
    found = [
        FewValidationSamples()._size(np.unique(np.round(rng.binomial(5_000, np.linspace(0.3, 0.8, 12)) / 5_000, 4)))
        for _ in range(300)
    ]
    assert sum(size is not None for size in found) <= 1


def falling(size: int, seed: int) -> Floats:
    level = 0.4 + 2 * (1 + np.linspace(0, 1, size) / 0.03) ** -0.8
    return floats(level * np.exp(0.05 * np.random.default_rng(seed).normal(size=size)))


@pytest.mark.parametrize(("size", "least"), [(300, 0.7), (1_000, 0.95), (4_000, 0.95)])
def test_running_means_are_told_from_batches_and_undone(size: int, least: float) -> None:
    rows, found = np.arange(1, size + 1), []
    for seed in range(20):
        batches = falling(size, seed)
        undone = running_mean(floats(np.cumsum(batches) / rows))
        found.append(undone is not None and np.allclose(undone.values, batches))
        assert running_mean(batches) is None
    assert np.mean(found) >= least


def test_moving_averages_and_curves_without_noise_are_no_running_means() -> None:
    smooth = 0.4 + 2 * (1 + np.linspace(0, 1, 2_000) / 0.03) ** -0.8
    averaged = falling(2_000, 0).copy()
    for i in range(1, len(averaged)):
        averaged[i] = 0.98 * averaged[i - 1] + 0.02 * averaged[i]
    assert running_mean(floats(smooth)) is None
    assert running_mean(floats(averaged)) is None


def test_a_share_printed_with_a_percent_sign_and_one_without_are_one_scale() -> None:
    shares = np.array([0.41, 0.52, 0.58, 0.63, 0.66, 0.68])
    assert "MET010" in said({"train/accuracy": floats(100 * shares), "val/accuracy": floats(shares)})
    assert "MET010" not in said({"train/accuracy": floats(shares), "val/accuracy": floats(shares - 0.03)})
