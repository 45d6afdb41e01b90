"""Expectations over random orders inside a tie, in closed form.

A tie holds ``size`` items behind ``before`` others; ``right`` of them are right. Every order of it is equally likely. The forms follow
F. McSherry and M. Najork, "Computing information retrieval performance measures efficiently in the presence of tied scores", 2008.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

_EULER = 0.5772156649015329
_EXACT_TERMS = 1024


def share_within(before: Counts, size: Counts, k: int) -> Floats:
    """Return the probability that one item of the tie stands within the first k: its expected share of the k places.

    >>> share_within(np.array([0, 3]), np.array([10, 4]), 5).tolist()
    [0.5, 0.5]
    """
    return np.clip((k - before) / size, 0.0, 1.0)


def any_within(before: Counts, size: Counts, right: Counts, k: int) -> Floats:
    """Return the probability that at least one of ``right`` items stands within the first k: 1 - C(t-r, x)/C(t, x), x places of the tie inside.

    >>> any_within(np.array([0]), np.array([4]), np.array([2]), 1).tolist()
    [0.5]
    """
    places = np.clip(k - before, 0, size)
    missed = np.ones(len(before))
    for taken in range(int(right.max(initial=0))):  # (t-x)/t (t-x-1)/(t-1) ...: one factor for each right item
        factor = np.clip((size - places - taken) / np.maximum(size - taken, 1), 0.0, 1.0)
        missed = np.where(taken < right, missed * factor, missed)
    return 1.0 - missed


def first_place(before: Counts, size: Counts, right: Counts) -> Floats:
    """Return the expected rank of the first right item: before + (t + 1)/(r + 1)."""
    return before + (size + 1) / (right + 1)


def reciprocal_first_place(before: Counts, size: Counts, right: Counts, k: int | None = None) -> Floats:
    """Return the expected reciprocal of the rank of the first right item, 0 beyond k: sum over x of C(t-x, r-1)/C(t, r)/(before + x).

    >>> float(reciprocal_first_place(np.array([0]), np.array([4]), np.array([1]))[0]) == (1 + 1/2 + 1/3 + 1/4) / 4
    True
    """
    last = before + size if k is None else np.maximum(np.minimum(before + size, k), before)
    found = reciprocals_between(before, last) / size
    several = np.flatnonzero(right > 1)
    if len(several):
        keys = np.stack((before[several], size[several], right[several]), axis=1)
        unique, places = np.unique(keys, axis=0, return_inverse=True)
        values = np.array([_one_reciprocal(int(a), int(t), int(r), k) for a, t, r in unique], dtype=np.float64)
        found[several] = values[places.reshape(-1)]
    return found


def _one_reciprocal(before: int, size: int, right: int, k: int | None) -> float:
    offsets = np.arange(1, size - right + 2, dtype=np.float64)
    # P(first at x+1) / P(first at x) = (t - x - r + 1)/(t - x), from P(first at 1) = r/t
    ratios = np.concatenate(([right / size], (size - offsets[:-1] - right + 1) / (size - offsets[:-1])))
    inside = slice(None) if k is None else slice(0, max(0, k - before))
    return float(np.sum((np.cumprod(ratios) / (before + offsets))[inside]))


def precision_at_places(before: Counts, size: Counts, right_before: Counts, right_others: Counts, k: int) -> Floats:
    """Return the expectation, for one right item of a tie, of the precision at its rank where that is within k, else 0.

    At rank ``before + x`` it counts itself, the right items before the tie, and of the other right items of the tie the share (x - 1)/(t - 1).
    """
    last = np.minimum(before + size, k)
    inside = last > before
    slope = np.where(size > 1, right_others / np.maximum(size - 1, 1), 0.0)
    fixed = (1 + right_before - (before + 1) * slope) * reciprocals_between(before, np.maximum(last, before))
    return np.where(inside, (fixed + slope * (last - before)) / size, 0.0)


def reciprocals_between(first: Counts, last: Counts) -> Floats:
    """Return the sum of 1/n over first < n <= last; most ties are of one item, whose sum is one division.

    >>> reciprocals_between(np.array([0, 4, 7]), np.array([2, 5, 7])).tolist()
    [1.5, 0.2, 0.0]
    """
    found = np.where(last > first, 1.0 / np.maximum(last, 1), 0.0)
    several = np.flatnonzero(last - first > 1)
    if len(several):
        found[several] = harmonic(last[several]) - harmonic(first[several])
    return found


def harmonic(n: Counts) -> Floats:
    """Return H_n = 1 + 1/2 + ... + 1/n, exact to float64: summed to 1,024, beyond by its asymptotic series.

    >>> harmonic(np.array([0, 1, 4])).tolist()
    [0.0, 1.0, 2.083333333333333]
    """
    table = np.concatenate(([0.0], np.cumsum(1.0 / np.arange(1, _EXACT_TERMS + 1))))
    large = np.maximum(n, _EXACT_TERMS).astype(np.float64)
    series = np.log(large) + _EULER + 1 / (2 * large) - 1 / (12 * large**2) + 1 / (120 * large**4)
    return np.where(n <= _EXACT_TERMS, table[np.minimum(n, _EXACT_TERMS)], series)


@lru_cache(maxsize=4)
def discounts(places: int) -> Floats:
    """Return the sums of 1/log2(1 + rank) over the first 0, 1, ..., ``places`` ranks.

    >>> discounts(2).round(4).tolist()
    [0.0, 1.0, 1.6309]
    """
    found = np.concatenate(([0.0], np.cumsum(1.0 / np.log2(np.arange(2, places + 2, dtype=np.float64)))))
    found.flags.writeable = False
    return found
