"""Whether one series leaps whenever another does, and by the same factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Points on either side of a leap whose median is the level there.
_BESIDE = 5
# A driver is a step function; leaps under a half are no steps of it.
_LEAP = np.log(1.5)
# Leaps that are looked at, evenly spread: enough to tell, and bounded.
_MOST = 200


@final
@dataclass(frozen=True, slots=True)
class Follow:
    """How a series answers the leaps of its driver.

    ``leaps`` is how many were looked at; ``exponent`` the median power of the driver that the series leapt by (1: it is
    proportional, 0: it does not care); ``agreeing`` the share of leaps with a power between 0.5 and 1.5.
    """

    leaps: int
    exponent: float
    agreeing: float


def follow(values: Floats, driver: Floats) -> Follow | None:
    """Return how positive ``values`` follow a positive step function of equal length, or None where it never leaps.

    >>> import numpy as np
    >>> scale = np.repeat([4.0, 2.0, 8.0, 4.0], 10)
    >>> follow(3 * scale, scale)
    Follow(leaps=3, exponent=1.0, agreeing=1.0)
    """
    good = np.isfinite(values) & np.isfinite(driver) & (values > 0) & (driver > 0)
    level, steps = np.log(values[good]), np.log(driver[good])
    at = np.flatnonzero(np.abs(np.diff(steps)) >= _LEAP) + 1
    if not len(at):
        return None
    chosen = at[np.unique(np.linspace(0, len(at) - 1, min(len(at), _MOST)).astype(np.intp))]
    bounds = np.concatenate(([0], at, [len(steps)]))
    powers = np.array([_power(level, steps, int(i), bounds) for i in chosen])
    agreeing = float(np.mean((powers > 0.5) & (powers < 1.5)))
    return Follow(len(powers), round(float(np.median(powers)), 6), agreeing)


def _power(level: Floats, steps: Floats, index: int, bounds: NDArray[np.intp]) -> float:
    """The power of the driver's leap by which the levels on both sides differ; both within their own stretch."""
    place = int(np.searchsorted(bounds, index))
    first, last = int(bounds[place - 1]), int(bounds[place + 1])
    before = np.median(level[max(first, index - _BESIDE) : index])
    after = np.median(level[index : min(last, index + _BESIDE)])
    return float((after - before) / (steps[index] - steps[index - 1]))
