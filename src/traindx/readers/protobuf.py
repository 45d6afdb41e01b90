"""The wire form of Protocol Buffers: one message at a time, and one number of many messages at once.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from traindx.readers.byteview import Flags, Ints, Words

VARINT: Final = 0
FIXED64: Final = 1
LENGTH: Final = 2
FIXED32: Final = 5

_TOP_BITS = np.uint64(0x8080808080808080)
_LOW_BITS = np.uint64(0x7F7F7F7F7F7F7F7F)


class MalformedMessageError(ValueError):
    """The bytes are not a message in the wire form."""


@final
@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: its number and wire type, and where its payload lies in the buffer.

    ``value`` is the number of a VARINT, else 0.
    """

    number: int
    kind: int
    start: int
    end: int
    value: int = 0


def read_varint(data: memoryview, at: int, end: int) -> tuple[int, int]:
    """Return the unsigned number that starts at ``at``, and the offset after it."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise MalformedMessageError("a number does not end")


def write_varint(value: int) -> bytes:
    """Return a number of at least 0 as it is sent."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def fields(data: memoryview, start: int, end: int) -> Iterator[Field]:
    """Yield the fields of the message that lies in ``data[start:end]``, in their order."""
    at = start
    while at < end:
        key, at = read_varint(data, at, end)
        number, kind = key >> 3, key & 7
        value, begin, stop = 0, at, at
        if kind == VARINT:
            value, stop = read_varint(data, at, end)
        elif kind == LENGTH:
            size, begin = read_varint(data, at, end)
            stop = begin + size
        elif kind in (FIXED64, FIXED32):
            stop = at + (8 if kind == FIXED64 else 4)
        else:
            raise MalformedMessageError(f"wire type {kind} does not exist")
        if stop > end or number == 0:
            raise MalformedMessageError("a field reaches past its message")
        yield Field(number, kind, begin, stop, value)
        at = stop


def signed(value: int) -> int:
    """Return an int64 field's value: negative numbers are sent as their two's complement."""
    return value - (1 << 64) if value >= 1 << 63 else value


def varints(words: Words) -> tuple[Ints, Ints, Flags]:
    """Decode the number that starts in the lowest byte of each word.

    Returns values, sizes in bytes, and whether the number ended inside the word (56 bits; the rest is for
    ``read_varint``). Values and sizes of those that did not end mean nothing.
    """
    if not bool(((words & np.uint64(0x80)) != 0).any()):
        values = (words & np.uint64(0x7F)).view(np.int64)
        return values, np.ones(words.shape, dtype=np.int64), np.ones(words.shape, dtype=np.bool_)
    stops = ~words & _TOP_BITS
    lowest = stops & (~stops + np.uint64(1))
    kept = words & (lowest | (lowest - np.uint64(1))) & _LOW_BITS
    ended = lowest != 0
    # The bit's position is the exponent of its float64.
    bit = (lowest.astype(np.float64).view(np.int64) >> 52) - 1023
    return packed(kept).view(np.int64), (bit + 1) >> 3, ended


def packed(groups: Words) -> Words:
    """Join eight groups of 7 bits, each in its own byte, to one number of 56 bits."""
    for keep, move, shift in (
        (0x007F007F007F007F, 0x7F007F007F007F00, 1),
        (0x00003FFF00003FFF, 0x3FFF00003FFF0000, 2),
        (0x000000000FFFFFFF, 0x0FFFFFFF00000000, 4),
    ):
        groups = (groups & np.uint64(keep)) | ((groups & np.uint64(move)) >> np.uint64(shift))
    return groups
