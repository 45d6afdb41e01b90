"""States as bytes: MessagePack of plain values and raw arrays, nothing that could run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from traindx.errors import UnreadableDataError

Packed = Mapping[str, object]
_TYPES: Final = {
    np.dtype(kind).name: np.dtype(kind) for kind in (np.bool_, np.uint64, np.int64, np.float32, np.float64)
}


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
        return np.frombuffer(data, dtype=_TYPES[name]).reshape(shape).copy()
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableDataError("these bytes hold no state of statistics", hint=str(error).lower()) from error
