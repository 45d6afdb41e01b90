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
_LEAP = 1.5
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
    with np.errstate(invalid="ignore", over="ignore"):
        up = driver[1:] >= _LEAP * driver[:-1]
        down = driver[:-1] >= _LEAP * driver[1:]
        at = np.flatnonzero((up | down) & (driver[1:] > 0) & (driver[:-1] > 0)) + 1
    if not len(at):
        return None
    chosen = np.unique(np.linspace(0, len(at) - 1, min(len(at), _MOST)).astype(np.intp))
    bounds = np.concatenate(([0], at, [len(driver)]))
    powers = np.array([_power(values, driver, bounds[i : i + 3]) for i in chosen])
    powers = powers[np.isfinite(powers)]
    if not len(powers):
        return None
    agreeing = float(np.mean((powers > 0.5) & (powers < 1.5)))
    return Follow(len(powers), round(float(np.median(powers)), 6), agreeing)


def _power(values: Floats, driver: Floats, bounds: NDArray[np.intp]) -> float:
    """The power of the driver's leap by which the levels on both sides differ; both within their own stretch."""
    first, at, last = (int(bound) for bound in bounds)
    before = _level(values[max(first, at - _BESIDE) : at])
    after = _level(values[at : min(last, at + _BESIDE)])
    with np.errstate(all="ignore"):
        return float(np.log(after / before) / np.log(driver[at] / driver[at - 1]))


def _level(stretch: Floats) -> float:
    """The median of the positive finite values of a stretch, NaN where there are none."""
    known = stretch[np.isfinite(stretch) & (stretch > 0)]
    return float(np.median(known)) if len(known) else float("nan")
