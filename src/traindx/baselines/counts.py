"""Percentages tell counts: which sample sizes could have produced the printed percentages."""

from __future__ import annotations

import math
from collections.abc import Sequence

from traindx.baselines.arithmetic import at_least
from traindx.errors import UsageError

LARGEST_SIZE = 1_000_000


def compatible_sizes(percentages: Sequence[float], decimals: int, up_to: int) -> tuple[int, ...]:
    """Return every n up to ``up_to`` for which each percentage is 100 k/n for a whole k, as printed.

    A printed percentage stands for all values within half a unit of its last decimal, so both ways of rounding a
    half are allowed. The test of granularity-related inconsistency of means (Brown and Heathers 2017) for counts.

    >>> compatible_sizes([0.22, 1.57, 2.47], 2, 900)
    (445, 446, 889, 890, 891, 892)
    """
    at_least(0, decimals=decimals)
    at_least(1, up_to=up_to)
    at_least(up_to, largest_size=LARGEST_SIZE)
    if not percentages or not all(0 <= p <= 100 for p in percentages):
        raise UsageError("percentages must lie between 0 and 100", hint="write a fraction 0.0247 as 2.47")
    sizes = list(range(1, up_to + 1))
    for percentage in percentages:
        sizes = [n for n in sizes if _fits(percentage, decimals, n)]
    return tuple(sizes)


def _fits(percentage: float, decimals: int, n: int) -> bool:
    half = 0.5 * 10.0**-decimals + 1e-9
    first = math.ceil((percentage - half) * n / 100 - 1e-9)
    return first <= (percentage + half) * n / 100 + 1e-9


def hit_counts(percentages: Sequence[float], n: int) -> tuple[int, ...]:
    """Return the nearest whole number of hits among n for each percentage.

    >>> hit_counts([0.22, 1.57, 2.47], 446)
    (1, 7, 11)
    """
    at_least(1, n=n)
    return tuple(round(p * n / 100) for p in percentages)


def chance_of_fit(percentages: Sequence[float], decimals: int, n: int) -> float:
    """Return the chance that random percentages of that many decimals fit size n: the share of grid points, per value.

    Near 1 the fit says nothing: with two decimals that is so from n = 10,000 on.

    >>> chance_of_fit([0.22, 1.57, 2.47], 2, 446) < 1e-3
    True
    """
    at_least(1, n=n)
    grid = 100.0 * 10.0**decimals
    return min(1.0, (n + 1) / (grid + 1)) ** len(percentages)


def sizes_by_luck(percentages: Sequence[float], decimals: int, up_to: int) -> float:
    """Return how many sizes up to ``up_to`` percentages of that many decimals fit by luck, on average.

    Counts of n items reach n of the 10^(2 + decimals) values that a percentage can be printed as, so that m different
    ones fit n items with probability (n / 10^(2 + decimals))^m; summed over n. 0 and 100 % fit every size and do not count.

    >>> round(sizes_by_luck([0.22, 1.57, 2.47], 2, 890), 2)
    0.16
    """
    at_least(1, up_to=up_to)
    telling = len({p for p in percentages if 0 < p < 100})
    return up_to * (up_to / 10.0 ** (2 + decimals)) ** telling / (telling + 1)
