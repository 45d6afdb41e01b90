"""What was measured of a dataset, as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, final


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
    quantile_error: float = float("nan")
    """How far a quantile may be from a value of that rank, as a share of its distance to ``sketch_centre`` (0: exact)."""
    sketch_centre: float = float("nan")
    square_sum_top_error: float = float("nan")
    """``square_sum_top`` is right to this much, up or down."""
    deviation_sum_top: float = float("nan")
    """The same share for the squared distances to the mean: what a squared loss of a constant prediction is made of."""

    @property
    def not_finite(self) -> int:
        """How many values are NaN or infinite."""
        return self.nan + self.positive_infinite + self.negative_infinite

    @property
    def variance(self) -> float:
        """The variance over the values themselves (divided by their number), in squared units."""
        return self.m2 / self.count if self.count else float("nan")

    @property
    def deviation(self) -> float:
        """The standard deviation over the values themselves."""
        return math.sqrt(max(self.variance, 0.0))

    @property
    def skewness(self) -> float:
        """The third standardised moment; 0 for a symmetric column, NaN for a constant one."""
        cube = self.variance * self.deviation  # 0 where the variance is too small for floats, NaN without values
        return (self.m3 / self.count) / cube if cube > 0 else float("nan")

    @property
    def kurtosis(self) -> float:
        """The fourth standardised moment: 3 for Gaussian values."""
        square = self.variance * self.variance
        return (self.m4 / self.count) / square if square > 0 else float("nan")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TextSummary:
    """A column of text or bytes: how many rows, how many of them empty or missing, how long, and which come most often.

    Lengths are in characters (of bytes: in bytes). ``distinct`` is exact where ``distinct_error`` is 0, and else an estimate with that
    relative standard error. Counts in ``frequent`` are exact where ``frequent_error`` is 0, and else at most that much too low.
    """

    count: int
    empty: int
    missing: int
    mean_length: float
    minimum_length: int
    maximum_length: int
    distinct: int
    distinct_error: float = 0.0
    frequent: tuple[tuple[str, int], ...] = ()
    frequent_error: int = 0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSummary:
    """A column of lists of whole numbers (token ids, class ids): how long the lists are, and how often each number comes.

    ``counts`` holds every id with its count, the commonest first, as long as no more than the bound of kept ids were met;
    ``beyond`` is how many ids (with repeats) were not kept.
    """

    lists: int
    empty: int
    tokens: int
    mean_length: float
    minimum_length: int
    maximum_length: int
    distinct: int
    counts: tuple[tuple[int, int], ...] = ()
    beyond: int = 0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSummary:
    """A column of images: their sizes (height, width, channels) with counts, the commonest first, and pixels by channel.

    ``channels`` are pooled over the images that have as many channels as most do; ``other_channels`` counts the rest.
    """

    images: int
    sizes: tuple[tuple[tuple[int, int, int], int], ...]
    channels: tuple[ColumnSummary, ...]
    other_channels: int = 0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """How the variance of one feature divides into that within groups and that between their means.

    ``within`` and ``between`` are in squared units and add up to the pooled variance (divided by the number of values).
    ``between_share`` is their ratio to the whole (eta squared); ``intraclass`` is the intraclass correlation of one-way analysis of
    variance, ICC(1), with the mean group size corrected for unequal groups: 0 or below where groups say nothing.
    """

    name: str
    groups: int
    within: float
    between: float
    between_share: float
    intraclass: float


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
    unread_rows: int = 0
    kind: Literal["number", "text", "bytes", "list", "image"] = "number"
    text: TextSummary | None = None
    tokens: TokenSummary | None = None
    images: ImageSummary | None = None
    scatter: tuple[Scatter, ...] = ()
    """For each feature, where there are groups; and one more, named ``whole``, if there is more than one feature."""
    rows_without_group: int = 0
    """Rows whose group was met after the bound of kept groups was reached: they are in the pooled figures, in no group."""
    limits: tuple[str, ...] = ()
    """What was not measured of this array, in words."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The statistics of every array of a dataset, and what could not be read of it."""

    path: str
    format: str
    arrays: tuple[ArraySummary, ...]
    limits: tuple[str, ...] = ()
