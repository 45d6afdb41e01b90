"""Where the right items stand: counts of queries in bins of ranks that double about three times a decade."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.chance import RandomRanking
from traindx.retrieval.report import Bin

_STEPS = (1, 2, 5)


def edges(gallery_size: int) -> tuple[int, ...]:
    """Return the last rank of each bin: 1, 2, 5, 10, 20, 50, ... and the size of the gallery.

    >>> edges(300)
    (1, 2, 5, 10, 20, 50, 100, 200, 300)
    """
    found = [step * 10**power for power in range(12) for step in _STEPS if step * 10**power < gallery_size]
    return (*found, gallery_size)


def histogram(hits: Callable[[int], NDArray[np.float64]], law: RandomRanking, queries: int) -> tuple[Bin, ...]:
    """Return the bins; ``hits(k)`` is, for each query, the probability that a right item is among the first ``k``.

    Differences of hit rates are exact under ties too, where a query counts in part in several bins.
    """
    bins: list[Bin] = []
    before, expected_before, first = 0.0, 0.0, 1
    for last in edges(law.gallery_size):
        count = float(hits(last).sum())
        expected = queries * law.hit_rate(last).value
        bins.append(Bin(first, last, count - before, expected - expected_before))
        before, expected_before, first = count, expected, last + 1
    return tuple(bins)
