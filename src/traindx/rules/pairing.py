"""Two series side by side: what was logged at the same points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from traindx.context import Reading
from traindx.run import Floats, Series

_NONE: NDArray[np.intp] = np.empty(0, dtype=np.intp)


def common_points(one: Series, other: Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indices of the points that two series have at equal steps and that are finite in both.

    Series of one table are compared row by row; else the steps of the longer one must rise. Empty where nothing matches.
    """
    if len(one) == len(other) and bool((one.steps == other.steps).all()):
        first = second = np.arange(len(one))
    elif len(one) > len(other):
        second, first = common_points(other, one)
        return first, second
    else:
        first, second = _sought(one.steps, other.steps)
    good = np.isfinite(one.values[first]) & np.isfinite(other.values[second])
    return first[good], second[good]


def _sought(short: Floats, long: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    if not len(short) or not bool((np.diff(long) > 0).all()):
        return _NONE, _NONE
    at = np.minimum(np.searchsorted(long, short), len(long) - 1)
    same = np.flatnonzero(long[at] == short)
    return same, at[same]


def side_by_side(one: Reading, other: Reading) -> tuple[Floats, Floats]:
    """Return the finite values of two readings at the points that both have."""
    a, b = one.series, other.series
    finite = len(a) == len(b) and bool(np.isfinite(a.values).all()) and bool(np.isfinite(b.values).all())
    if finite and bool((a.steps == b.steps).all()):
        return a.values, b.values
    first, second = common_points(a, b)
    return one.series.values[first], other.series.values[second]


def partners(ones: Iterable[Reading], others: Iterable[Reading]) -> Iterator[tuple[Reading, Reading]]:
    """Yield the pairs that were measured on the same data: equal split, evaluation set and class."""
    place = {(r.role.split, r.role.part, r.role.component): r for r in others}
    for one in ones:
        other = place.get((one.role.split, one.role.part, one.role.component))
        if other is not None and other is not one:
            yield one, other


def plain(readings: Iterable[Reading], *kinds: str) -> list[Reading]:
    """Return the readings of some kinds that are curves of values: no best so far, no extreme, no spread."""
    return [
        r
        for r in readings
        if r.role.kind in kinds and r.curve is not None and r.role.statistic not in ("min", "max", "std", "best")
    ]
