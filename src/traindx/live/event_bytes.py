"""One event of a TensorBoard file as bytes, in full: what every record falls back on.

Source: https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto (and summary.proto, tensor.proto).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from typing import Final

from traindx.readers import crc32c, masked

_VERSION: Final = b"brain.Event:2"
_LARGEST: Final = 3.4028235677973366e38
"""From here on a number rounds to infinity in 32 bits."""

_SCALARS: Final = b"\x4a\x0b\x0a\x09\x0a\x07scalars"  # metadata: plugin_data { plugin_name: "scalars" }


def first_record(wall_time: float) -> bytes:
    """Return the record that begins an event file."""
    return framed(b"\x09" + struct.pack("<d", wall_time) + _message(3, _VERSION))


def record_of(wall_time: float, step: int, values: Iterable[tuple[str, float]]) -> bytes:
    """Return the record of one event, framed: the values of one step.

    Values are 32-bit floats, TensorBoard's plain form of a scalar; a finite one beyond their range is written in 64 bits.
    """
    summary = b"".join(_message(1, _value(name, value)) for name, value in values)
    return framed(b"\x09" + struct.pack("<d", wall_time) + b"\x10" + varint(step) + _message(5, summary))


def framed(event: bytes) -> bytes:
    """Return an event with its length and checksums."""
    length = struct.pack("<Q", len(event))
    return length + struct.pack("<I", masked(crc32c(length))) + event + struct.pack("<I", masked(crc32c(event)))


def tag_of(name: str) -> bytes:
    """Return the field that names a value; what UTF-8 cannot hold is spelt out."""
    return _message(1, name.encode("utf-8", "backslashreplace"))


def varint(number: int) -> bytes:
    """Return an integer of 64 bits as the wire has it; a negative one takes ten bytes."""
    number &= (1 << 64) - 1
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _value(name: str, value: float) -> bytes:
    if math.isfinite(value) and abs(value) >= _LARGEST:
        tensor = b"\x08\x02\x12\x00" + _message(4, struct.pack("<d", value))  # DT_DOUBLE, without dimensions
        return tag_of(name) + _message(8, tensor) + _SCALARS
    return tag_of(name) + b"\x15" + struct.pack("<f", value)


def _message(field: int, content: bytes) -> bytes:
    return bytes([field << 3 | 2]) + varint(len(content)) + content
