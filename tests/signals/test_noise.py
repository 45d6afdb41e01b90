"""Scatter is measured as theory and scipy have it, whatever trend or spike lies in the series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.signals.noises import noise

from traindx.run import floats
from traindx.signals import effective_size, lag_one, level_noise, local_noise, robust_sd, scale_noise

RNG = np.random.default_rng(5)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_the_robust_deviation_is_the_scaled_mad_of_scipy(values: list[float]) -> None:
    expected = 1.4826 * stats.median_abs_deviation(values)
    assert robust_sd(floats(values)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_one_value_has_no_deviation() -> None:
    assert np.isnan(robust_sd(floats([1.0])))


@pytest.mark.parametrize("size", [200, 2_000, 20_000])
def test_local_noise_is_the_standard_deviation_about_any_line(size: int) -> None:
    values = floats(RNG.normal(3, 0.5, size) + np.linspace(0, 1000, size))
    assert local_noise(values) == pytest.approx(0.5, rel=4 / np.sqrt(size))


def test_local_noise_does_not_see_spikes_and_shifts() -> None:
    values = RNG.normal(0, 1, 2_000)
    values[500:] += 40
    values[::97] += 500
    assert local_noise(floats(values)) == pytest.approx(1, rel=0.1)


def test_dependence_hides_three_quarters_of_the_local_noise() -> None:
    # second differences of unit AR(1) noise have variance 6 - 8 r + 2 r^2
    expected = np.sqrt((6 - 8 * 0.9 + 2 * 0.81) / 6)
    assert local_noise(noise("dependent", 50_000, RNG)) == pytest.approx(expected, rel=0.03)


def test_four_points_are_too_few_for_local_noise() -> None:
    assert np.isnan(local_noise(floats([1.0, 2.0, 1.0, 2.0])))


@pytest.mark.parametrize("width", [3, 9, 65])
def test_level_noise_is_the_scatter_of_medians(width: int) -> None:
    draws = RNG.normal(size=(4_000, width))
    expected = float(np.std(np.median(draws, axis=1)))
    assert level_noise(floats(RNG.normal(size=400 * width)), width) == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("width", [3, 9, 65])
def test_level_noise_sees_dependence(width: int) -> None:
    values = noise("dependent", 400 * width, RNG)
    true = float(np.std([np.median(values[i : i + width]) for i in range(0, len(values), width)]))
    assert level_noise(values, width) == pytest.approx(true, rel=0.35)


def test_level_noise_does_not_take_a_curve_for_noise() -> None:
    curve = 2.3 * np.exp(-np.linspace(0, 5, 600)) + RNG.normal(0, 0.01, 600)
    assert level_noise(floats(curve), 20) < 0.03  # of a fall by 2.3


def test_too_few_levels_have_no_scatter() -> None:
    assert np.isnan(level_noise(floats(RNG.normal(size=30)), 3))


@pytest.mark.parametrize("dependence", [0.0, 0.5, 0.9])
def test_the_autocorrelation_is_that_of_the_process(dependence: float) -> None:
    values = [0.0]
    for draw in RNG.normal(size=20_000):
        values.append(dependence * values[-1] + draw)
    assert lag_one(floats(values)) == pytest.approx(dependence, abs=0.02)
    expected = len(values) * (1 - dependence) / (1 + dependence)
    assert effective_size(floats(values)) == pytest.approx(expected, rel=0.25)


def test_the_mean_of_dependent_noise_scatters_as_the_effective_size_says() -> None:
    rng = np.random.default_rng(3)
    series = [noise("dependent", 2_000, rng) for _ in range(300)]
    scatter = float(np.std([values.mean() for values in series]))
    told = float(np.median([values.std() / np.sqrt(effective_size(values)) for values in series]))
    assert told == pytest.approx(scatter, rel=0.15)


@pytest.mark.parametrize("values", [[], [1.0], [2.0] * 20, [float(i) for i in range(20)]])
def test_series_without_scatter_have_no_autocorrelation(values: list[float]) -> None:
    assert abs(lag_one(floats(values))) <= 1
    assert effective_size(floats(values)) <= max(2, len(values))


def test_rounding_noise_is_half_the_printed_unit() -> None:
    assert scale_noise(floats(np.round(RNG.normal(2, 0.5, 500), 2))) == pytest.approx(0.005)
    assert scale_noise(floats([1.0, 1.0, np.nan])) == 0
