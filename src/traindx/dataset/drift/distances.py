"""How far two samples, or two tables of counts, lie apart."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from traindx.arrays import compiled, has_numba
from traindx.dataset.drift.tails import chi_square_quantile, chi_square_tail

Floats = NDArray[np.float64]

_HALF = 0.5  # Jeffreys' prior count: an empty bin must not make a logarithm infinite


def largest_gap(first: NDArray[np.number], second: NDArray[np.number]) -> float:
    """Return the Kolmogorov-Smirnov distance of two sorted samples: the largest gap between their distribution functions.

    The functions are compared after all copies of a number, so that equal numbers make no gap.

    >>> largest_gap(np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 2.0]))
    0.3333333333333333
    """
    if not len(first) or not len(second):
        return float("nan")
    if has_numba():
        return float(compiled(_gap_kernel)(first, second))
    everything = np.concatenate((first, second))
    everything.sort(kind="stable")  # two sorted runs: merged in linear time
    gaps = np.searchsorted(first, everything, side="right") / len(first)
    gaps -= np.searchsorted(second, everything, side="right") / len(second)
    return float(np.abs(gaps).max())


def _gap_kernel(first: NDArray[np.number], second: NDArray[np.number]) -> float:
    rows, others, i, j, most = len(first), len(second), 0, 0, 0.0
    while i < rows and j < others:  # once one sample is used up, the gap only closes
        value = min(first[i], second[j])
        while i < rows and first[i] == value:
            i += 1
        while j < others and second[j] == value:
            j += 1
        most = max(most, abs(i / rows - j / others))
    return most


def stability_index(first: ArrayLike, second: ArrayLike) -> float:
    """Return the population stability index of two tables of counts: sum of (p - q) ln(p / q), in nats, half a count added to each bin.

    >>> round(stability_index([100, 100], [100, 100]), 6), round(stability_index([700, 300], [300, 700]), 2)
    (0.0, 0.68)
    """
    p, q = _shares(first, _HALF), _shares(second, _HALF)
    return float(((p - q) * np.log(p / q)).sum())


def stability_null(bins: int, first: float, second: float) -> tuple[float, float]:
    """Return what the stability index of two samples of one distribution is expected to be, and its 99 % point.

    With enough rows it is (1/n + 1/m) times a chi-square variable with one degree of freedom less than there are bins.

    >>> [round(v, 3) for v in stability_null(10, 1000, 1000)]
    [0.018, 0.043]
    """
    scale = 1 / first + 1 / second
    return (bins - 1) * scale, chi_square_quantile(0.99, bins - 1) * scale


def stability_tail(index: float, bins: int, first: float, second: float) -> float:
    """Return the probability of a stability index this large between samples of one distribution."""
    return chi_square_tail(index / (1 / first + 1 / second), bins - 1)


def jensen_shannon(first: ArrayLike, second: ArrayLike) -> float:
    """Return the Jensen-Shannon divergence of two tables of counts, in nats: 0 for equal shares, ln 2 for disjoint ones.

    >>> round(jensen_shannon([1, 0], [0, 1]), 4)
    0.6931
    """
    p, q = _shares(first), _shares(second)
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(p > 0, p * np.log(p / middle), 0.0) + np.where(q > 0, q * np.log(q / middle), 0.0)
    return max(0.0, float(parts.sum() / 2))


def largest_share_gap(first: ArrayLike, second: ArrayLike) -> float:
    """Return the largest difference between the shares of one bin (L-infinity).

    >>> largest_share_gap([50, 50], [80, 20])
    0.30000000000000004
    """
    return float(np.abs(_shares(first) - _shares(second)).max())


def homogeneity(first: ArrayLike, second: ArrayLike, scale: float = 1.0) -> tuple[float, int]:
    """Return Pearson's statistic for two tables of counts with one distribution, and its degrees of freedom.

    Bins with fewer than five rows expected in either table are counted as one (W. G. Cochran's rule), so that the chi-square
    distribution fits. ``scale`` is the share of the rows that count as independent.

    >>> value, freedom = homogeneity([50, 50], [80, 20])
    >>> round(value, 2), freedom
    (19.78, 1)
    """
    a, b = _pooled(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64))
    n, m = float(a.sum()), float(b.sum())
    used = (a + b) > 0
    if int(used.sum()) < 2 or not n or not m:
        return float("nan"), 0
    a, b = a[used], b[used]
    parts = (math.sqrt(m / n) * a - math.sqrt(n / m) * b) ** 2 / (a + b)
    return scale * float(parts.sum()), len(a) - 1


def _pooled(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    n, m = a.sum(), b.sum()
    if not n or not m:
        return a, b
    rare = (a + b) * min(n, m) / (n + m) < 5
    if int(rare.sum()) < 2:
        return a, b
    return np.append(a[~rare], a[rare].sum()), np.append(b[~rare], b[rare].sum())


def _shares(counts: ArrayLike, added: float = 0.0) -> Floats:
    table = np.asarray(counts, dtype=np.float64) + added
    total = float(table.sum())
    return table / total if total else np.full(len(table), float("nan"))
