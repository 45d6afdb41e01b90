"""Numbers of any type as float32 or float64, one row for each observation."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UnreadableDataError

_IN_SINGLE: Final = frozenset({"bool", "int8", "uint8", "int16", "uint16", "float16", "bfloat16", "float32"})


@cache  # the name of a type takes numpy as long as a kilobyte takes us
def measured_type(dtype: np.dtype[Any]) -> type[np.float32 | np.float64] | None:
    """Return the type that values are measured in: float32 where it holds them all exactly, else float64; None: no numbers.

    64-bit integers beyond 2^53 and long doubles are rounded to float64.

    >>> measured_type(np.dtype("int16")), measured_type(np.dtype("complex64"))
    (<class 'numpy.float32'>, None)
    """
    if dtype.name in _IN_SINGLE:
        return np.float32
    return np.float64 if dtype.kind in "iuf" else None


def observations(block: NDArray[Any], *, where: str = "array") -> NDArray[np.float32] | NDArray[np.float64]:
    """Return ``block`` as (observations, features): the last axis holds features, all axes before it are observations.

    A block of one axis is one feature. Raises ``UnreadableDataError`` for complex numbers, dates, text and objects.
    """
    wanted = measured_type(block.dtype)
    if wanted is None:
        raise UnreadableDataError(
            f"values of type {block.dtype.name} have no moments",
            where=where,
            hint="give real numbers: parts of complex ones, or ids of texts, as columns of their own",
        )
    if block.dtype.kind == "V":  # bfloat16: the upper half of a float32
        numbers: NDArray[Any] = (block.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    else:
        numbers = np.ascontiguousarray(block, dtype=wanted)
    return numbers.reshape(-1, features_of(block.shape))


def features_of(shape: tuple[int, ...]) -> int:
    """Return how many features an array of this shape has.

    >>> features_of((10,)), features_of((10, 4)), features_of((10, 32, 3))
    (1, 4, 3)
    """
    return shape[-1] if len(shape) > 1 else 1


def wide(mask: NDArray[np.bool_], shape: tuple[int, ...], *, where: str = "mask") -> NDArray[np.bool_]:
    """Return ``mask`` as (observations, features) for a block of ``shape``; it may leave out the last axes of the block."""
    if mask.shape != shape[: mask.ndim]:
        raise UnreadableDataError(
            f"a mask of shape {mask.shape} does not fit a block of shape {shape}",
            where=where,
            hint="give one value for each element, or for each row",
        )
    full = np.broadcast_to(mask.reshape(mask.shape + (1,) * (len(shape) - mask.ndim)), shape)
    return np.ascontiguousarray(full).reshape(-1, features_of(shape))
