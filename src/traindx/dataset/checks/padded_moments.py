"""Mean and deviation of all entries of a padded array, and of the active ones alone: each follows from the other."""

from __future__ import annotations

import math

from traindx.dataset.checks.hypotheses import Moments
from traindx.dataset.summary import ArraySummary, ColumnSummary
from traindx.dataset.tails import squared


def moments_with_padding(
    array: ArraySummary, looked: tuple[ColumnSummary, ...], active: float
) -> tuple[list[Moments], list[Moments]]:
    """Return the moments of all entries and of the active ones, padding being zeros.

    The summary is of active values where a mask was given, and of all entries otherwise; the other one follows.
    """
    measured = [(c.mean, c.deviation) for c in looked]
    if array.masked_share > 0:
        shares = [_masked_share(array, c, active) for c in looked]
        return [_padded(m, s, f) for (m, s), f in zip(measured, shares, strict=True)], measured
    shares = [active if c is array.whole else _active_share(c, active) for c in looked]
    return measured, [_unpadded(m, s, f) for (m, s), f in zip(measured, shares, strict=True)]


def _masked_share(array: ArraySummary, column: ColumnSummary, active: float) -> float:
    """The active share of one feature: the values read under the mask among all it has."""
    entries = math.prod(array.shape) if column is array.whole else math.prod(array.shape[:-1])
    return column.rows / entries if 0 < column.rows < entries else active


def _active_share(column: ColumnSummary, active: float) -> float:
    """The active share of one feature: what is not zero in it, where that is less than everything."""
    return 1 - column.zeros / column.rows if column.zeros else active


def _padded(mean: float, deviation: float, active: float) -> Moments:
    square = active * (squared(mean) + squared(deviation))
    return active * mean, max(square - squared(active * mean), 0.0) ** 0.5


def _unpadded(mean: float, deviation: float, active: float) -> Moments:
    if not active > 0:
        return mean, deviation
    square = (squared(mean) + squared(deviation)) / active
    return mean / active, max(square - squared(mean / active), 0.0) ** 0.5
