"""Progress that single points hide and all points together show."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.signals import change, summarise


def _dependent(rng: np.random.Generator, size: int, phi: float) -> np.ndarray:
    noise = rng.normal(size=size + 50)
    for i in range(1, len(noise)):
        noise[i] += phi * noise[i - 1]
    return noise[50:]


@pytest.mark.parametrize(("phi", "most"), [(0.0, 0.01), (0.5, 0.03)])
@pytest.mark.parametrize("size", [40, 200])
def test_flat_noise_is_seldom_taken_for_a_change(phi: float, most: float, size: int) -> None:
    rng = np.random.default_rng(1)
    found = [change(_dependent(rng, size, phi)) for _ in range(300)]
    assert np.mean([abs(one.z) > 4 for one in found if one is not None]) <= most


def test_a_slow_descent_under_loud_noise_is_seen_in_all_points_and_not_at_the_ends() -> None:
    values = 3.5 - 0.2 * np.linspace(0, 1, 300) + 0.15 * np.random.default_rng(2).normal(size=300)
    found = change(values)
    assert found is not None
    assert found.z < -4
    assert found.before - found.after == pytest.approx(0.2 * 2 / 3, abs=0.05)
    curve = summarise(values)
    assert curve.start.value - curve.end.value < 5 * curve.error


def test_few_points_tell_nothing() -> None:
    assert change(np.arange(39.0)) is None
