"""How sure a difference is: proportions, pairs, and small samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.signals.noise import Floats

_Z95 = 1.959963984540054
_GRID = 20_001
_DRAWS = 2_000


@final
@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between ``low`` and ``high`` at 95 % confidence."""

    value: float
    low: float
    high: float

    @property
    def tied(self) -> bool:
        """Whether zero lies inside: of a difference, that the two cannot be told apart."""
        return self.low <= 0 <= self.high


def wilson(hits: float, trials: int) -> Interval:
    """Return the Wilson interval of a proportion, which holds for small shares where the textbook one does not.

    Source: E. B. Wilson, 1927.

    >>> found = wilson(1, 446)
    >>> round(100 * found.low, 2), round(100 * found.high, 2)
    (0.04, 1.26)
    """
    share, z2 = hits / trials, _Z95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z95 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def proportion_difference(before: float, after: float, trials_before: int, trials_after: int) -> Interval:
    """Return the interval of the difference of two independent shares, from their Wilson intervals.

    Source: R. G. Newcombe, 1998 (his method 10).

    >>> found = proportion_difference(56 / 70, 48 / 80, 70, 80)
    >>> round(found.low, 4), round(found.high, 4)
    (-0.3339, -0.0524)
    """
    one, other = wilson(before * trials_before, trials_before), wilson(after * trials_after, trials_after)
    low = math.hypot(after - other.low, one.high - before)
    high = math.hypot(other.high - after, before - one.low)
    return Interval(after - before, after - before - low, after - before + high)


def mcnemar(only_before: int, only_after: int) -> float:
    """Return the exact two-sided p-value that two classifiers err alike, from the items on which just one is right.

    >>> round(mcnemar(1, 9), 4)
    0.0215
    """
    total, fewer = only_before + only_after, min(only_before, only_after)
    if total == 0:
        return 1.0
    logs = [math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1) for k in range(fewer + 1)]
    return min(1.0, 2 * sum(math.exp(log - total * math.log(2)) for log in logs))


def student_quantile(freedom: float, probability: float = 0.975) -> float:
    """Return the quantile of Student's t distribution, by integrating its density.

    >>> round(student_quantile(2), 3), round(student_quantile(30), 3)
    (4.303, 2.042)
    """
    angle = np.linspace(0.0, math.pi / 2, _GRID)  # t = sqrt(freedom) tan(angle) takes the tail to a finite range
    density = np.cos(angle) ** (freedom - 1)
    steps = (density[1:] + density[:-1]) / 2
    share = np.concatenate(([0.0], np.cumsum(steps))) / float(np.sum(steps))
    at = float(np.interp(2 * probability - 1, share, angle))
    return math.sqrt(freedom) * math.tan(at)


def mean_difference(before: Sequence[float], after: Sequence[float], *, paired: bool) -> Interval | None:
    """Return the interval of the difference of two means over runs; None where there are too few to tell.

    Paired: Student's interval of the differences. Unpaired: Welch's, with his degrees of freedom.
    """
    one, other = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if paired:
        gaps = other - one
        if len(gaps) < 2:
            return None
        half = student_quantile(len(gaps) - 1) * float(np.std(gaps, ddof=1)) / math.sqrt(len(gaps))
        return _around(float(np.mean(gaps)), half)
    if min(len(one), len(other)) < 2:
        return None
    parts = [float(np.var(x, ddof=1)) / len(x) for x in (one, other)]
    gap, total = float(np.mean(other) - np.mean(one)), sum(parts)
    if not total > 0:
        return _around(gap, 0.0)
    freedom = total**2 / sum(p**2 / (len(x) - 1) for p, x in zip(parts, (one, other), strict=True))
    return _around(gap, student_quantile(freedom) * math.sqrt(total))


def bootstrap_difference(before: Floats, after: Floats) -> Interval:
    """Return the interval of the mean difference of values of the same items, by drawing items again (a fixed seed)."""
    gaps = after - before
    rng = np.random.default_rng(0)
    means: NDArray[np.float64] = np.empty(_DRAWS)
    for draw in range(_DRAWS):
        means[draw] = gaps[rng.integers(0, len(gaps), len(gaps))].mean()
    low, high = np.quantile(means, (0.025, 0.975))
    return Interval(float(gaps.mean()), float(low), float(high))


def _around(value: float, half: float) -> Interval:
    return Interval(value, value - half, value + half)
