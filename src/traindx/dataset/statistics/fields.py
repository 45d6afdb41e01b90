"""How the state of a set of values is laid out: twelve numbers for each feature, on the first axis of one float64 array.

Counts are held as float64 too, which is exact up to 9e15. The mean is the sum of two: far from zero (1e8 with a deviation of 1) the difference
of two means would else lose half of its digits, and the variance of merged parts with it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COUNT: Final = 0
NAN: Final = 1
POSITIVE: Final = 2
NEGATIVE: Final = 3
ZEROS: Final = 4
MEAN: Final = 5
M2: Final = 6
M3: Final = 7
M4: Final = 8
LOWEST: Final = 9
HIGHEST: Final = 10
MEAN_REST: Final = 11
FIELDS: Final = 12

_TILE_VALUES: Final = 1 << 15  # 128 KiB of float32: both passes over a tile find it in the second-level cache
_LEAST_TILE_ROWS: Final = 64  # merging two tiles costs some thirty operations a feature, which so many rows make small
_LANES: Final = 128  # narrow arrays are folded to rows at least so wide, for vector instructions


def tile_rows(features: int) -> int:
    """Return how many rows make a tile, the leaf of every sum: a power of two that depends on the number of features alone.

    >>> tile_rows(64), tile_rows(1), tile_rows(100_000)
    (512, 32768, 64)
    """
    return max(_LEAST_TILE_ROWS, _TILE_VALUES >> max(0, (features - 1).bit_length()))


def fold(features: int) -> int:
    """Return how many rows are laid side by side as one (a power of two).

    >>> fold(1), fold(3), fold(64), fold(1000)
    (128, 64, 2, 1)
    """
    return 1 << max(0, (-(-_LANES // features) - 1).bit_length())


def no_values(features: int) -> Floats:
    """Return the state of no values at all."""
    state = np.zeros((FIELDS, features))
    state[LOWEST], state[HIGHEST] = np.inf, -np.inf
    return state
