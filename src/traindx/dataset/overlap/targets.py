"""Single features that tell the label by themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.drift import evenly, held_rows, read_sample
from traindx.dataset.overlap.overlap import TargetLeak
from traindx.signals import wilson

ROWS = 100_000
FEATURES = 256
_CLASSES = 200
_Z95 = 1.959963984540054


def target_leaks(
    features: Sequence[ArraySource], label: ArraySource, *, least: float = 0.99, rows: int = ROWS
) -> tuple[TargetLeak, ...]:
    """Return the features of which the area under the ROC curve, the correlation or the purity exceeds ``least``, the strongest first.

    Rows are read up to ``rows``, evenly spread. Whether the number of rows carries the claim is for the reader of ``low`` to judge.
    """
    found: list[TargetLeak] = []
    for source in features:
        held = min(held_rows(source, rows), held_rows(label, rows))
        answers = read_sample(label, held)
        if answers.ndim > 1 and answers.shape[1] != 1:
            return ()
        codes, names = _codes(answers.reshape(-1))
        numeric = answers.reshape(-1).astype(np.float64) if label.kind == "number" else None
        for feature, values in _features(source, held):
            leak = _strongest(feature, values, label.name or "label", codes, names, numeric)
            if leak is not None and leak.strength > least:
                found.append(leak)
    return tuple(sorted(found, key=lambda leak: (-leak.low, leak.feature)))


def _features(source: ArraySource, rows: int) -> Iterator[tuple[str, NDArray[Any]]]:
    name = source.name or "values"
    if source.kind == "text":
        yield name, _codes(read_sample(source, rows))[0]
        return
    if source.kind != "number" or source.dtype.kind not in "biuf":
        return
    block = read_sample(source, rows)
    width = block.shape[1]
    for at in evenly(width, FEATURES):
        yield (name if width == 1 else f"{name}[{at}]"), block[:, at]


def _codes(values: NDArray[Any]) -> tuple[NDArray[np.int64], list[str]]:
    if values.dtype != object:
        names, codes = np.unique(values, return_inverse=True)
        return codes.astype(np.int64), [f"{v:.12g}" if isinstance(v, (int, float)) else str(v) for v in names.tolist()]
    numbers: dict[str, int] = {}
    codes = np.fromiter((numbers.setdefault(str(v), len(numbers)) for v in values), np.int64, len(values))
    return codes, list(numbers)


def _strongest(
    feature: str,
    values: NDArray[Any],
    label: str,
    codes: NDArray[np.int64],
    names: list[str],
    numeric: NDArray[np.float64] | None,
) -> TargetLeak | None:
    """Return what tells most of the label, by its lower bound; None for a constant feature or a label of one value."""
    rows = len(codes)
    different = np.unique(values)
    if rows < 3 or len(different) < 2 or len(names) < 2:
        return None
    found: list[TargetLeak] = []
    if len(names) <= _CLASSES and len(names) * 5 <= rows:
        found.append(_curve(feature, values.astype(np.float64), label, codes, names))
        if len(different) * 10 <= rows:
            found.append(_purity(feature, np.unique(values, return_inverse=True)[1], label, codes))
    elif numeric is not None:
        found.append(_correlation(feature, values.astype(np.float64), label, numeric))
    return max(found, key=lambda leak: leak.low if leak.low == leak.low else -1.0, default=None)


def _curve(
    feature: str, values: NDArray[np.float64], label: str, codes: NDArray[np.int64], names: list[str]
) -> TargetLeak:
    """The best area under the ROC curve of one label against the rest, by the rank sum; equal values count half."""
    ranks = mid_ranks(values)
    rows = len(codes)
    counts = np.bincount(codes, minlength=len(names)).astype(np.float64)
    sums = np.bincount(codes, weights=ranks, minlength=len(names))
    with np.errstate(divide="ignore", invalid="ignore"):
        areas = (sums - counts * (counts + 1) / 2) / (counts * (rows - counts))
    areas = np.where(np.isfinite(areas), np.maximum(areas, 1 - areas), 0.5)
    fewest = np.minimum(counts, rows - counts)
    lows = np.array(
        [wilson(area * n, n).low if n >= 1 else 0.0 for area, n in zip(areas.tolist(), fewest.tolist(), strict=True)]
    )
    best = int(lows.argmax())
    return TargetLeak(
        feature=feature,
        label=label,
        measure="auc",
        strength=float(areas[best]),
        low=float(lows[best]),
        expected=0.5,
        rows=rows,
        label_value=names[best],
    )


def mid_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 1, equal values sharing their mean rank; NaN counts as the largest.

    >>> mid_ranks(np.array([3.0, 1.0, 3.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((2 * ends - counts + 1) / 2)[place]


def _purity(feature: str, places: NDArray[np.int64], label: str, codes: NDArray[np.int64]) -> TargetLeak:
    """The share of rows whose label is the commonest of the other rows with the same value."""
    rows, classes = len(codes), int(codes.max()) + 1
    cells, at, counts = np.unique(places * classes + codes, return_inverse=True, return_counts=True)
    most = np.zeros(int(places.max()) + 1, dtype=np.int64)
    np.maximum.at(most, cells // classes, counts)
    right = int(((counts[at] == most[places]) & (counts[at] > 1)).sum())
    commonest = int(np.bincount(codes).max()) / rows
    fewest = rows - int(np.bincount(codes).max())
    return TargetLeak(
        feature=feature,
        label=label,
        measure="purity",
        strength=right / rows if commonest < 0.99 else float("nan"),  # answering one class is nearly always right
        low=wilson(right / rows * fewest, fewest).low if fewest else 0.0,
        expected=commonest,
        rows=rows,
    )


def _correlation(feature: str, values: NDArray[np.float64], label: str, numeric: NDArray[np.float64]) -> TargetLeak:
    good = np.isfinite(values) & np.isfinite(numeric)
    a, b = values[good], numeric[good]
    strength = _pearson(a, b) if len(a) > 3 else float("nan")
    half = _Z95 / math.sqrt(len(a) - 3) if len(a) > 3 else math.inf
    low = math.tanh(math.atanh(min(strength, 1 - 1e-12)) - half) if strength == strength else float("nan")
    return TargetLeak(
        feature=feature, label=label, measure="correlation", strength=strength, low=low, expected=0.0, rows=len(a)
    )


def _pearson(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        a, b = a / max(float(np.abs(a).max()), 1e-300), b / max(float(np.abs(b).max()), 1e-300)
        a, b = a - a.mean(), b - b.mean()
        scale = math.sqrt(float(a @ a) * float(b @ b))
        return abs(float(a @ b)) / scale if scale > 0 else float("nan")
