"""What the best of several equal evaluations owes to luck, against a simulation."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.rules.checkpoints.choice_within_noise import best_of


@pytest.mark.parametrize("count", [2, 5, 10, 20, 50])
def test_the_best_of_equal_values_lies_as_high_as_simulated(count: int) -> None:
    draws = np.random.default_rng(0).normal(size=(20_000, count))
    assert best_of(count) == pytest.approx(float(draws.max(axis=1).mean()), abs=0.04)
