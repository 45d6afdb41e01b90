"""The arithmetic of a normaliser: to scale and back, for arrays of any family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.families import Family
from traindx.errors import UsageError

Method = Literal["standard", "robust", "asinh"]
Floats = NDArray[np.float64]

QUARTILE_RANGE = 1.3489795003921634
"""The distance between the quartiles of the standard normal distribution."""


@final
@dataclass(frozen=True, slots=True)
class Scales:
    """Centre and scale in the shape in which they meet the data, in the dtype of the arithmetic.

    The centre comes in two parts, the rounded one and what the rounding lost (None where that is nothing), so that a large mean in float32
    does not shift every value by its rounding error.
    """

    center: Any
    rest: Any
    scale: Any


def in_two_parts(center: Floats, scale: Floats, dtype: str) -> tuple[Floats, Floats | None]:
    """Return the centre in ``dtype`` and its rest. Raises ``UsageError`` where the dtype cannot hold the statistics."""
    kind = np.dtype(dtype)
    limits = np.finfo(kind)
    if bool(np.any(np.abs(center) > limits.max)) or bool(np.any((scale > limits.max) | (scale < limits.tiny))):
        raise UsageError(f"centre or scale are outside the range of {dtype}", hint="give the data as float64")
    rounded = center.astype(kind).astype(np.float64)
    rest = center - rounded
    return rounded, (rest if bool(np.any(rest != 0)) else None)


def to_scale(values: Any, scales: Scales, active: Any, method: Method, family: Family) -> Any:
    """Return the normalised values; inactive entries are 0, and so are their gradients.

    An inactive entry is replaced before the arithmetic as well as after it: a NaN in the padding would otherwise
    reach the gradient as 0 times NaN.
    """
    xp = family.xp
    if active is not None:
        values = xp.where(active, values, scales.center)
    moved = values - scales.center
    if scales.rest is not None:
        moved = moved - scales.rest
    found = moved / scales.scale
    if method == "asinh":
        found = xp.asinh(found) if family.name == "torch" else xp.arcsinh(found)
    return found if active is None else _zero_outside(found, active, family)


def from_scale(values: Any, scales: Scales, active: Any, method: Method, family: Family) -> Any:
    """Return normalised values in their original units; inactive entries are 0."""
    if active is not None:
        values = _zero_outside(values, active, family)
    found = family.xp.sinh(values) if method == "asinh" else values
    found = found * scales.scale
    if scales.rest is not None:
        found = found + scales.rest
    found = found + scales.center
    return found if active is None else _zero_outside(found, active, family)


def _zero_outside(values: Any, active: Any, family: Family) -> Any:
    return family.xp.where(active, values, family.xp.zeros_like(values))
