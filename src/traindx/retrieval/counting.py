"""Counting in one tile of scores, in numpy: how many are above each target, and which are too near to tell."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LANE = 255
"""What a byte holds: eight counts go on at once in a 64-bit word until one of them could be full."""

WORD = 8
"""Tiles are as wide as a multiple of this, so that eight answers of yes or no are one word."""


def true_counts(mask: NDArray[np.bool_], axis: int) -> NDArray[np.int64]:
    """Return how many are true in each row (``axis`` 1) or column (0) of ``mask``, whose width is a multiple of eight.

    >>> true_counts(np.eye(8, dtype=bool), 1).tolist()
    [1, 1, 1, 1, 1, 1, 1, 1]
    """
    words = mask.view(np.uint64)
    if axis == 1:
        found = np.zeros(len(mask), dtype=np.int64)
        for start in range(0, words.shape[1], _LANE):
            lanes = np.add.reduce(words[:, start : start + _LANE], axis=1)
            found += lanes.view(np.uint8).reshape(-1, WORD).sum(axis=1, dtype=np.int64)
        return found
    found = np.zeros(mask.shape[1], dtype=np.int64)
    for start in range(0, len(words), _LANE):
        found += np.add.reduce(words[start : start + _LANE], axis=0).view(np.uint8)
    return found


def true_places(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and columns where ``mask`` is true, when that is rare."""
    words = mask.view(np.uint64).reshape(-1)
    some = np.flatnonzero(words)
    inside, lane = np.nonzero(words[some].view(np.bool_).reshape(-1, WORD))
    flat = some[inside] * WORD + lane
    return flat // mask.shape[1], flat % mask.shape[1]


def over(
    tile: NDArray[Any], limits: NDArray[Any], axis: int, out: NDArray[np.bool_], *, level: bool
) -> NDArray[np.bool_]:
    """Write to ``out`` where the tile is above (or, with ``level``, at least) the limit of its row (``axis`` 1) or column (0)."""
    against = limits[:, None] if axis == 1 else limits[None, :]
    return np.greater_equal(tile, against, out=out) if level else np.greater(tile, against, out=out)
