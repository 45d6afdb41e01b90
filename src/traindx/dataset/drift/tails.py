"""How likely a difference between two samples is by luck alone: the tails of the chi-square and Kolmogorov distributions."""

from __future__ import annotations

import math

from traindx.signals import exponential

_ROUNDS = 10_000
_PRECISION = 1e-15


def chi_square_tail(value: float, freedom: float) -> float:
    """Return the probability of a chi-square variable above ``value``: the regularised incomplete gamma function Q(k/2, x/2).

    Series below its mean, Lentz's continued fraction above (Abramowitz and Stegun 6.5.29, 6.5.31).

    >>> round(chi_square_tail(16.919, 9), 4), round(chi_square_tail(3.841459, 1), 4)
    (0.05, 0.05)
    """
    if not value > 0 or freedom <= 0:
        return float("nan") if math.isnan(value) else 1.0
    if math.isinf(value):
        return 0.0
    a, x = freedom / 2, value / 2
    scale = exponential(a * math.log(x) - x - math.lgamma(a))
    return max(0.0, 1 - scale * _series(a, x)) if x < a + 1 else min(1.0, scale * _fraction(a, x))


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    for n in range(1, _ROUNDS):
        term *= x / (a + n)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _fraction(a: float, x: float) -> float:
    b = x + 1 - a
    c, d = 1e300, 1 / b
    total = d
    for i in range(1, _ROUNDS):
        step = -i * (i - a)
        b += 2
        d = 1 / (step * d + b)
        c = b + step / c
        total *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return total


def chi_square_quantile(probability: float, freedom: float) -> float:
    """Return where the chi-square distribution reaches a probability, by bisection.

    >>> round(chi_square_quantile(0.99, 9), 2)
    21.67
    """
    low, high = 0.0, freedom + 10.0
    while chi_square_tail(high, freedom) > 1 - probability:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if chi_square_tail(middle, freedom) > 1 - probability else (low, middle)
    return (low + high) / 2


def kolmogorov_tail(distance: float, first: float, second: float) -> float:
    """Return the probability that two samples of one continuous distribution lie as far apart as ``distance``, or farther.

    The asymptotic law with n = n1 n2 / (n1 + n2), and M. A. Stephens' correction for small samples (1970). Where numbers
    repeat, the true probability is smaller still: it errs on the quiet side.

    >>> round(kolmogorov_tail(0.1, 500, 500), 4)
    0.0124
    """
    if not distance > 0:
        return float("nan") if math.isnan(distance) else 1.0
    root = math.sqrt(first * second / (first + second))
    t = distance * (root + 0.12 + 0.11 / root)
    if t < 1.0:  # Jacobi's form converges fast where the alternating one does not
        terms = (exponential(-((2 * k - 1) ** 2) * math.pi**2 / (8 * t * t)) for k in range(1, 8))
        return min(1.0, max(0.0, 1 - math.sqrt(2 * math.pi) / t * math.fsum(terms)))
    tail = 2 * math.fsum((-1) ** (k - 1) * exponential(-2 * k * k * t * t) for k in range(1, 12))
    return min(1.0, max(0.0, tail))


def normal_tail(z: float) -> float:
    """Return the two-sided probability of a standard normal variable beyond ``z``.

    >>> round(normal_tail(1.96), 3)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2.0))


def adjusted(probabilities: list[float]) -> list[float]:
    """Return p-values such that calling those below q discoveries keeps the share of false ones at q.

    Source: Y. Benjamini and Y. Hochberg, 1995. NaN (nothing tested) stays NaN and does not count.

    >>> adjusted([0.01, 0.04, float("nan"), 0.03])
    [0.03, 0.04, nan, 0.04]
    """
    tested = sorted((p, at) for at, p in enumerate(probabilities) if p == p)
    found = [float("nan")] * len(probabilities)
    least = 1.0
    for rank in range(len(tested), 0, -1):
        p, at = tested[rank - 1]
        least = min(least, p * len(tested) / rank)
        found[at] = least
    return found
