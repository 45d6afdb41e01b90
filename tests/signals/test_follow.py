"""A series that is multiplied by a step function follows it; one that is not, does not."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.run import Floats, floats
from traindx.signals import follow

SCALE = floats(np.repeat([2.0**k for k in (16, 15, 14, 15, 14, 13, 14, 15)], 50))


def noisy(sd: float, seed: int) -> Floats:
    return floats(np.exp(np.random.default_rng(seed).normal(0, sd, len(SCALE))))


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_power_of_the_driver_is_found(power: float) -> None:
    found = follow(floats(SCALE**power * noisy(0.05, 1)), SCALE)
    assert found is not None
    assert found.leaps == 7
    assert found.exponent == pytest.approx(power, abs=0.1)


def test_noise_of_a_gradient_norm_rarely_looks_like_following() -> None:
    """Of 300 norms that vary by half and know nothing of the scale, none agrees at four of five leaps."""
    found = [follow(noisy(0.5, seed), SCALE) for seed in range(300)]
    assert sum(one is not None and one.agreeing >= 0.8 for one in found) == 0


def test_a_driver_that_stands_still_tells_nothing() -> None:
    assert follow(noisy(0.1, 1), floats(np.full(len(SCALE), 8.0))) is None
    assert follow(floats(np.full(len(SCALE), np.nan)), SCALE) is None
    assert follow(floats([]), floats([])) is None
