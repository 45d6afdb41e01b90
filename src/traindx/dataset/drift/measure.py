"""Measuring drift between two splits from their rows, and from summaries of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.drift.drift import Drift, FeatureDrift
from traindx.dataset.drift.effective import effective_rows
from traindx.dataset.drift.feature import Sample, category_drift, number_drift

ROWS = 200_000
"""Rows of each split that are compared: a gap of half a hundredth between the distributions is certain to be seen, and a feature costs milliseconds."""

FEATURES = 256
"""Features of one array that are compared, evenly spread where it has more."""

CATEGORIES = 50
"""Numbers with at most so many different values, each of them ten times or more often, are categories."""

CLASSES = 1000
"""The same for a label: as many as the largest common sets of classes have."""

_STRIPE = 1024
_CHARACTERS = 60
_SAMPLE_BYTES = 256 << 20
_OBJECT_BYTES = 8192
"""What a text is reckoned to take in memory."""


def drift_between(
    pairs: Sequence[tuple[ArraySource, ArraySource]],
    *,
    label: str = "",
    groups: tuple[ArraySource, ArraySource] | None = None,
    rows: int = ROWS,
) -> Drift:
    """Return how the columns of two splits differ; ``groups`` is the column that says which rows belong together.

    Beyond ``rows`` rows, stripes of neighbouring rows are read, evenly spread over the file.
    """
    features: list[FeatureDrift] = []
    limits: list[str] = []
    named: FeatureDrift | None = None
    for train, other in pairs:
        held = min(held_rows(source, rows) for source in (train, other, *(groups or ())))
        keys = tuple(_keys(source, held) for source in groups) if groups is not None else (None, None)
        if max(len(train), len(other)) > held:
            limits.append(
                f"drift of {train.name or 'values'} was measured on about {held:,} rows of each split, evenly spread"
            )
        found = list(_column(train, other, keys, held, limits, categorical=bool(label) and train.name == label))
        if label and train.name == label and len(found) == 1:
            named = found[0]
        else:
            features += found
    return Drift(features=tuple(features), label=named, limits=tuple(limits))


def _column(
    train: ArraySource,
    other: ArraySource,
    keys: tuple[NDArray[np.int64] | None, ...],
    rows: int,
    limits: list[str],
    *,
    categorical: bool,
) -> list[FeatureDrift]:
    name = train.name or "values"
    if train.kind in {"image", "bytes", "list"} or (train.dtype.kind not in "biufO" and train.kind == "number"):
        limits.append(f"drift of {name} was not measured: it holds {train.kind}s, not numbers or text")
        return []
    one, two = read_sample(train, rows), read_sample(other, rows)
    if train.kind == "text":
        return [_text(name, one, two)]
    width = one.shape[1]
    picked = evenly(width, FEATURES)
    if width > FEATURES:
        limits.append(f"drift of {name} was measured on {len(picked)} of its {width:,} features")
    found: list[FeatureDrift] = []
    for at in picked:
        title = name if width == 1 else f"{name}[{at}]"
        a, b = one[:, at].astype(np.float64), two[:, at].astype(np.float64)
        if _is_category(a, b, CLASSES if categorical else CATEGORIES):
            found.append(_categories(title, a, b, keys))
        else:
            found.append(number_drift(title, Sample(a, _fitting(keys[0], a)), Sample(b, _fitting(keys[1], b))))
    return found


def evenly(width: int, most: int) -> list[int]:
    """Return at most so many positions, evenly spread.

    >>> evenly(3, 10), evenly(100, 3)
    ([0, 1, 2], [0, 49, 99])
    """
    return sorted({int(at) for at in np.linspace(0, width - 1, min(width, most))}) if width else []


def held_rows(source: ArraySource, rows: int) -> int:
    """Return how many rows of a sample fit into 256 MiB, at most ``rows``."""
    row_bytes = source.row_bytes if source.kind == "number" else _OBJECT_BYTES
    return max(1, min(rows, _SAMPLE_BYTES // max(1, row_bytes)))


def read_sample(source: ArraySource, rows: int) -> NDArray[Any]:
    """Return rows as a matrix: all of them, or stripes evenly spread over the source that make up about ``rows``."""
    total = len(source)
    rows = held_rows(source, rows)
    if total <= rows:
        found = source.read(0, total)
    else:
        stripe = min(_STRIPE, rows)
        starts = np.linspace(0, total - stripe, rows // stripe).astype(np.int64)
        found = np.concatenate([np.array(source.read(s, s + stripe)) for s in starts.tolist()])
    width = int(np.prod(found.shape[1:], dtype=np.int64))
    return found.reshape(len(found), width) if source.kind == "number" else found


def _keys(source: ArraySource, rows: int) -> NDArray[np.int64]:
    values = read_sample(source, rows)
    flat = values.reshape(-1) if source.kind != "number" or values.shape[1] == 1 else values[:, 0]
    numbers: dict[Any, int] = {}
    return np.fromiter((numbers.setdefault(v, len(numbers)) for v in flat.tolist()), np.int64, len(flat))


def _fitting(keys: NDArray[np.int64] | None, values: NDArray[Any]) -> NDArray[np.int64] | None:
    return keys if keys is not None and len(keys) == len(values) else None


def _is_category(a: NDArray[np.float64], b: NDArray[np.float64], most: int) -> bool:
    if len(np.unique(np.concatenate((a[:4096], b[:4096])))) > most:
        return False
    different = len(np.unique(np.concatenate((a, b))))
    return different <= most and different * 10 <= min(len(a), len(b))


def _categories(
    name: str, a: NDArray[np.float64], b: NDArray[np.float64], keys: tuple[NDArray[np.int64] | None, ...]
) -> FeatureDrift:
    counts = [
        Counter({f"{v:.12g}": int(n) for v, n in zip(*np.unique(x, return_counts=True), strict=True)}) for x in (a, b)
    ]
    commonest = float((counts[0] + counts[1]).most_common(1)[0][0]) if len(a) + len(b) else 0.0
    worth = [
        effective_rows((x == commonest).astype(np.float64), _fitting(k, x)) / max(1, len(x))
        for x, k in zip((a, b), keys, strict=True)
    ]
    return category_drift(name, counts[0], counts[1], worth=(worth[0], worth[1]))


def _text(name: str, one: NDArray[Any], two: NDArray[Any]) -> FeatureDrift:
    """Compare few different texts as categories, and others by their lengths."""
    counts = [Counter(str(v)[:_CHARACTERS] for v in x) for x in (one, two)]
    different = len({*counts[0], *counts[1]})
    if different <= CATEGORIES and different * 10 <= min(len(one), len(two)):
        return category_drift(name, counts[0], counts[1])
    lengths = [np.array([len(str(v)) for v in x], dtype=np.float64) for x in (one, two)]
    return number_drift(f"length of {name}", Sample(lengths[0]), Sample(lengths[1]))
