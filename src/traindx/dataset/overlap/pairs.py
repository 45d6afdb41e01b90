"""Candidate pairs of rows from groups that share something, and a few random pairs to compare them with."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.overlap.matching import Groups

Pairs = NDArray[np.int64]

_WHOLE = 8
"""Groups up to this size are paired each with each; of larger ones, which only templates and copies make, each with the first and with the one before: the
number of pairs then grows with the members and not with their square."""

_RANDOM = 2000


def candidate_pairs(groups: Iterable[Groups]) -> Pairs:
    """Return the different pairs (lower row first) of all groups, as a matrix of two columns.

    >>> candidate_pairs([Groups(np.array([4, 7, 9]), np.array([0, 3]))]).tolist()
    [[4, 7], [4, 9], [7, 9]]
    """
    packed = [_packed(some) for some in groups]
    keys = np.unique(np.concatenate(packed)) if packed else np.empty(0, np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    return np.stack(((keys >> np.uint64(32)).astype(np.int64), (keys & mask).astype(np.int64)), axis=1)


def _packed(groups: Groups) -> NDArray[np.uint64]:
    sizes, found = groups.sizes, list[NDArray[np.uint64]]()
    for size in range(2, _WHOLE + 1):
        starts = groups.starts[:-1][sizes == size]
        for i in range(size):
            for j in range(i + 1, size):
                found.append(_key(groups.members[starts + i], groups.members[starts + j]))
    large = np.repeat(sizes > _WHOLE, sizes)
    first = np.zeros(len(groups.members), dtype=np.bool_)
    first[groups.starts[:-1]] = True
    rest = np.flatnonzero(large & ~first)
    leaders = groups.members[np.repeat(groups.starts[:-1], sizes)[rest]]
    found += [_key(leaders, groups.members[rest]), _key(groups.members[rest - 1], groups.members[rest])]
    return np.unique(np.concatenate(found))


def _key(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.uint64]:
    return (low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64)


def random_pairs(rows: int, seed: int = 0) -> Pairs:
    """Return random pairs of different rows, the same ones every time."""
    drawn = np.random.default_rng(seed).integers(0, max(1, rows), size=(_RANDOM, 2))
    drawn.sort(axis=1)
    return drawn[drawn[:, 0] < drawn[:, 1]]
