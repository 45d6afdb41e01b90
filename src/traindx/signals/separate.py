"""Medians of blocks so long that neighbouring ones tell something of their own."""

from __future__ import annotations

import math

import numpy as np

from traindx.signals.noise import Floats, lag_one

# A block of twice the length over which points depend on each other has a neighbour that hardly depends on it.
_APART = 2.0
# Autocorrelation estimated from n points about a curve is too low by about this many n-ths.
_BIAS = 4.0
# From this length on, a parabola is told from dependence, and blocks that are too short are allowed for.
_LONG = 30
_FEWEST = 8


def separate_blocks(values: Floats, most: int = 20) -> tuple[Floats, float]:
    """Return medians of at most ``most`` equal blocks, and the factor by which dependence widens errors taken from them.

    A block holds at least 2 (1 + r) / (1 - r) points for the autocorrelation r > 0 about a parabola, corrected for the bias
    of its estimate in short series; the factor is then 1. Where that leaves under eight blocks of thirty points or more, eight are made, and
    the factor is that of a first-order autoregressive series of blocks.

    >>> import numpy as np
    >>> separate_blocks(np.arange(6.0), most=3)
    (array([0.5, 2.5, 4.5]), 1.0)
    """
    size = len(values)
    r = max(0.0, lag_one(_without_bend(values) if size >= _LONG else values))
    r = min(0.99, r + _BIAS / size * r) if size else 0.0
    shortest = _APART * (1 + r) / (1 - r) if r > 0.1 else 1.0
    count, factor = int(min(most, size // max(1.0, shortest))), 1.0
    if count < _FEWEST and size >= _LONG:
        count, between = _FEWEST, r ** (size / _FEWEST)
        factor = math.sqrt((1 + between) / (1 - between))
    blocks = [np.median(part) for part in np.array_split(values, count)] if count else []
    return np.array(blocks, dtype=np.float64), factor


def _without_bend(values: Floats) -> Floats:
    """Values less the bend of the parabola through them; their line stays."""
    x = np.linspace(-1, 1, len(values))
    bend = x**2 - np.mean(x**2)
    return np.asarray(values - bend * (float(bend @ values) / float(bend @ bend)), dtype=np.float64)
