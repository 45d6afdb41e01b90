"""The robust level of a stretch, with its error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.noise import Floats, effective_size, robust_sd

# The median of Gaussian noise scatters sqrt(pi / 2) times as much as the mean.
_MEDIAN_PENALTY = 1.2533


@final
@dataclass(frozen=True, slots=True)
class Level:
    """The median of the points ``first`` to ``last`` (indices, inclusive) and its standard error.

    ``error`` is NaN where the stretch is too short to tell (under three points).
    """

    value: float
    error: float
    first: int
    last: int


def level(values: Floats, first: int, last: int) -> Level:
    """Return the level of ``values[first : last + 1]``; the error allows for dependence between neighbours."""
    window = values[first : last + 1]
    if len(window) == 0:
        return Level(float("nan"), float("nan"), first, last)
    if len(window) < 3:
        return Level(float(np.median(window)), float("nan"), first, last)
    error = _MEDIAN_PENALTY * robust_sd(window) / np.sqrt(effective_size(window))
    return Level(float(np.median(window)), float(error), first, last)
