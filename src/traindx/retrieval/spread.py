"""How sure a mean over queries is: intervals that hold for skewed values, and for queries that share an item."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.signals import student_quantile

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_MANY = 200  # from so many groups on, Student's quantile is the normal one to 0.5 %
_ALIKE = 1e-12  # of the range: values that differ by less are the same but for rounding
_BLAND = 1e-6  # below so small a skewness its correction is nothing but rounding


@final
@dataclass(frozen=True, slots=True)
class Spread:
    """An interval about a value; ``by`` names the method."""

    low: float
    high: float
    by: str


@final
@dataclass(frozen=True, slots=True)
class MeanError:
    """How far a mean over queries may err.

    ``error`` is its standard error, ``skewness`` that of the mean itself (of the values, over the root of their number), ``effect`` by how much
    sharing an item raises the variance over that of as many independent queries (1: not at all), ``units`` how many independent units there are.
    """

    error: float
    skewness: float
    effect: float
    units: int


def mean_error(values: Floats, clusters: Labels | None = None) -> MeanError:
    """Return the error of the mean of ``values``; with ``clusters``, labels from 0 on, that of sums over each cluster.

    The variance is the cluster-robust one, the sum of squared cluster residuals with G/(G-1), which needs no model of how
    queries of one cluster hang together. Source: K.-Y. Liang and S. L. Zeger, 1986.
    """
    n = len(values)
    apart = values - float(np.mean(values))
    sums = apart if clusters is None else np.bincount(clusters, weights=apart)
    units = len(sums)
    if units < 2:
        return MeanError(math.nan, 0.0, float(n), units)
    squares = float(sums @ sums)
    plain = float(apart @ apart)
    skewness = float(np.sum(sums**3)) / squares**1.5 if squares > 0 else 0.0
    error = math.sqrt(squares * units / (units - 1)) / n
    return MeanError(error, skewness, max(1.0, squares / plain) if plain > 0 else 1.0, units)


def quantile_of(confidence: float, units: int) -> float:
    """Return how many standard errors an interval of that confidence reaches to each side."""
    probability = (1 + confidence) / 2
    if units < _MANY:
        return student_quantile(max(units - 1, 1), probability)
    return NormalDist().inv_cdf(probability)


def share_spread(values: Floats, clusters: Labels | None = None, confidence: float = 0.95) -> Spread:
    """Return Wilson's interval of a share of hits, of as many queries as the clusters are worth.

    ``values`` are 0 or 1 (between, where ties are broken in the mean, which the interval then overstates). Sources: E. B. Wilson, 1927;
    the effective number of queries as in E. L. Korn and B. I. Graubard, 1998.
    """
    found = mean_error(values, clusters)
    share, trials = float(np.mean(values)), len(values) / found.effect
    if clusters is None:
        z = NormalDist().inv_cdf((1 + confidence) / 2)  # Wilson's interval needs no estimate of the variance
        return _wilson(share, trials, z, "Wilson")
    return _wilson(share, trials, quantile_of(confidence, found.units), "Wilson, clustered")


def _wilson(share: float, trials: float, z: float, by: str) -> Spread:
    z2 = z * z
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z * math.sqrt(max(share * (1 - share), 0.0) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    low = 0.0 if share <= 0 else max(0.0, centre - half)
    return Spread(low, 1.0 if share >= 1 else min(1.0, centre + half), by)


def mean_spread(
    values: Floats,
    clusters: Labels | None = None,
    confidence: float = 0.95,
    *,
    least: float = 0.0,
    most: float = 1.0,
) -> Spread:
    """Return the interval of the mean of values between ``least`` and ``most``, corrected for their skewness.

    A normal interval of the mean reciprocal rank misses on one side: at chance the skewness of the mean is 0.6 whatever the
    number of queries. Hall's cubic transformation undoes it to the order of the bootstrap, without draws.
    Source: P. Hall, "On the removal of skewness by transformation", 1992. Where all values are the same, or there is one cluster,
    the share of queries unlike them is 0 of so many: Wilson's upper end of it, put at either end of the range, gives the interval.
    """
    found = mean_error(values, clusters)
    mean = float(np.mean(values))
    if not found.error > 0 or float(np.ptp(values)) <= _ALIKE * (most - least):
        z2 = quantile_of(confidence, _MANY) ** 2
        unseen = z2 / (max(found.units, 1) + z2)
        return Spread(mean - unseen * (mean - least), mean + unseen * (most - mean), "Wilson")
    z = quantile_of(confidence, found.units)
    low = mean - found.error * _untransformed(z, found.skewness)
    high = mean - found.error * _untransformed(-z, found.skewness)
    by = "skewness-corrected" + ("" if clusters is None else ", clustered")
    return Spread(max(least, min(low, mean)), min(most, max(high, mean)), by)


def _untransformed(x: float, skewness: float) -> float:
    """The inverse of Hall's g(t) = t + a t²/3 + a² t³/27 + a/6, with a the skewness of the mean."""
    if abs(skewness) < _BLAND:
        return x
    inner = 1 + skewness * (x - skewness / 6)
    return 3 / skewness * (math.copysign(abs(inner) ** (1 / 3), inner) - 1)


def median_spread(values: Floats, clusters: Labels | None = None, confidence: float = 0.95) -> Spread:
    """Return the interval of a median by order statistics: the ranks between which it lies by the binomial law.

    It holds for every distribution. With clusters the number of queries shrinks by what sharing an item costs the share of values below the median.
    """
    ordered = np.sort(values)
    n = len(ordered)
    effect = mean_error((values <= float(np.median(values))).astype(np.float64), clusters).effect
    half = quantile_of(confidence, _MANY) * math.sqrt(effect / n) / 2
    low = max(math.floor(n * (0.5 - half)), 0)
    high = min(math.ceil(n * (0.5 + half)), n - 1)
    return Spread(
        float(ordered[low]), float(ordered[high]), "order statistics" + ("" if clusters is None else ", clustered")
    )
