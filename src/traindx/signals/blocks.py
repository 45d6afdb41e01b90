"""A long series in brief: medians of blocks."""

from __future__ import annotations

import numpy as np

from traindx.signals.noise import Floats

# Enough to place any level to 0.05 % of the run, and it bounds the work for a run of any length.
_MOST = 2_000


def block_medians(values: Floats, most: int = _MOST) -> tuple[Floats, int]:
    """Return medians of equal blocks, at most ``most`` (and one), and the points per block; short series stay as they are.

    The incomplete last block joins by overlap with the one before it.

    >>> import numpy as np
    >>> block_medians(np.arange(5.0), most=2)
    (array([1., 3.]), 3)
    """
    block = -(-len(values) // most)
    if block <= 1:
        return values, 1
    whole = len(values) // block
    medians = np.median(values[: whole * block].reshape(whole, block), axis=1)
    if whole * block < len(values):
        medians = np.append(medians, np.median(values[-block:]))
    return medians, block
