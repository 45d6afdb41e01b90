"""A hash of rows that does not depend on their order, nor on how a stream was cut into blocks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_ALL = 2**64


def rows_hash(block: NDArray[Any]) -> int:
    """Return the sum of the hashes of all rows modulo 2^64: equal for equal rows in any order, and additive over blocks.

    Numbers of equal value have equal hashes whatever their dtype; NaNs count as one value, and so do both zeros. It finds a mix-up, not a forger.
    The mixing is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).

    >>> rows = np.arange(6.0).reshape(3, 2)
    >>> rows_hash(rows) == rows_hash(rows[::-1]) == (rows_hash(rows[:1]) + rows_hash(rows[1:])) % 2**64
    True
    """
    flat = block.reshape(len(block), math.prod(block.shape[1:])).astype(np.float64)
    flat += 0.0  # -0.0 + 0.0 is 0.0
    flat[flat != flat] = np.nan
    weights = _mixed(np.arange(1, flat.shape[1] + 1, dtype=np.uint64) * np.uint64(_GOLDEN)) | np.uint64(1)
    bits = flat.view(np.uint64)
    bits ^= bits >> np.uint64(
        29
    )  # the high bits hold the information of round numbers, and products carry upwards only
    return int(np.sum(_mixed(bits @ weights), dtype=np.uint64))


def joined(one: int, other: int) -> int:
    """Return the hash of the rows of both."""
    return (one + other) % _ALL


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(_FIRST)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(_SECOND)
    return bits ^ (bits >> np.uint64(31))
