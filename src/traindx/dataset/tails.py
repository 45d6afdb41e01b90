"""What Gaussian values of a given number would show, to hold measured ones against."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

from traindx.dataset.summary import ColumnSummary

_NORMAL: Final = NormalDist()


def gaussian_largest(count: int) -> float:
    """Return the expected largest |z| of ``count`` Gaussian values (Blom's approximation of the order statistic).

    Source: G. Blom 1958, with alpha = 0.375, for 2n values on one side.

    >>> [round(gaussian_largest(n), 1) for n in (10**3, 10**5, 10**7)]
    [3.4, 4.5, 5.4]
    """
    return _NORMAL.inv_cdf((2 * count - 0.375) / (2 * count + 0.25)) if count > 0 else math.nan


def gaussian_top_share(share: float = 0.001) -> float:
    """Return the share of the sum of squares that the largest squares hold among Gaussian values.

    With P(|Z| > q) = share, it is E[Z^2; |Z| > q] = share + 2 q phi(q).

    >>> round(gaussian_top_share(), 4)
    0.0127
    """
    q = _NORMAL.inv_cdf(1 - share / 2)
    return share + 2 * q * _NORMAL.pdf(q)


def largest_z(column: ColumnSummary) -> float:
    """Return how many deviations the farthest value lies from the mean; NaN for a constant column."""
    if not column.deviation > 0:
        return math.nan
    return max(column.maximum - column.mean, column.mean - column.minimum) / column.deviation


def mean_error(column: ColumnSummary) -> float:
    """Return the standard error of the mean, of independent rows."""
    return column.deviation / math.sqrt(column.count) if column.count else math.nan


def deviation_error(column: ColumnSummary) -> float:
    """Return the relative standard error of the deviation: sqrt((kurtosis - 1) / 4n), wider for heavy tails.

    >>> from traindx.dataset.summary import ColumnSummary
    >>> gaussian = ColumnSummary(name="x", rows=10_000, count=10_000, mean=0.0, m2=1e4, m3=0.0, m4=3e4)
    >>> round(deviation_error(gaussian), 5)
    0.00707
    """
    kurtosis = column.kurtosis
    return math.sqrt(max(kurtosis - 1, 0) / (4 * column.count)) if column.count else math.nan


def squared(value: float) -> float:
    """Return the square; infinity where it is beyond the largest float, which ``**`` refuses with an error.

    >>> squared(3.0), squared(1e200)
    (9.0, inf)
    """
    return value * value


def second_moment(column: ColumnSummary) -> float:
    """Return the mean of the squares: what answering zero costs in squared error."""
    return squared(column.mean) + column.variance
