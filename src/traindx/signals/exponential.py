"""The factor behind a difference of logarithms, for values that come from a log and may be anything."""

from __future__ import annotations

import math


def exponential(log: float) -> float:
    """Return e^log, and infinity where that is beyond the largest float: the standard library raises there.

    >>> exponential(0.0), exponential(1000.0), exponential(-1000.0)
    (1.0, inf, 0.0)
    """
    try:
        return math.exp(log)
    except OverflowError:
        return math.inf
