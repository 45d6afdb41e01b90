"""What ranking metrics force upon each other, whatever the ranks are."""

from __future__ import annotations

from collections.abc import Mapping

from traindx.baselines.arithmetic import at_least, fraction
from traindx.errors import UsageError


def _bands(recalls: Mapping[int, float], gallery_size: int) -> list[tuple[int, int, float]]:
    """Return (first rank, last rank, share of queries) of the bands that the recalls cut the gallery into."""
    at_least(1, gallery_size=gallery_size)
    bands: list[tuple[int, int, float]] = []
    last, seen = 0, 0.0
    for k in sorted(recalls):
        at_least(1, k=k)
        fraction(**{f"recall at {k}": recalls[k]})
        if recalls[k] < seen - 1e-12:
            raise UsageError(f"recall at {k} is below recall at a smaller cut-off", hint="recall cannot fall with k")
        if k < gallery_size:
            bands.append((last + 1, k, recalls[k] - seen))
            last, seen = k, recalls[k]
    bands.append((last + 1, gallery_size, 1.0 - seen))
    return bands


def mrr_bounds(recalls: Mapping[int, float], gallery_size: int) -> tuple[float, float]:
    """Return the lowest and highest mean reciprocal rank that recalls at cut-offs allow.

    In each band of ranks the hits sit at its last rank at worst and at its first at best.

    >>> [round(b, 3) for b in mrr_bounds({1: 0.1245, 5: 0.3122, 10: 0.4218}, 446)]
    [0.174, 0.289]
    """
    bands = _bands(recalls, gallery_size)
    return sum(share / last for _, last, share in bands), sum(share / first for first, _, share in bands)


def mrr_bounds_any_gallery(recalls: Mapping[int, float]) -> tuple[float, float]:
    """Return the lowest and highest mean reciprocal rank that recalls at cut-offs allow in a gallery of any size.

    Recalls are taken as they are, in the order of their cut-offs; what lies beyond the last one is at infinity at worst and
    just behind it at best. It encloses ``mrr_bounds`` of every gallery.

    >>> [round(b, 3) for b in mrr_bounds_any_gallery({1: 0.1245, 5: 0.3122, 10: 0.4218})]
    [0.173, 0.289]
    """
    low, high, before, rank = 0.0, 0.0, 0.0, 0
    for cut in sorted(recalls):
        low += (recalls[cut] - before) / cut
        high += (recalls[cut] - before) / (rank + 1)
        before, rank = recalls[cut], cut
    return low, high + (1 - before) / (rank + 1)


def mean_rank_bounds(recalls: Mapping[int, float], gallery_size: int) -> tuple[float, float]:
    """Return the lowest and highest mean rank, counted from 1, that recalls at cut-offs allow.

    >>> round(mean_rank_bounds({1: 0.1245, 5: 0.3122, 10: 0.4218}, 446)[0], 2)
    7.52
    """
    bands = _bands(recalls, gallery_size)
    return sum(share * first for first, _, share in bands), sum(share * last for _, last, share in bands)


def least_mean_rank(recalls: Mapping[int, float]) -> float:
    """Return the lowest mean rank, counted from 1, that recalls at cut-offs allow in a gallery of any size.

    >>> round(least_mean_rank({1: 0.1245, 5: 0.3122, 10: 0.4218}), 2)
    7.52
    """
    total, before, rank = 0.0, 0.0, 0
    for cut in sorted(recalls):
        total += (recalls[cut] - before) * (rank + 1)
        before, rank = recalls[cut], cut
    return total + (1 - before) * (rank + 1)


def median_rank_bounds(recalls: Mapping[int, float], gallery_size: int) -> tuple[int, int]:
    """Return the band of ranks, counted from 1, that holds the median query.

    >>> median_rank_bounds({1: 0.1245, 5: 0.3122, 10: 0.4218}, 446)
    (11, 446)
    """
    seen = 0.0
    for first, last, share in _bands(recalls, gallery_size):
        seen += share
        if seen >= 0.5:
            return first, last
    return 1, gallery_size


def mean_rank_given_mrr(mrr: float, gallery_size: int) -> tuple[float, float]:
    """Return the lowest and highest mean rank that a mean reciprocal rank allows.

    The harmonic mean 1/MRR is the least (Jensen); the most mixes rank 1 and rank N: f + (1-f) N with
    f = (MRR - 1/N)/(1 - 1/N).

    >>> [round(r, 1) for r in mean_rank_given_mrr(0.0127, 446)]
    [78.7, 441.3]
    """
    fraction(mrr=mrr)
    at_least(2, gallery_size=gallery_size)
    at_least(1 / gallery_size, mrr=mrr)
    first = (mrr - 1 / gallery_size) / (1 - 1 / gallery_size)
    return 1 / mrr, first + (1 - first) * gallery_size
