"""Arrays that other libraries hold in memory, without importing those libraries."""

from __future__ import annotations

import sys
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.converted import ConvertedSource, bfloat16, presented
from traindx.arrays.source import ArraySource, MemorySource
from traindx.errors import UsageError


@runtime_checkable
class Arraylike(Protocol):
    """Whatever numpy can make an array of: tensors of JAX and CuPy, series of pandas, memory maps."""

    def __array__(self) -> Any: ...


@runtime_checkable
class Tensor(Protocol):
    """A tensor as PyTorch has them."""

    dtype: object

    def detach(self) -> Any: ...


def from_memory(values: object, *, name: str = "", where: str = "array") -> ArraySource:
    """Return a source over an array in memory: of numpy, memory-mapped, a torch tensor, or anything that numpy can take over.

    A tensor is shared where it is on the CPU, and copied once from elsewhere; bfloat16 becomes float32 as it is read. A source is returned as it is.
    Raises ``UsageError`` for what is no array of numbers or text, or has several fields.

    >>> from_memory(np.eye(3)).shape
    (3, 3)
    """
    if isinstance(values, ArraySource):
        return values
    if isinstance(values, Tensor):
        return _tensor(values, name, where)
    if not isinstance(values, Arraylike):
        raise UsageError(f"{type(values).__name__} is no array", where=where, hint="give a numpy array or a tensor")
    return _lone(np.asarray(values), name, where)


def _tensor(tensor: Any, name: str, where: str) -> ArraySource:
    still = tensor.detach()
    if getattr(still, "is_sparse", False):
        raise UsageError("a sparse tensor", where=where, hint="give its .to_dense()")
    still = still.cpu().resolve_conj().resolve_neg() if still.is_complex() else still.cpu()
    if str(still.dtype) == "torch.bfloat16":
        words = still.view(cast("Any", sys.modules["torch"]).int16).numpy().view(np.uint16)
        stored = MemorySource(np.atleast_1d(words), name=name, where=where)
        return ConvertedSource(stored, bfloat16, np.dtype(np.float32))
    if str(still.dtype).startswith("torch.float8"):
        still = still.float()
    return _lone(still.numpy(), name, where)


def _lone(array: NDArray[Any], name: str, where: str) -> ArraySource:
    array = np.atleast_1d(array)
    if array.dtype.hasobject or array.dtype.kind not in "biufSUTMm" or not array.dtype.itemsize:
        raise UsageError(
            f"an array of type {array.dtype} is not numbers or text", where=where, hint="give each column by itself"
        )
    native = array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    (source,) = presented(MemorySource(native, name=name, where=where))
    return source
