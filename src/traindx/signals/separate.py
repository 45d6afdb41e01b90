"""Medians of blocks so long that neighbouring ones tell something of their own."""

from __future__ import annotations

import numpy as np

from traindx.signals.noise import Floats, lag_one

# A block of twice the length over which points depend on each other has a neighbour that hardly depends on it.
_APART = 2.0
# Autocorrelation estimated from n points about a line is too low by about this many n-ths.
_BIAS = 4.0


def separate_blocks(values: Floats, most: int = 20) -> Floats:
    """Return medians of at most ``most`` equal blocks, fewer where neighbouring points depend on each other.

    A block holds at least 2 (1 + r) / (1 - r) points for autocorrelation r > 0, corrected for the bias of its estimate in
    short series.

    >>> import numpy as np
    >>> separate_blocks(np.arange(6.0), most=3)
    array([0.5, 2.5, 4.5])
    """
    size = len(values)
    r = max(0.0, lag_one(values))
    r = min(0.98, r + _BIAS / size * r) if size else 0.0
    shortest = _APART * (1 + r) / (1 - r) if r > 0.1 else 1.0
    count = int(min(most, size // max(1.0, shortest)))
    return np.array([np.median(part) for part in np.array_split(values, count)]) if count else np.empty(0)
