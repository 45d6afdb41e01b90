"""What hit counts at a few cut-offs say of the mean reciprocal rank, when nothing is known of the misses."""

from __future__ import annotations

from collections.abc import Mapping


def mrr_of_hits(hits: Mapping[int, int], gallery_size: int) -> float:
    """Mean reciprocal rank when ranks inside each bracket, and beyond the last cut-off, are uniform.

    ``hits`` maps a cut-off K to how many queries found their item within rank K; there are ``gallery_size`` queries. Derivation: a
    query in the bracket (a, b] contributes the mean of 1/r over r = a+1 ... b.

    >>> round(mrr_of_hits({1: 2, 5: 14, 10: 22}, 890), 4)
    0.0127
    """
    total, below, found = 0.0, 0, 0
    for cut in sorted(hits):
        total += (hits[cut] - found) * _mean_reciprocal(below, cut)
        below, found = cut, hits[cut]
    total += (gallery_size - found) * _mean_reciprocal(below, gallery_size)
    return total / gallery_size


def _mean_reciprocal(low: int, high: int) -> float:
    """Mean of 1/r over r = low+1 ... high; 0 for an empty bracket."""
    return sum(1 / r for r in range(low + 1, high + 1)) / (high - low) if high > low else 0.0
