"""Comparing one feature of two samples, as numbers or as categories."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.drift.distances import (
    homogeneity,
    jensen_shannon,
    largest_gap,
    largest_share_gap,
    stability_index,
    stability_null,
)
from traindx.dataset.drift.drift import FeatureDrift
from traindx.dataset.drift.effective import effective_rows
from traindx.dataset.drift.tails import chi_square_tail, kolmogorov_tail

Floats = NDArray[np.float64]
Labels = NDArray[np.int64] | None

_NAN = float("nan")

BINS = 10
"""Bins of equal share of the training rows: the usual number for a stability index, and ten or more rows in each from 100 rows on."""

LEAST_ROWS = 20
"""Below, no test of two distributions has any power worth a sentence."""


@final
@dataclass(frozen=True, slots=True)
class Sample:
    """The values of one feature in one split, and the group that each row belongs to where that is known."""

    values: Floats
    groups: Labels = None


def number_drift(feature: str, train: Sample, other: Sample) -> FeatureDrift:
    """Return how the numbers of two samples differ; missing values (NaN) are a bin of their own.

    The p-value is twice the smaller of those of Kolmogorov and Smirnov, which sees shifts, and of the binned counts, which sees changes of width and of missing values.
    """
    rows = len(train.values), len(other.values)
    worth = _worth(train, other)
    a, b = np.sort(train.values[~np.isnan(train.values)]), np.sort(other.values[~np.isnan(other.values)])
    if min(rows) < LEAST_ROWS:
        return _untested(feature, rows)
    gap = largest_gap(a, b)
    present = [w * len(x) / n for w, x, n in zip(worth, (a, b), rows, strict=True)]
    gap_p = kolmogorov_tail(gap, *present) if min(present) > 0 else float("nan")
    first, second = _binned(a, b, rows)
    index, scale = stability_index(first, second), min(w / n for w, n in zip(worth, rows, strict=True))
    statistic, freedom = homogeneity(first, second, scale)
    binned_p = _tail(statistic, freedom)
    tested = [p for p in (gap_p, binned_p) if p == p]
    expected, limit = stability_null(len(first), *worth)
    shifts = _moments(a, b, present)
    effects = (gap, abs((rows[0] - len(a)) / rows[0] - (rows[1] - len(b)) / rows[1]))
    return FeatureDrift(
        feature=feature,
        kind="number",
        train_rows=rows[0],
        other_rows=rows[1],
        train_effective=worth[0],
        other_effective=worth[1],
        effect=max((e for e in effects if e == e), default=float("nan")),
        p=min(1.0, len(tested) * min(tested)) if tested else float("nan"),
        stability=index,
        stability_expected=expected,
        stability_limit=limit,
        bins=len(first),
        divergence=jensen_shannon(first, second),
        mean_shift=shifts[0],
        mean_z=shifts[1],
        deviation_ratio=shifts[2],
        deviation_z=shifts[3],
    )


def category_drift(
    feature: str,
    train: Mapping[str, int],
    other: Mapping[str, int],
    *,
    worth: tuple[float, float] = (1.0, 1.0),
) -> FeatureDrift:
    """Return how the counts of categories differ; ``worth`` is the share of the rows of each split that counts as independent."""
    names = sorted({*train, *other})
    first = np.array([train.get(name, 0) for name in names], dtype=np.float64)
    second = np.array([other.get(name, 0) for name in names], dtype=np.float64)
    rows = int(first.sum()), int(second.sum())
    if min(rows) < LEAST_ROWS:
        return _untested(feature, rows, kind="category")
    shares = first / rows[0], second / rows[1]
    top = int(np.abs(shares[0] - shares[1]).argmax())
    effective = rows[0] * worth[0], rows[1] * worth[1]
    statistic, freedom = homogeneity(first, second, min(worth))
    expected, limit = stability_null(len(names), *effective) if len(names) > 1 else (0.0, 0.0)
    return FeatureDrift(
        feature=feature,
        kind="category",
        train_rows=rows[0],
        other_rows=rows[1],
        train_effective=effective[0],
        other_effective=effective[1],
        effect=largest_share_gap(first, second),
        p=_tail(statistic, freedom),
        stability=stability_index(first, second),
        stability_expected=expected,
        stability_limit=limit,
        bins=len(names),
        divergence=jensen_shannon(first, second),
        new_share=float(second[first == 0].sum()) / rows[1],
        top=names[top],
        top_train=float(shares[0][top]),
        top_other=float(shares[1][top]),
    )


def _tail(statistic: float, freedom: int) -> float:
    return float("nan") if freedom < 1 else chi_square_tail(statistic, freedom)


def _worth(train: Sample, other: Sample) -> tuple[float, float]:
    """Return the effective rows of both samples, from the ranks of their values: no outlier decides what groups share."""
    if train.groups is None and other.groups is None:
        return float(len(train.values)), float(len(other.values))
    pooled = np.concatenate((train.values, other.values))
    ranks = np.empty(len(pooled))
    ranks[np.argsort(pooled, kind="stable")] = np.arange(len(pooled))
    cut = len(train.values)
    return effective_rows(ranks[:cut], train.groups), effective_rows(ranks[cut:], other.groups)


def _binned(a: Floats, b: Floats, rows: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return counts in bins of equal share of both samples together, and the missing values as a last bin where there are any."""
    together = np.sort(np.concatenate((a, b)))
    at = (np.arange(1, BINS) * len(together)) // BINS
    edges = np.unique(together[at]) if len(together) else np.empty(0)
    tables: list[Floats] = []
    for sample, total in zip((a, b), rows, strict=True):
        upto = np.concatenate(([0], np.searchsorted(sample, edges, side="left"), [len(sample)]))
        counts = np.diff(upto)
        tables.append(np.append(counts, total - len(sample)).astype(np.float64))
    if not tables[0][-1] and not tables[1][-1]:
        return tables[0][:-1], tables[1][:-1]
    return tables[0], tables[1]


def _moments(a: Floats, b: Floats, worth: list[float]) -> tuple[float, float, float, float]:
    """Return the shift of the mean in standard deviations and in standard errors, and the ratio of the deviations and its logarithm in standard errors."""
    a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    if min(len(a), len(b)) < 2 or min(worth) < 2:
        return _NAN, _NAN, _NAN, _NAN
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        gap, one, two = float(b.mean() - a.mean()), float(a.std()), float(b.std())
        error = math.sqrt(one**2 / worth[0] + two**2 / worth[1])
        total = math.hypot(_deviation_error(a, one, worth[0]), _deviation_error(b, two, worth[1]))
    ratio = two / one if one > 0 and two > 0 else _NAN
    return (
        gap / one if one > 0 else _NAN,
        gap / error if error > 0 else _NAN,
        ratio,
        math.log(ratio) / total if total > 0 and 0 < ratio < math.inf else _NAN,
    )


def _deviation_error(values: Floats, deviation: float, worth: float) -> float:
    """Return the standard error of the logarithm of a standard deviation: sqrt((kurtosis - 1) / 4n)."""
    if not deviation > 0:
        return float("nan")
    scaled = (values - values.mean()) / deviation
    squares = scaled * scaled
    return math.sqrt(max(0.0, float(squares @ squares) / len(squares) - 1) / (4 * worth))


def _untested(feature: str, rows: tuple[int, int], kind: str = "number") -> FeatureDrift:
    return FeatureDrift(
        feature=feature,
        kind="category" if kind == "category" else "number",
        train_rows=rows[0],
        other_rows=rows[1],
        train_effective=float(rows[0]),
        other_effective=float(rows[1]),
        effect=float("nan"),
        p=float("nan"),
    )
