"""The best of many noisy measurements: chosen nearer to the truth than the luckiest one, and not flattered."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.signals import best_of, smooth


def valley(points: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    truth = np.square(np.linspace(-1, 1, points) - 0.2)
    return truth, truth + np.random.default_rng(seed).normal(0, noise, points)


@pytest.mark.parametrize(("points", "share"), [(8, 0.4), (20, 0.4), (40, 0.4), (200, 0.15)])
def test_the_place_chosen_is_far_nearer_to_the_best_than_the_luckiest_measurement(points: int, share: float) -> None:
    single, chosen, bias = [], [], []
    for seed in range(200):
        truth, values = valley(points, 0.2, seed)
        best = best_of(values)
        assert best is not None
        single.append(truth[best.raw_index] - truth.min())
        chosen.append(truth[best.index] - truth.min())
        bias.append(best.corrected - truth[best.index])
    assert np.mean(chosen) < share * np.mean(single)
    assert abs(np.mean(bias)) < 0.1 * 0.2


@pytest.mark.parametrize("points", [8, 20, 40, 200])
def test_the_true_best_is_among_the_tied(points: int) -> None:
    held = []
    for seed in range(200):
        truth, values = valley(points, 0.2, seed)
        best = best_of(values)
        assert best is not None
        held.append(int(np.argmin(truth)) in best.tied)
    assert np.mean(held) > 0.87


def test_the_luck_of_the_best_of_equal_measurements_is_that_of_order_statistics() -> None:
    found = [best_of(np.random.default_rng(seed).normal(0, 1, 50)) for seed in range(60)]
    luck = float(np.mean([best.luck for best in found if best is not None]))
    assert luck == pytest.approx(2.249, rel=0.15)  # expected maximum of 50 standard normal values


@pytest.mark.parametrize(("points", "spread"), [(20, 0.4), (40, 0.3), (200, 0.15)])
def test_the_noise_about_a_parabola_is_found(points: int, spread: float) -> None:
    found = [curve.noise for seed in range(100) if (curve := smooth(valley(points, 0.3, seed)[1])) is not None]
    assert np.mean(found) == pytest.approx(0.3, rel=0.1)
    assert np.std(found) < spread * 0.3


def test_a_metric_that_should_rise_is_chosen_at_its_top() -> None:
    _, values = valley(40, 0.01, 1)
    lower, higher = best_of(values), best_of(-values, higher_is_better=True)
    assert lower is not None
    assert higher is not None
    assert (lower.index, lower.level, lower.tied) == (higher.index, -higher.level, higher.tied)


def test_only_what_is_allowed_is_chosen() -> None:
    _, values = valley(40, 0.01, 1)
    allowed = np.zeros(40, dtype=np.bool_)
    allowed[[3, 30]] = True
    best = best_of(values, allowed=allowed)
    assert best is not None
    assert best.index == 30
    assert best_of(values, allowed=np.zeros(40, dtype=np.bool_)) is None


def test_an_explosion_does_not_drown_the_valley_before_it() -> None:
    values = np.concatenate((valley(30, 0.01, 0)[1] + 1, np.geomspace(10, 1e12, 20)))
    best = best_of(values)
    assert best is not None
    assert best.index < 30
    assert best.noise < 0.2


def test_thousands_of_evaluations_are_judged_by_blocks() -> None:
    truth, values = valley(5_000, 0.3, 2)
    best = best_of(values)
    assert best is not None
    assert truth[best.index] < 0.01
    assert len(values) > len(best.tied) > 0


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 1.0], [1.0] * 30, [0.0] * 5 + [1.0] * 5])
def test_short_and_constant_measurements_are_taken_as_they_are(values: list[float]) -> None:
    best = best_of(np.array(values))
    assert (best is None) == (not values)
    assert best is None or values[best.index] == min(values)
