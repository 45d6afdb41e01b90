"""TensorBoard's event messages, decoded one at a time: for everything that is not a plain scalar.

Source: event.proto, summary.proto, tensor.proto and types.proto of
https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import final

import numpy as np

from traindx.readers.protobuf import FIXED32, FIXED64, LENGTH, VARINT, Field, fields, read_varint, signed

STRING = 7
# What the numbers of a tensor are, by its dtype; bfloat16 is the upper half of a float32.
DTYPES = {
    1: "<f4",
    2: "<f8",
    3: "<i4",
    4: "<u1",
    5: "<i2",
    6: "<i1",
    9: "<i8",
    10: "<u1",
    14: "bf16",
    17: "<u2",
    19: "<f2",
    22: "<u4",
    23: "<u8",
}
_CONTENT, _STRINGS = 4, 8
_FIXED = {5: "<f4", 6: "<f8"}  # float_val, double_val
_COUNTED = {7, 10, 11, 16, 17}  # int_val, int64_val, bool_val, uint32_val, uint64_val
_HALVES = 13
_START = 1  # SessionLog.START


@final
@dataclass(frozen=True, slots=True)
class Event:
    """When and at which step something was logged, and where its summaries lie."""

    wall_time: float
    step: int
    summaries: tuple[tuple[int, int], ...]
    session_start: bool = False


@final
@dataclass(frozen=True, slots=True)
class Number:
    """One number: its value, its dtype, and its offset in the buffer (-1 where it has no fixed place)."""

    value: float
    dtype: str
    at: int = -1


@final
@dataclass(slots=True)
class Value:
    """One summary value. ``number`` is None where it holds no single number."""

    tag: bytes = b""
    number: Number | None = None
    plugin: str | None = None
    content: bytes = b""
    texts: list[bytes] = field(default_factory=list[bytes])
    is_scalar: bool = False  # it is of a kind that should hold one number


def read_event(data: memoryview, start: int, end: int) -> Event:
    """Decode an event. Raises MalformedMessageError."""
    wall_time, step, started = float("nan"), 0, False
    summaries: list[tuple[int, int]] = []
    for part in fields(data, start, end):
        if part.number == 1 and part.kind == FIXED64:
            wall_time = float(struct.unpack_from("<d", data, part.start)[0])
        elif part.number == 2 and part.kind == VARINT:
            step = signed(part.value)
        elif part.number == 5 and part.kind == LENGTH:
            summaries.append((part.start, part.end))
        elif part.number == 7 and part.kind == LENGTH:
            started = any(f.number == 1 and f.value == _START for f in fields(data, part.start, part.end))
    return Event(wall_time, step, tuple(summaries), started)


def read_summary(data: memoryview, start: int, end: int) -> list[tuple[int, int]]:
    """Return where the values of a summary lie. Raises MalformedMessageError."""
    return [(f.start, f.end) for f in fields(data, start, end) if f.number == 1 and f.kind == LENGTH]


def read_value(data: memoryview, start: int, end: int) -> Value:
    """Decode a summary value. Raises MalformedMessageError."""
    value = Value()
    for part in fields(data, start, end):
        if part.number == 1 and part.kind == LENGTH:
            value.tag = bytes(data[part.start : part.end])
        elif part.number == 2 and part.kind == FIXED32:
            value.is_scalar = True
            value.number = _fixed(data, part.start, "<f4")
        elif part.number == 8 and part.kind == LENGTH:
            _read_tensor(data, part, value)
        elif part.number == 9 and part.kind == LENGTH:
            _read_metadata(data, part, value)
    return value


def _read_metadata(data: memoryview, message: Field, value: Value) -> None:
    for part in fields(data, message.start, message.end):
        if part.number == 1 and part.kind == LENGTH:
            for inner in fields(data, part.start, part.end):
                if inner.number == 1 and inner.kind == LENGTH:
                    value.plugin = bytes(data[inner.start : inner.end]).decode("utf-8", "replace")
                elif inner.number == 2 and inner.kind == LENGTH:
                    value.content = bytes(data[inner.start : inner.end])


def _read_tensor(data: memoryview, message: Field, value: Value) -> None:
    dtype, elements = 0, 1
    numbers: list[Field] = []
    for part in fields(data, message.start, message.end):
        if part.number == 1 and part.kind == VARINT:
            dtype = part.value
        elif part.number == 2 and part.kind == LENGTH:
            elements = _elements(data, part)
        elif part.number == _STRINGS and part.kind == LENGTH:
            value.texts.append(bytes(data[part.start : part.end]))
        elif part.number == _CONTENT or part.number > _CONTENT:
            numbers.append(part)
    if elements == 1 and dtype in DTYPES:
        value.is_scalar = True
        value.number = _only_number(data, numbers, DTYPES[dtype])


def _elements(data: memoryview, shape: Field) -> int:
    product = 1
    for dim in fields(data, shape.start, shape.end):
        if dim.number == 2 and dim.kind == LENGTH:
            sizes = [signed(f.value) for f in fields(data, dim.start, dim.end) if f.number == 1]
            product *= sizes[-1] if sizes else 0
    return product


def _only_number(data: memoryview, numbers: list[Field], dtype: str) -> Number | None:
    """Return the one number of a tensor, or None where it holds none or several."""
    if len(numbers) != 1:
        return None
    part = numbers[0]
    if part.number == _CONTENT or part.number in _FIXED:
        kind = dtype if part.number == _CONTENT else _FIXED[part.number]
        return _fixed(data, part.start, kind) if part.end - part.start == size_of(kind) else None
    if part.number not in _COUNTED and part.number != _HALVES:
        return None
    raw = part.value
    if part.kind == LENGTH:
        raw, stop = read_varint(data, part.start, part.end)
        if stop != part.end:
            return None
    if part.number == _HALVES:
        return Number(decoded(np.array([raw & 0xFFFF], dtype=np.uint64), dtype)[0], dtype)
    return Number(float(raw if dtype in ("<u4", "<u8") else signed(raw)), dtype)


def _fixed(data: memoryview, at: int, dtype: str) -> Number:
    raw = int.from_bytes(data[at : at + size_of(dtype)], "little")
    return Number(float(decoded(np.array([raw], dtype=np.uint64), dtype)[0]), dtype, at)


def size_of(dtype: str) -> int:
    """Return how many bytes a number of ``dtype`` takes; numpy does not know bfloat16."""
    return 2 if dtype == "bf16" else np.dtype(dtype).itemsize


def decoded(
    raw: np.ndarray[tuple[int], np.dtype[np.uint64]], dtype: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the numbers of ``dtype`` whose bytes are the lowest ones of each word."""
    if dtype == "bf16":
        return ((raw & np.uint64(0xFFFF)) << np.uint64(16)).astype("<u4").view("<f4").astype(np.float64)
    kind = np.dtype(dtype)
    return raw.astype(f"<u{kind.itemsize}").view(kind).astype(np.float64)
