"""What was measured of a dataset, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSummary:
    """The statistics of one column: a column of a table, or one feature of an array of rows by features.

    ``rows`` values were read, under the mask where there is one; ``count`` of them are finite numbers. ``nan``,
    ``positive_infinite`` and ``negative_infinite`` count the rest. Moments are of the finite values, in float64:
    ``m2`` to ``m4`` are sums of powers of the distance to the mean. ``square_sum_top`` is the share of the sum of squares that
    the largest thousandth of the squares holds. ``quantiles`` stand at ``quantile_levels``. ``frequent`` are the commonest exact values with their
    counts (numbers), ``distinct`` is how many there are (-1: more than were counted).
    """

    name: str
    rows: int
    count: int
    nan: int = 0
    positive_infinite: int = 0
    negative_infinite: int = 0
    zeros: int = 0
    mean: float = float("nan")
    m2: float = float("nan")
    m3: float = float("nan")
    m4: float = float("nan")
    minimum: float = float("nan")
    maximum: float = float("nan")
    square_sum_top: float = float("nan")
    quantile_levels: tuple[float, ...] = ()
    quantiles: tuple[float, ...] = ()
    frequent: tuple[tuple[float, int], ...] = ()
    distinct: int = -1

    @property
    def variance(self) -> float:
        """The variance over the values themselves (divided by their number), in squared units."""
        return self.m2 / self.count if self.count else float("nan")

    @property
    def deviation(self) -> float:
        """The standard deviation over the values themselves."""
        return self.variance**0.5

    @property
    def skewness(self) -> float:
        """The third standardised moment; 0 for a symmetric column, NaN for a constant one."""
        return (self.m3 / self.count) / self.variance**1.5 if self.count and self.m2 > 0 else float("nan")

    @property
    def kurtosis(self) -> float:
        """The fourth standardised moment: 3 for Gaussian values."""
        return (self.m4 / self.count) / self.variance**2 if self.count and self.m2 > 0 else float("nan")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ArraySummary:
    """One array or column of a file: its shape, and a summary for each feature.

    ``features`` has an entry for each position along the last axis (one for a single column); ``whole`` pools them all. ``groups`` holds for each
    group (by the value of the grouping column) the summaries of the features inside it. ``unread`` says what is missing: chunks that could not be read.
    """

    name: str
    where: str
    shape: tuple[int, ...]
    dtype: str
    whole: ColumnSummary
    features: tuple[ColumnSummary, ...]
    groups: Mapping[str, tuple[ColumnSummary, ...]] = field(default_factory=lambda: MappingProxyType({}))
    masked_share: float = 0.0
    unread: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The statistics of every array of a dataset, and what could not be read of it."""

    path: str
    format: str
    arrays: tuple[ArraySummary, ...]
    limits: tuple[str, ...] = ()
