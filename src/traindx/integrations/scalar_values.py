"""Which of the values that a program logs are numbers."""

from __future__ import annotations

from typing import cast


def is_number(value: object) -> bool:
    """Whether a value is a number or an array of a single one, and no truth value, text or picture."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    shape = getattr(value, "shape", None)  # a torch.Size is a tuple
    if not isinstance(shape, tuple) or not callable(getattr(value, "item", None)):
        return False
    sizes = cast("tuple[object, ...]", shape)
    return all(size == 1 for size in sizes) and _is_real(getattr(value, "dtype", None))


def _is_real(dtype: object) -> bool:
    return any(kind in str(dtype) for kind in ("float", "int"))
