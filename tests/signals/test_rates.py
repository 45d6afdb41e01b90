"""Every signal's false alarms and power are what its docstring says, at four lengths and in three kinds of noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.signals.noises import noise
from tests.signals.rates import RATES, sentence

from traindx import signals
from traindx.run import Floats

KINDS = ("gaussian", "heavy", "dependent")
SERIES = {20: 120, 200: 60, 2_000: 16, 20_000: 6}
SLOW = {("interleaved_clusters", 2_000): 4, ("repeating_period", 2_000): 3, ("repeating_period", 200): 12}
CASES = [
    pytest.param(name, size, marks=[pytest.mark.slow] if size == 20_000 else [], id=f"{name} {size}")
    for name in RATES
    for size in SERIES
]


def share(name: str, shape: Callable[[Floats], Floats], kind: str, size: int) -> tuple[float, int]:
    series, rng = SLOW.get((name, size), SERIES[size]), np.random.default_rng(3)
    return sum(bool(RATES[name].speaks(shape(noise(kind, size, rng)))) for _ in range(series)) / series, series


def margin(per_cent: float, series: int) -> float:
    """Three standard errors of a share, and one series."""
    expected = min(max(per_cent / 100, 0.02), 0.98)
    return 3 * np.sqrt(expected * (1 - expected) / series) + 1 / series


@pytest.mark.parametrize(("name", "size"), CASES)
def test_noise_alone_makes_a_signal_speak_no_more_often_than_stated(name: str, size: int) -> None:
    for kind, stated in zip(KINDS, RATES[name].false[size], strict=True):
        found, series = share(name, RATES[name].rest, kind, size)
        assert found <= stated / 100 + margin(stated, series), kind


@pytest.mark.parametrize(("name", "size"), CASES)
def test_a_signal_speaks_of_its_shape_as_often_as_stated(name: str, size: int) -> None:
    for kind, stated in zip(KINDS, RATES[name].power[size], strict=True):
        found, series = share(name, RATES[name].shape, kind, size)
        assert found >= stated / 100 - margin(stated, series), kind


@pytest.mark.parametrize("name", RATES)
def test_the_figures_stand_in_the_docstring(name: str) -> None:
    docstring = " ".join((getattr(signals, name).__doc__ or "").split())
    assert sentence(RATES[name].false) in docstring
    assert sentence(RATES[name].power) in docstring
