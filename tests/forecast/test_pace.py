"""The time that is left, from clocks that are none too good."""

from __future__ import annotations

import math

import numpy as np
import pytest

from traindx.forecast import pace_of, pace_of_steps

STEPS = np.arange(0.0, 1000.0, 10.0)


def test_an_even_pace_is_known_to_two_percent() -> None:
    pace = pace_of(STEPS, 1.7e9 + 3.0 * STEPS)
    assert pace is not None
    assert pace.left(100) == pytest.approx((294, 300, 306))
    assert pace.slowdown == 1.0


def test_what_is_left_goes_at_the_pace_of_today() -> None:
    each = np.where(STEPS > 500, 6.0, 3.0)
    pace = pace_of(STEPS, np.cumsum(10 * each))
    assert pace is not None
    assert pace.now == pytest.approx(6.0, rel=0.05)
    assert pace.slowdown == pytest.approx(2.0, rel=0.05)


def test_a_night_off_is_no_pace() -> None:
    seconds = 3.0 * STEPS + np.where(STEPS > 800, 30_000.0, 0.0)
    pace = pace_of(STEPS, seconds)
    assert pace is not None
    assert pace.now == pytest.approx(3.0, rel=0.05)
    assert pace.paused == pytest.approx(30_000, rel=0.05)


def test_an_unsteady_pace_has_a_wide_interval() -> None:
    each = np.random.default_rng(0).uniform(2.0, 4.0, len(STEPS))
    pace = pace_of(STEPS, np.cumsum(10 * each))
    assert pace is not None
    assert 2.0 < pace.fast < pace.now < pace.slow < 4.0
    assert pace.slow - pace.fast > 0.4


@pytest.mark.parametrize(
    "seconds", [np.full(100, math.nan), np.zeros(100), -STEPS, np.full(100, math.inf), np.array([1.0] * 100)]
)
def test_clocks_that_do_not_go_tell_nothing(seconds: np.ndarray) -> None:
    assert pace_of(STEPS, seconds) is None


def test_durations_of_steps_are_as_good_as_a_clock() -> None:
    pace = pace_of_steps(np.full(50, 0.25))
    assert pace is not None
    assert pace.now == pytest.approx(0.25)
    assert pace_of_steps(np.array([0.25])) is None
