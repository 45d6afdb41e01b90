"""A trend is a change beyond what noise of any dependence makes of a flat series."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.signals.noises import noise, rate

from traindx.run import Floats, floats
from traindx.signals import trend


def moves(values: Floats) -> bool:
    return abs(trend(values).z) > 3


@pytest.mark.parametrize("kind", ["gaussian", "heavy", "dependent", "heavy and dependent"])
@pytest.mark.parametrize("size", [200, 2_000, 20_000])
def test_flat_noise_rarely_has_a_trend(kind: str, size: int) -> None:
    assert rate(moves, kind, size, 60 if size > 2_000 else 300) <= 0.07


@pytest.mark.parametrize("kind", ["gaussian", "heavy"])
def test_twenty_independent_points_rarely_have_a_trend(kind: str) -> None:
    assert rate(moves, kind, 20, 500) <= 0.035  # a t distribution of eight degrees of freedom passes 3 in 1.7 %


@pytest.mark.parametrize(("size", "least"), [(20, 0.05), (200, 0.4), (2_000, 0.99)])
def test_a_change_of_one_deviation_is_seen_the_better_the_longer_it_is(size: int, least: float) -> None:
    assert rate(lambda values: moves(floats(values + np.linspace(0, 1, size))), "gaussian", size, 200) >= least


@pytest.mark.parametrize("change", [-3.0, 0.5, 20.0])
def test_the_change_agrees_with_theil_and_sen(change: float) -> None:
    size = 1_000
    values = np.linspace(0, change, size) + 0.1 * noise("gaussian", size, np.random.default_rng(4))
    slope = stats.theilslopes(values[::5], np.linspace(0, 1, size)[::5])[0]
    found = trend(floats(values))
    assert found.change == pytest.approx(0.9 * slope, abs=4 * found.error)  # from the first block to the last


def test_a_flat_line_has_no_trend_and_a_clean_one_has_no_error() -> None:
    assert trend(floats([2.0] * 30)).z == 0
    assert trend(floats(np.linspace(0, 1, 30))).z > 1e6


def test_three_points_are_refused() -> None:
    with pytest.raises(ValueError, match="four"):
        trend(floats([1.0, 2.0, 3.0]))
