"""How far a score out of a matrix product can be from the score as it is defined."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_EXTRA_ROUNDINGS: Final = 8
"""Besides the D of the sum: the conversion of both rows, their lengths, the division, and the definition's own."""

_UNDERFLOW: Final = 2.0**-100
"""Products below float32's range are lost: at most 2^-126 each, of fewer than 2^26."""


def product_error(dim: int, unit_roundoff: float) -> float:
    """Return the bound on the error of a dot product of ``dim`` terms, as a share of the product of the lengths.

    Whatever the order of the sum, at most ``dim`` roundings lie between a term and the result, each of a factor 1 + u at most:
    (1 + u)^D - 1, and sum |q_d g_d| <= |q||g|. Source: N. Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1.
    """
    return float(np.expm1((dim + _EXTRA_ROUNDINGS) * np.log1p(unit_roundoff)))


def single_error(dim: int) -> float:
    """Return the bound for a product in float32."""
    return product_error(dim, 2.0**-24)


def double_error(dim: int) -> float:
    """Return the bound for a product in float64, held against a score that has an error of the same kind."""
    return 2 * product_error(dim, 2.0**-53)


def upward(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the nearest float32 that is not below (one higher, to be plain)."""
    return np.nextafter(values.astype(np.float32), np.float32(np.inf))


def downward(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the nearest float32 that is not above (one lower, to be plain)."""
    return np.nextafter(values.astype(np.float32), np.float32(-np.inf))


def windows(
    high: NDArray[np.float64], low: NDArray[np.float64], weights: NDArray[np.float64], error: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return four limits for a score out of a product: certainly above over the first, certainly below under the second, level from the third to the fourth.

    ``weights`` is the product of the lengths that each score has at most. What lies between decides nothing.
    """
    wide = error * weights + _UNDERFLOW
    return high + wide, low - wide, low + wide, high - wide
