"""Where two curves part for good."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from traindx.signals.noise import Floats, local_noise

_FEWEST = 24
# The finest bins that see the difference place it best; coarse ones see smaller differences.
_BINS = (100, 50, 25, 12, 8)
_POINTS_PER_BIN = 3
_Z = 2.5
_SUFFIX = 3


def parting(places: Floats, values: Floats, other_places: Floats, other_values: Floats) -> float | None:
    """Return the place from which on two curves differ for good, or None where they do not part, or too little is known.

    Both curves (finite, 24 points at least on the stretch that both cover, on one axis) are brought into the same bins, at first
    100, then fewer. They part where the difference of the bins' medians leaves 2.5 standard deviations of its own local
    scatter and stays beyond to the end, over three bins and a tenth of all at least.

    Measured share of pairs of equal curves that are said to part, at 30, 200, 2,000 and 20,000 points: Gaussian noise 0, 0, 0, 0 %;
    heavy tails (t, three degrees of freedom) 1, 0, 0, 0 %; autocorrelation 0.9: 15, 6, 1, 0 %. A difference of one standard deviation of
    single points that begins half way is found in 4, 42, 99, 100 % of Gaussian pairs, and placed at 48 to 60 % of the way.
    """
    low, high = max(places.min(), other_places.min()), min(places.max(), other_places.max())
    count = min(int(np.sum((p >= low) & (p <= high))) for p in (places, other_places))
    if not high > low or count < _FEWEST:
        return None
    for bins in (bins for bins in _BINS if bins * _POINTS_PER_BIN <= count):
        edges: Floats = np.linspace(float(low), float(high), bins + 1)
        gap = _medians(edges, other_places, other_values) - _medians(edges, places, values)
        known = np.isfinite(gap)
        found = _begins(gap[known], edges[:-1][known])
        if found is not None:
            return found
    return None


def _begins(gap: Floats, starts: Floats) -> float | None:
    needed = max(_SUFFIX, len(gap) // 10)
    if len(gap) < 2 * _SUFFIX:
        return None
    beyond = np.sign(gap) * (np.abs(gap) > _Z * local_noise(gap))
    last = beyond[-1]
    if last == 0 or not bool((beyond[-needed:] == last).all()):
        return None
    same: NDArray[np.bool_] = beyond == last
    first = int(np.flatnonzero(~same)[-1]) + 1 if not bool(same.all()) else 0
    return float(starts[first])


def _medians(edges: Floats, places: Floats, values: Floats) -> Floats:
    """The median of the values in each bin, NaN where a bin is empty."""
    which = np.clip(np.searchsorted(edges, places, side="right") - 1, -1, len(edges) - 1)
    which = np.where(places == edges[-1], len(edges) - 2, which)
    order = np.argsort(which, kind="stable")
    cuts = np.searchsorted(which[order], np.arange(len(edges)))
    sorted_values = values[order]
    return np.array([np.median(sorted_values[a:b]) if b > a else np.nan for a, b in pairwise(cuts)])
