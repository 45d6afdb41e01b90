"""Spikes are found where they are, and noise of any tail and dependence is none."""

from __future__ import annotations

import numpy as np
import pytest
from tests.signals.noises import KINDS, noise, rate

from traindx.run import Floats, floats
from traindx.signals import spikes


def spiky(values: Floats) -> bool:
    return bool(spikes(floats(2 * np.exp(0.05 * values))))


@pytest.mark.parametrize("kind", KINDS[:3])
@pytest.mark.parametrize(("size", "bound"), [(20, 0.10), (200, 0.03), (2_000, 0.04), (20_000, 0.05)])
def test_noise_without_spikes_shows_none(kind: str, size: int, bound: float) -> None:
    assert rate(spiky, kind, size, 40 if size > 2_000 else 300) <= bound


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [200, 2_000, 20_000])
def test_three_points_of_twelve_deviations_are_found_where_they_are(kind: str, size: int) -> None:
    def found(values: Floats) -> bool:
        at = size // 2
        lifted = 2 * np.exp(0.05 * values)
        lifted[at : at + 3] *= np.exp(0.6)
        return any(one.first <= at + 2 and one.last >= at for one in spikes(floats(lifted)))

    assert rate(found, kind, size, 20 if size > 2_000 else 60) >= 0.9


def test_a_single_point_of_thirty_deviations_is_found_in_gaussian_noise() -> None:
    values = 2 + 0.05 * noise("gaussian", 500, np.random.default_rng(1))
    values[300] += 1.5
    (found,) = spikes(floats(values))
    assert (found.first, found.last) == (300, 300)
    assert found.peak == values[300]
    assert found.level == pytest.approx(2, rel=0.02)
    assert found.score > 1


@pytest.mark.parametrize("height", [0.5, 1.0, 5.0])
def test_a_step_that_stays_is_no_spike(height: float) -> None:
    values = 2 + 0.02 * noise("gaussian", 300, np.random.default_rng(1))
    values[150:] += height
    assert spikes(floats(values)) == ()


def test_a_dip_is_a_spike_downwards_only() -> None:
    values = 2 + 0.02 * noise("gaussian", 300, np.random.default_rng(1))
    values[150:153] -= 1
    assert spikes(floats(values)) == ()
    assert [one.first for one in spikes(floats(values), upward=False)] == [150]


def test_a_rise_at_the_very_end_may_yet_stay() -> None:
    values = 2 + 0.02 * noise("gaussian", 300, np.random.default_rng(1))
    values[-3:] += 2
    assert spikes(floats(values)) == ()


@pytest.mark.parametrize("values", [[], [1.0] * 19, [1.0] * 500, [0.0] * 500, [-1.0] * 50])
def test_short_and_constant_series_have_no_spikes(values: list[float]) -> None:
    assert spikes(floats(values)) == ()
