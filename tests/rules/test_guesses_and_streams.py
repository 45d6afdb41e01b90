"""Theory that rules on guessing and on mixed rows rest on, against simulation and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.rules.baseline.frozen_metric import _cost_of_one_answer, _samples_at_least
from traindx.rules.baseline.starts_above_uniform import _excess
from traindx.rules.integrity.taking_turns import taking_turns
from traindx.run import Floats


def unit(rng: np.random.Generator, count: int, dim: int) -> Floats:
    vectors = rng.normal(size=(count, dim))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float64)


@pytest.mark.parametrize(("count", "dim", "scale"), [(32, 16, 14.0), (32, 64, 14.3), (256, 512, 14.3), (256, 64, 20.0)])
def test_random_unit_vectors_start_at_seven_to_eleven_tenths_of_the_formula(count: int, dim: int, scale: float) -> None:
    rng, losses = np.random.default_rng(0), []
    for _ in range(20):
        logits = scale * unit(rng, count, dim) @ unit(rng, count, dim).T
        top = logits.max(axis=1)
        losses.append(float(np.mean(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)) - np.diag(logits))))
    measured = float(np.mean(losses)) - np.log(count)
    assert 0.7 <= measured / _excess(scale, dim, float(np.log(count))) <= 1.15


def test_no_class_mix_whose_largest_share_is_p_has_less_entropy_than_the_cost_of_one_answer() -> None:
    rng = np.random.default_rng(1)
    for _ in range(500):
        mix = rng.dirichlet(np.full(int(rng.integers(2, 12)), 0.3)) + 1e-9
        mix = mix / mix.sum()
        assert -float(mix @ np.log(mix)) >= _cost_of_one_answer(float(mix.max())) - 1e-6


@pytest.mark.parametrize(("share", "size"), [(0.5, 2), (0.6514, 109), (0.1862, 145), (0.85, 20)])
def test_the_smallest_set_that_makes_a_share(share: float, size: int) -> None:
    assert _samples_at_least(share) == size


@pytest.mark.parametrize("count", [16, 30, 100])
def test_one_noisy_series_is_hardly_ever_called_two_streams(count: int) -> None:
    rng = np.random.default_rng(2)
    falling = np.exp(-4 * np.arange(count) / count)
    called = sum(taking_turns(falling * np.exp(0.7 * rng.normal(size=count))) is not None for _ in range(2_000))
    assert called <= 3


@pytest.mark.parametrize("count", [16, 30, 200])
def test_two_streams_that_fall_apart_are_found_with_their_rows(count: int) -> None:
    rng = np.random.default_rng(3)
    time = np.arange(count) / count
    values = np.where(np.arange(count) % 2, 3 + 10 * np.exp(-3 * time), 0.05 + 2 * np.exp(-4 * time))
    found = taking_turns(values * np.exp(0.15 * rng.normal(size=count)))
    assert found is not None
    assert found.labels.tolist() == [i % 2 for i in range(count)]


@pytest.mark.parametrize("values", [[], [1.0], [1.0] * 40, [0.0, 1.0] * 20, [1e308, 1e-308] * 20])
def test_odd_series_raise_nothing(values: list[float]) -> None:
    taking_turns(np.array(values))
