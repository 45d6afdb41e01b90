"""How often luck would do as well: tails of hit counts and of means, under random rankings."""

from __future__ import annotations

import math

import numpy as np

_REACH = 40.0  # standard deviations beyond which a binomial has no mass that a float could hold


def hits_tail(hits: float, trials: float, probability: float) -> float:
    """Return the probability of ``hits`` or more in ``trials`` draws, exact to rounding at any size.

    Part hits, from ties, are rounded down. Where the draws differ in their probability, that of their mean gives a tail
    which is no smaller (Hoeffding, 1956), so that the test stays on the safe side.

    >>> round(hits_tail(22, 890, 10 / 890), 4)
    0.0006
    """
    count, n = math.floor(hits + 1e-6), max(round(trials), 1)
    if count <= 0:
        return 1.0
    if count > n or not 0 < probability < 1:
        return float(count <= n and probability >= 1)
    spread = math.sqrt(n * probability * (1 - probability))
    last = min(n, int(max(count, n * probability) + _REACH * (spread + 1)))
    steps = np.arange(count, last, dtype=np.float64)
    log_odds = math.log(probability) - math.log1p(-probability)
    logs = np.concatenate(([0.0], np.cumsum(np.log((n - steps) / (steps + 1)) + log_odds)))
    first = _log_choose(n, count) + count * math.log(probability) + (n - count) * math.log1p(-probability)
    return min(1.0, float(np.sum(np.exp(first + logs))))


def fewer_hits_tail(hits: float, trials: float, probability: float) -> float:
    """Return the probability of ``hits`` or fewer in ``trials`` draws; part hits are rounded up.

    >>> round(fewer_hits_tail(0, 100, 0.05), 5)
    0.00592
    """
    return hits_tail(max(round(trials), 1) - hits, trials, 1 - probability)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def mean_tail(above: float, skewness: float) -> float:
    """Return the probability that a standardised mean exceeds ``above`` where luck gives it that skewness.

    Pearson's third curve, through the cube root that makes a gamma variable normal (Wilson and Hilferty, 1931).

    >>> round(mean_tail(1.645, 0.0), 3), round(mean_tail(1.645, 0.6), 3)
    (0.05, 0.063)
    """
    if abs(skewness) < 1e-6:
        return upper_normal(above)
    shape = 4 / skewness**2
    ratio = 1 + math.copysign(above, skewness * above) / math.sqrt(shape)
    z = (math.copysign(abs(ratio) ** (1 / 3), ratio) - 1 + 1 / (9 * shape)) * 3 * math.sqrt(shape)
    return upper_normal(z if skewness > 0 else -z)


def upper_normal(z: float) -> float:
    """Return the probability that a standard normal variable exceeds ``z``, with all its digits far out.

    >>> upper_normal(0.0), upper_normal(20.0) > 0
    (0.5, True)
    """
    return 0.5 * math.erfc(z / math.sqrt(2.0))
