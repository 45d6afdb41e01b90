"""The arrays of NumPy, PyTorch and JAX, told apart by the module of their type: none is imported for the sake of another."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UsageError

Name = Literal["numpy", "torch", "jax"]

_COMPUTED_IN = {
    "float64": "float64",
    "float32": "float32",
    "float16": "float32",  # carried out in float32 and handed back as they came
    "bfloat16": "float32",
    "int8": "float32",
    "uint8": "float32",
    "int16": "float32",
    "uint16": "float32",
    "int32": "float64",  # float32 has 24 bits for the 31
    "uint32": "float64",
    "int64": "float64",
    "uint64": "float64",
}


@final
@dataclass(frozen=True, slots=True)
class Family:
    """The functions that a normaliser needs, from the library that an array belongs to."""

    name: Name
    xp: Any

    def dtype_name(self, values: Any) -> str:
        """Return the name of an array's dtype as NumPy spells it."""
        return str(values.dtype).removeprefix("torch.")

    def computed_in(self, values: Any) -> str:
        """Return the dtype that the arithmetic is done in. Raises ``UsageError`` for one that is no real number."""
        name = self.dtype_name(values)
        if name not in _COMPUTED_IN:
            raise UsageError(
                f"arrays of dtype {name} are not normalised", hint="give real numbers: float16 to float64, or integers"
            )
        wide = self.name != "jax" or np.dtype(self.xp.asarray(0.0).dtype) == np.float64
        return _COMPUTED_IN[name] if wide else "float32"

    def handed_back_in(self, values: Any) -> str:
        """Return the dtype of a result: that of the array, or that of the arithmetic for integers."""
        name = self.dtype_name(values)
        return name if "float" in name else self.computed_in(values)

    def cast(self, values: Any, dtype: str) -> Any:
        """Return the array in another dtype, itself if it has it already."""
        if self.dtype_name(values) == dtype:
            return values
        if self.name == "torch":
            return values.to(getattr(self.xp, dtype))
        return values.astype(dtype)

    def constant(self, values: NDArray[Any], like: Any, dtype: str) -> Any:
        """Return plain numbers as an array of this family, where ``like`` lives."""
        if self.name == "torch":
            return self.xp.as_tensor(np.array(values), dtype=getattr(self.xp, dtype), device=like.device)
        return self.xp.asarray(values, dtype=dtype)

    def traced(self, values: Any) -> bool:
        """Return whether the array has no values yet because a program is being compiled."""
        if self.name == "jax":
            return isinstance(values, import_module("jax").core.Tracer)
        return self.name == "torch" and bool(self.xp.compiler.is_compiling())


_NUMPY = Family("numpy", np)


def family_of(values: object) -> Family:
    """Return the family of an array; lists, numbers and NumPy's own are NumPy's.

    >>> family_of([1.0, 2.0]).name
    'numpy'
    """
    roots = {kind.__module__.partition(".")[0] for kind in type(values).__mro__}
    if "torch" in roots:
        return Family("torch", sys.modules["torch"])
    if "jax" in roots or "jaxlib" in roots:
        return Family("jax", import_module("jax.numpy"))
    if roots & {"pandas", "polars", "pyarrow", "tensorflow"}:
        raise UsageError(f"a {type(values).__name__} is not an array", hint="give its values: .to_numpy()")
    return _NUMPY


def as_numpy(values: object) -> NDArray[Any]:
    """Return an array of any family as a NumPy array, without a copy where it is in main memory; bfloat16 becomes float32."""
    given: Any = values
    family = family_of(values)
    if family.name == "torch":
        given = given.detach().cpu()
    if family.name != "numpy" and family.dtype_name(given) == "bfloat16":
        given = family.cast(given, "float32")
    found = np.asarray(given)
    if found.dtype.hasobject and found.size and not all(isinstance(v, str | bytes) for v in found.reshape(-1)):
        raise UsageError("an array of Python objects is not normalised", hint="give an array of numbers")
    return found
