"""States as bytes: MessagePack of plain values and raw arrays, nothing that could run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from traindx.errors import UnreadableDataError

Packed = Mapping[str, object]
_TYPES: Final = frozenset({"bool", "uint8", "uint16", "uint32", "uint64", "int32", "int64", "float32", "float64"})


def pack(values: Packed) -> bytes:
    """Return a mapping of plain values as bytes; put arrays through ``from_array`` first."""
    return msgspec.msgpack.encode(values)


def unpack(data: bytes, what: str) -> dict[str, Any]:
    """Return what was packed; raises ``UnreadableDataError`` where it is no such mapping, or one of something else than ``what``."""
    try:
        found = msgspec.msgpack.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise UnreadableDataError("these bytes hold no state of statistics", hint=str(error).lower()) from error
    if found.get("what") != what:
        raise UnreadableDataError(f"these bytes hold no state of {what}")
    return found


def from_array(array: NDArray[Any]) -> list[object]:
    """Return type, shape and bytes of an array."""
    return [array.dtype.name, list(array.shape), np.ascontiguousarray(array).tobytes()]


def to_array(packed: object) -> NDArray[Any]:
    """Return the array again, as one that may be written to."""
    try:
        name, shape, data = cast("tuple[str, list[int], bytes]", packed)
        if name not in _TYPES:
            raise ValueError(f"arrays of type {name} are not packed")
        return np.frombuffer(data, dtype=name).reshape(shape).copy()
    except (TypeError, ValueError) as error:
        raise UnreadableDataError("these bytes hold no state of statistics", hint=str(error).lower()) from error
