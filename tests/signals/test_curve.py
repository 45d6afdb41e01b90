"""A curve in brief: levels at the right places, and errors that are as large as the levels scatter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.signals.noises import noise, rate

from traindx.run import Floats, floats
from traindx.signals import level, summarise

VALUES = st.lists(st.floats(-1e300, 1e300) | st.just(float("nan")) | st.just(float("inf")), min_size=1, max_size=80)


def test_the_levels_of_a_clean_curve_are_its_values() -> None:
    curve = summarise(floats([4.0, 3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0]))
    assert (curve.start.value, curve.best.value, curve.end.value) == (3.0, 1.0, 3.0)  # three, one and three points
    assert (curve.gained, curve.lost, curve.count) == (2.0, 2.0, 13)


def test_where_higher_is_better_gaining_means_rising() -> None:
    curve = summarise(floats(np.linspace(0.1, 0.9, 30)), higher_is_better=True)
    assert curve.gained > 0.7
    assert curve.lost == 0


@given(VALUES)
def test_any_values_with_a_finite_one_have_a_curve(values: list[float]) -> None:
    array = floats(values)
    if not np.isfinite(array).any():
        with pytest.raises(ValueError, match="finite"):
            summarise(array)
        return
    curve = summarise(array)
    assert curve.count == int(np.isfinite(array).sum())
    assert np.isfinite([curve.start.value, curve.best.value, curve.end.value, curve.lost, curve.error]).all()
    assert 0 <= curve.best.first <= curve.best.last < curve.count
    assert curve.end.last == curve.count - 1


@pytest.mark.parametrize("size", [12, 61, 1_999, 2_001, 100_000])
def test_a_long_curve_is_cut_without_losing_its_ends(size: int) -> None:
    curve = summarise(floats(np.linspace(5, 1, size)))
    assert curve.start.value == pytest.approx(5, abs=4 * 6 / min(size, 2_000) + 0.4 * (size < 20))
    assert curve.end.value == pytest.approx(1, abs=0.4 if size < 20 else 0.15)
    assert curve.end.last == size - 1


def beyond(errors: float) -> object:
    def exceeds(values: Floats) -> bool:
        curve = summarise(floats(10 + values))
        return curve.lost > errors * curve.error

    return exceeds


@pytest.mark.parametrize("kind", ["gaussian", "heavy"])
@pytest.mark.parametrize("size", [20, 200, 2_000, 20_000])
def test_flat_noise_rarely_loses_three_errors(kind: str, size: int) -> None:
    assert rate(beyond(3), kind, size, 60 if size > 2_000 else 300) <= 0.06  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [200, 2_000, 20_000])
def test_flat_dependent_noise_rarely_loses_five_errors(size: int) -> None:
    assert rate(beyond(5), "heavy and dependent", size, 60 if size > 2_000 else 300) <= 0.03  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["gaussian", "heavy", "dependent"])
@pytest.mark.parametrize("size", [200, 2_000, 20_000])
def test_flat_noise_rarely_falls_by_three_errors_from_its_start(kind: str, size: int) -> None:
    def falls(values: Floats) -> bool:
        curve = summarise(floats(10 + values))
        return curve.start.value - curve.end.value > 3 * curve.gain_error

    assert rate(falls, kind, size, 60 if size > 2_000 else 300) <= 0.03


@pytest.mark.parametrize("size", [200, 2_000])
def test_a_loss_of_what_was_gained_is_far_beyond_the_error(size: int) -> None:
    fall = np.concatenate([np.linspace(3, 1, size // 2), np.linspace(1, 3, size // 2)])
    curve = summarise(floats(fall + 0.05 * noise("heavy and dependent", size, np.random.default_rng(0))))
    assert curve.lost > 5 * curve.error


@pytest.mark.parametrize("size", [9, 100, 1_000])
def test_the_error_of_a_level_is_the_scatter_of_its_median(size: int) -> None:
    rng = np.random.default_rng(2)
    found = [level(floats(rng.normal(size=size)), 0, size - 1) for _ in range(400)]
    scatter = float(np.std([one.value for one in found]))
    assert float(np.median([one.error for one in found])) == pytest.approx(scatter, rel=0.25)


def test_levels_of_too_few_points_say_so() -> None:
    assert np.isnan(level(floats([1.0, 2.0]), 0, 1).error)
    assert np.isnan(level(floats([]), 0, 0).value)
