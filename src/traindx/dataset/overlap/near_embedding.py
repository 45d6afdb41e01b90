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

_BLOCK = 4096
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
    theirs, picked = _sample(other, affordable)
    mine, chosen = _sample(train, min(affordable, len(picked)))
    count = len(picked)
    asked, hashes = np.concatenate((theirs, mine)), _hash(other, picked, train, chosen)
    best = np.full(len(asked), -2.0)
    partner = np.zeros(len(asked), dtype=np.int64)
    copied = np.zeros(count, dtype=np.bool_)
    above = 0
    for start in range(0, len(train), _BLOCK):
        block = plain(train.read(start, min(start + _BLOCK, len(train))), np.dtype(np.float32))
        own = hash_floats(block)
        copied |= np.isin(hashes[:count], own)
        cosines = _units(block) @ asked.T
        _forget_equal(cosines, own, hashes)
        above += int((cosines[:, :count] > threshold).sum())
        rows = cosines.argmax(axis=0)
        top = cosines[rows, np.arange(len(asked))]
        better = top > best
        best[better], partner[better] = top[better], start + rows[better]
    close = (best[:count] > threshold) & ~copied
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
        train_close=int((best[count:] > threshold).sum()),
        train_compared=len(chosen),
        background=above / pairs if pairs else float("nan"),
        examples=tuple((int(partner[at]), int(picked[at]), round(float(best[at]), 6)) for at in nearest),
    )
    if count == len(other):
        return found, ()
    return found, (
        f"near embeddings: {count:,} of {len(other):,} rows were compared with all {len(train):,} training rows, to stay within {work:.0e} multiplications",
    )


def _sample(source: ArraySource, most: int) -> tuple[Vectors, NDArray[np.int64]]:
    rows = (
        np.unique(np.linspace(0, len(source) - 1, min(len(source), most)).astype(np.int64))
        if len(source)
        else np.empty(0, np.int64)
    )
    return _units(_rows(source, rows)), rows


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


def _hash(other: ArraySource, picked: NDArray[np.int64], train: ArraySource, chosen: NDArray[np.int64]) -> Words:
    return np.concatenate((hash_floats(_rows(other, picked)), hash_floats(_rows(train, chosen))))


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
