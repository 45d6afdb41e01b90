"""Noise of unit variance as training losses have it, for simulations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter

from traindx.run import Floats, floats

KINDS = ("gaussian", "heavy", "dependent", "heavy and dependent")


def noise(kind: str, size: int, rng: np.random.Generator) -> Floats:
    """Gaussian or t with three degrees of freedom; independent or autoregressive with 0.9."""
    draws = rng.standard_t(3, size) / np.sqrt(3) if "heavy" in kind else rng.normal(size=size)
    if "dependent" in kind:
        draws = lfilter([np.sqrt(1 - 0.81)], [1, -0.9], draws)
    return floats(draws)


def rate(happens: Callable[[Floats], bool], kind: str, size: int, series: int, seed: int = 0) -> float:
    """Share of simulated series of noise in which something happens."""
    rng = np.random.default_rng(seed)
    return sum(happens(noise(kind, size, rng)) for _ in range(series)) / series
