"""A log may hold several attempts, one after the other; only points of one attempt form a curve."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from traindx.run import Floats, Series
from traindx.signals import restarts

# More restarts than one in ten points are interleaved writers, not attempts.
_MOST_SHARE = 0.1
# An attempt of fewer points says less than the longest one.
_FEWEST = 5


def judged_attempt(series: Series) -> Series:
    """Return the points of the last attempt: after the counter went back to its start for the last time.

    Where the last attempt holds fewer than five points, the longest is taken. A counter that goes back a little (a
    resume from a checkpoint) does not begin a new attempt. Without restarts it is the whole series.
    """
    for counter in (series.epochs, series.steps):
        cuts = _beginnings(counter)
        if cuts and len(cuts) <= max(1, _MOST_SHARE * len(series)):
            bounds = [0, *cuts, len(series)]
            pieces = [(a, b) for a, b in pairwise(bounds) if b > a]
            last = pieces[-1]
            chosen = last if last[1] - last[0] >= _FEWEST else max(pieces, key=lambda p: p[1] - p[0])
            return series.take(slice(*chosen))
    return series


def _beginnings(counter: Floats) -> list[int]:
    """Indices where the counter falls back to its start (the first tenth of what it had reached)."""
    if not len(counter) or not bool(np.isfinite(counter).any()):
        return []
    lowest = float(np.nanmin(counter))
    return [r.index for r in restarts(counter) if r.after - lowest <= 0.1 * (r.before - lowest)]
