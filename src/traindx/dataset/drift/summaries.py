"""Comparing two splits by their statistics alone, where the rows are not at hand or too many to be read again."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.drift.drift import Drift, FeatureDrift
from traindx.dataset.drift.feature import LEAST_ROWS, category_drift
from traindx.dataset.drift.tails import kolmogorov_tail, normal_tail
from traindx.dataset.summary import ArraySummary, ColumnSummary

Floats = NDArray[np.float64]

CATEGORIES = 50
"""Columns with at most so many different values, all of them counted, are compared value by value."""


def summaries_drift(pairs: Sequence[tuple[ArraySummary, ArraySummary]], *, label: str = "") -> Drift:
    """Return how the features of arrays differ by their statistics; rows count as independent."""
    features: list[FeatureDrift] = []
    limits: list[str] = []
    named: FeatureDrift | None = None
    for train, other in pairs:
        if len(train.features) != len(other.features):
            limits.append(
                f"drift of {train.name} was not measured: the splits have {len(train.features)} and {len(other.features)} features"
            )
            continue
        found = [
            summary_drift(a, b, name=_title(train, at))
            for at, (a, b) in enumerate(zip(train.features, other.features, strict=True))
        ]
        if label and train.name == label and len(found) == 1:
            named = found[0]
        else:
            features += found
    return Drift(features=tuple(features), label=named, limits=tuple(limits))


def _title(array: ArraySummary, at: int) -> str:
    name = array.name or "values"
    return name if len(array.features) == 1 else f"{name}[{at}]"


def summary_drift(train: ColumnSummary, other: ColumnSummary, *, name: str = "") -> FeatureDrift:
    """Return how two columns differ by their moments, quantiles and missing values.

    Quantiles bound the distribution functions from both sides, so that the distance that is tested is one that the columns have at least; the p-value
    is four times the least of four tests (distance, mean, deviation, missing values). ``effect`` is the distance itself, between the quantiles interpolated.
    """
    title = name or train.name or "values"
    counted = _counted(train, other)
    if counted is not None:
        return category_drift(title, *counted)
    rows = train.count, other.count
    missing = [1 - one.count / one.rows if one.rows else 0.0 for one in (train, other)]
    usable = min(rows) >= LEAST_ROWS
    mean_shift, mean_z, ratio, deviation_z = _moments(train, other) if usable else (math.nan,) * 4
    least, gap = _gaps(train, other) if usable else (math.nan, math.nan)
    tests = (
        kolmogorov_tail(least, *rows) if usable and least == least else math.nan,
        normal_tail(mean_z),
        normal_tail(deviation_z),
        _shares_tail(missing, (train.rows, other.rows)) if min(train.rows, other.rows) >= LEAST_ROWS else math.nan,
    )
    known = [p for p in tests if p == p]
    effects = [e for e in (gap, abs(missing[0] - missing[1])) if e == e]
    return FeatureDrift(
        feature=title,
        kind="number",
        train_rows=train.rows,
        other_rows=other.rows,
        train_effective=float(train.rows),
        other_effective=float(other.rows),
        effect=max(effects, default=math.nan),
        p=min(1.0, len(known) * min(known)) if known else math.nan,
        mean_shift=mean_shift,
        mean_z=mean_z,
        deviation_ratio=ratio,
        deviation_z=deviation_z,
    )


def _counted(train: ColumnSummary, other: ColumnSummary) -> tuple[dict[str, int], dict[str, int]] | None:
    """Return the counts of all values, where there are few and all are known."""
    tables: list[dict[str, int]] = []
    for one in (train, other):
        table = {f"{value:.12g}": many for value, many in one.frequent}
        if not 0 <= one.distinct <= CATEGORIES or len(table) != one.distinct or sum(table.values()) != one.count:
            return None
        missing = one.rows - one.count
        tables.append(table | ({"missing": missing} if missing else {}))
    return (tables[0], tables[1]) if min(train.rows, other.rows) >= 10 * len({*tables[0], *tables[1]}) else None


def _moments(train: ColumnSummary, other: ColumnSummary) -> tuple[float, float, float, float]:
    one, two = train.deviation, other.deviation
    gap, error = other.mean - train.mean, math.hypot(one / math.sqrt(train.count), two / math.sqrt(other.count))
    ratio = two / one if one > 0 and two > 0 else math.nan
    spread = math.hypot(*(math.sqrt(max(0.0, s.kurtosis - 1) / (4 * s.count)) for s in (train, other)))
    return (
        gap / one if one > 0 else math.nan,
        gap / error if error > 0 else math.nan,
        ratio,
        math.log(ratio) / spread if spread > 0 and 0 < ratio < math.inf else math.nan,
    )


def _gaps(train: ColumnSummary, other: ColumnSummary) -> tuple[float, float]:
    """Return the least distance that the distribution functions must have, and the distance between the quantiles interpolated."""
    if not train.quantiles or not other.quantiles:
        return math.nan, math.nan
    points = np.array(sorted({*train.quantiles, *other.quantiles}), dtype=np.float64)
    (low, high), (other_low, other_high) = (_bounds(s, points) for s in (train, other))
    least = np.maximum(low - other_high, other_low - high).max(initial=0.0)
    middle = [np.interp(points, *_steps(s)) for s in (train, other)]
    return float(least), float(np.abs(middle[0] - middle[1]).max(initial=0.0))


def _bounds(summary: ColumnSummary, points: Floats) -> tuple[Floats, Floats]:
    """Return what the distribution function is at least and at most, right of each point and with the error of the quantiles."""
    values, levels = np.array(summary.quantiles), np.array(summary.quantile_levels)
    error = summary.quantile_error if summary.quantile_error == summary.quantile_error else 0.0
    centre = summary.sketch_centre if summary.sketch_centre == summary.sketch_centre else 0.0
    width = error * np.abs(values - centre)
    upper, lower = np.maximum.accumulate(values + width), np.minimum.accumulate((values - width)[::-1])[::-1]
    low = np.concatenate(([0.0], levels))[np.searchsorted(upper, points, side="right")]
    high = np.concatenate((levels, [1.0]))[np.searchsorted(lower, points, side="right")]
    return low, high


def _steps(summary: ColumnSummary) -> tuple[Floats, Floats]:
    """Return the quantiles and their levels, of equal quantiles the highest level."""
    values, levels = np.array(summary.quantiles), np.array(summary.quantile_levels)
    last = np.append(values[1:] != values[:-1], True)
    return values[last], levels[last]


def _shares_tail(shares: Sequence[float], rows: tuple[int, int]) -> float:
    pooled = (shares[0] * rows[0] + shares[1] * rows[1]) / sum(rows)
    error = math.sqrt(pooled * (1 - pooled) * (1 / rows[0] + 1 / rows[1]))
    return normal_tail((shares[1] - shares[0]) / error) if error > 0 else math.nan
