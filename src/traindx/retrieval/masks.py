"""Counting and finding what is true in a mask, eight answers at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LANE = 255
"""What a byte holds: eight counts go on at once in a 64-bit word until one of them could be full."""

WORD = 8
"""Masks are as wide as a multiple of this, so that eight answers are one word."""


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
    """Return the rows and columns where ``mask``, whose width is a multiple of eight, is true; quick where that is rare.

    >>> true_places(np.eye(8, dtype=bool))[1].tolist()
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    words = mask.view(np.uint64).reshape(-1)
    some = np.flatnonzero(words)
    inside, lane = np.nonzero(words[some].view(np.bool_).reshape(-1, WORD))
    flat = some[inside] * WORD + lane
    return flat // mask.shape[1], flat % mask.shape[1]
