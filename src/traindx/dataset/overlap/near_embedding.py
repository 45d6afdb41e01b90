"""Embeddings that point nearly the same way as a training row's."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.overlap.content import plain
from traindx.dataset.overlap.hashing import Words, hash_floats
from traindx.dataset.overlap.overlap import Nearness

THRESHOLD = 0.98
"""The cosine from which embeddings of photographs are mostly of the same one."""

WORK = 200_000_000_000
"""Multiplications that the comparison may take by default: seconds on a few cores. All pairs of N and M rows of D numbers take N M D of them, so that larger sets
are sampled: rows of the other split, evenly spread, against every training row."""

_BLOCK = 2048
_ASKED = 4096
"""Rows that are compared with all training rows at a time: 32 MiB of cosines with each block of these."""

_SHOWN = 5

Vectors = NDArray[np.float32]


def near_embeddings(
    train: ArraySource, other: ArraySource, *, threshold: float = THRESHOLD, work: int = WORK
) -> tuple[Nearness, tuple[str, ...]]:
    """Return which rows of the other split have a cosine above the threshold to a training row, and what was left out.

    Every training row is read once, a block at a time; half of the work goes to a sample of training rows, compared with the others in
    the same way. Rows without length or with a NaN are near to nothing.
    """
    width = int(np.prod(train.shape[1:], dtype=np.int64))
    affordable = max(1, work // max(1, len(train) * width) // 2)
    picked = _spread(len(other), affordable)
    chosen = _spread(len(train), min(affordable, len(picked)))
    count = len(picked)
    parts = [_nearest(train, _rows(other, some), threshold) for some in _portions(picked)]
    twins = [_nearest(train, _rows(train, some), threshold) for some in _portions(chosen)]
    best, partner = (np.concatenate([np.empty(0), *(part[at] for part in parts)]) for at in (0, 1))
    copied = np.concatenate([np.empty(0, np.bool_), *(part[2] for part in parts)])
    above = sum(part[3] for part in parts)
    close = (best > threshold) & ~copied
    pairs = len(train) * count
    nearest = heapq.nlargest(_SHOWN, np.flatnonzero(close).tolist(), key=lambda at: float(best[at]))
    found = Nearness(
        kind="embedding",
        what=train.name or "embeddings",
        measure="cosine",
        threshold=threshold,
        train_rows=len(train),
        other_rows=count,
        close=int(close.sum()),
        train_close=sum(int((part[0] > threshold).sum()) for part in twins),
        train_compared=len(chosen),
        background=above / pairs if pairs else float("nan"),
        examples=tuple((int(partner[at]), int(picked[at]), round(float(best[at]), 6)) for at in nearest),
    )
    if count == len(other):
        return found, ()
    return found, (
        f"near embeddings: {count:,} of {len(other):,} rows were compared with all {len(train):,} training rows, to stay within {work:.0e} multiplications",
    )


def _spread(rows: int, most: int) -> NDArray[np.int64]:
    """Return at most so many row numbers, evenly spread."""
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(np.int64)) if rows else np.empty(0, np.int64)


def _portions(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [rows[start : start + _ASKED] for start in range(0, len(rows), _ASKED)]


def _nearest(
    train: ArraySource, rows: NDArray[Any], threshold: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_], int]:
    """Return for some rows the highest cosine to a training row that is not equal, that row, whether an equal one exists, and how many pairs of all exceed the threshold."""
    asked, hashes = _units(rows), hash_floats(rows)
    best, partner = np.full(len(asked), -2.0), np.zeros(len(asked), dtype=np.int64)
    copied, above = np.zeros(len(asked), dtype=np.bool_), 0
    for start in range(0, len(train), _BLOCK):
        block = plain(train.read(start, min(start + _BLOCK, len(train))), np.dtype(np.float32))
        own = hash_floats(block)
        copied |= np.isin(hashes, own)
        cosines = _units(block) @ asked.T
        _forget_equal(cosines, own, hashes)
        above += int((cosines > threshold).sum())
        closest = cosines.argmax(axis=0)
        top = cosines[closest, np.arange(len(asked))]
        better = top > best
        best[better], partner[better] = top[better], start + closest[better]
    return best, partner, copied, above


def _rows(source: ArraySource, rows: NDArray[np.int64]) -> NDArray[Any]:
    """Return some rows, by rising numbers, as float32: read block by block."""
    width = int(np.prod(source.shape[1:], dtype=np.int64))
    found = np.empty((len(rows), width), dtype=np.float32)
    for start in range(0, len(source), _BLOCK):
        low, high = np.searchsorted(rows, (start, start + _BLOCK))
        if high > low:
            first = int(rows[low])
            block = source.read(first, int(rows[high - 1]) + 1)[rows[low:high] - first]
            found[low:high] = plain(block, np.dtype(np.float32))
    return found


def _units(rows: NDArray[Any]) -> Vectors:
    """Return rows of length one; those without a direction become zero."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        largest = np.abs(rows).max(axis=1, initial=0.0)
        scaled = rows / largest[:, None]
        units: Vectors = (scaled / np.sqrt((scaled * scaled).sum(axis=1))[:, None]).astype(np.float32)
    units[~np.isfinite(units).all(axis=1)] = 0.0
    return units


def _forget_equal(cosines: NDArray[np.float32], own: Words, asked: Words) -> None:
    """Take the equal rows (a row itself, and its copies) out of the comparison."""
    for row in np.flatnonzero(np.isin(own, asked)).tolist():
        cosines[row, asked == own[row]] = -2.0
