"""How likely a count is by luck alone."""

from __future__ import annotations

import math


def binomial_tail(hits: int, trials: int, probability: float) -> float:
    """Probability of ``hits`` or more successes in ``trials`` independent trials.

    Summed term by term from logarithms, so that it is exact to rounding for any size.

    >>> round(binomial_tail(22, 890, 10 / 890), 4)
    0.0006
    """
    if hits <= 0:
        return 1.0
    if not 0 < probability < 1:
        return float(probability >= 1)
    log_p, log_q = math.log(probability), math.log1p(-probability)
    top = math.lgamma(trials + 1)
    return min(
        1.0,
        math.fsum(
            math.exp(top - math.lgamma(k + 1) - math.lgamma(trials - k + 1) + k * log_p + (trials - k) * log_q)
            for k in range(hits, trials + 1)
        ),
    )
