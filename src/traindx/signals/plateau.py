"""A stretch that is shown to stand still: not merely one in which no trend was proved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.blocks import block_medians
from traindx.signals.noise import Floats
from traindx.signals.separate import separate_blocks

_FEWEST = 6
# Standard errors by which the largest gain that the stretch allows lies above the one that was measured: about 95 %,
# for the four and more degrees of freedom that six blocks leave.
_SURE = 2.0
# Shares of the run at which a plateau may begin, the earliest first.
_STARTS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 2 / 3)


@final
@dataclass(frozen=True, slots=True)
class Plateau:
    """From the point ``first`` on, a falling curve gained ``gained``, and ``most`` at most; ``level`` is where it stands."""

    first: int
    level: float
    gained: float
    most: float


def plateau(values: Floats, *, worth: float) -> Plateau | None:
    """Return the longest last part of a run, a third of it or more, over which less than ``worth`` was gained, or None.

    Lower is better. The gain of a stretch is that of a line through medians of blocks that hardly depend on each other; what
    it may be at most (two standard errors more) must be under ``worth``: a stretch too noisy to tell is no plateau.

    Measured share of false plateaus, in lines that gain exactly ``worth`` (one standard deviation of the noise) over
    their last third, for Gaussian, heavy-tailed (t, three degrees of freedom) and dependent (autocorrelation 0.9)
    noise: 20 points 8, 6, 24 %; 200 points 3, 3, 14 %; 2,000 points 2, 4, 8 %; 20,000 points 0, 8, 3 %. Flat noise is
    called a plateau in: 20 points 47, 53, 60 %; 200 points 96, 100, 56 %; 2,000 points 100, 100, 97 %; 20,000 points
    100, 100, 100 %.
    """
    reduced, block = block_medians(values)
    for share in _STARTS:
        first = round(share * len(reduced))
        part = reduced[first:]
        gained, error = gain(part)
        if gained + _SURE * error < worth:
            return Plateau(first * block, float(np.median(part)), gained, gained + _SURE * error)
    return None


def gain(values: Floats) -> tuple[float, float]:
    """Return what a stretch gained (lower is better) along a line, and its standard error; (NaN, NaN) under six blocks."""
    levels, factor = separate_blocks(values)
    count = len(levels)
    if count < _FEWEST:
        return float("nan"), float("nan")
    x = (np.arange(count) - (count - 1) / 2) / count
    slope = float(x @ levels) / float(x @ x)
    residual = levels - levels.mean() - slope * x
    return -slope, factor * math.sqrt(float(residual @ residual) / (count - 2) / float(x @ x))
