"""Writes TensorBoard event files byte by byte, so that tests can also write what no library would."""

from __future__ import annotations

import struct


def crc32c(message: bytes) -> int:
    """The Castagnoli CRC, bit by bit: slow, and too simple to be wrong in the same way as a table."""
    crc = 0xFFFFFFFF
    for byte in message:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(message: bytes) -> bytes:
    crc = crc32c(message)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(number: int, content: bytes) -> bytes:
    """A field that holds bytes, a text or a message."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def record(payload: bytes) -> bytes:
    length = struct.pack("<Q", len(payload))
    return length + masked(length) + payload + masked(payload)


def event(wall_time: float, step: int, *values: bytes) -> bytes:
    """One record with a summary; step 0 is not written, as the wire form demands."""
    counted = b"\x10" + varint(step) if step else b""
    summary = b"".join(message(1, value) for value in values)
    return record(b"\t" + struct.pack("<d", wall_time) + counted + message(5, summary))


def version(wall_time: float = 1.7e9) -> bytes:
    return record(b"\t" + struct.pack("<d", wall_time) + message(3, b"brain.Event:2"))


def session_start(wall_time: float, step: int) -> bytes:
    return record(b"\t" + struct.pack("<d", wall_time) + b"\x10" + varint(step) + message(7, b"\x08\x01"))


def simple(tag: str, number: float) -> bytes:
    return message(1, tag.encode()) + b"\x15" + struct.pack("<f", number)


def tensor(tag: str, dtype: int, number: bytes, *, shape: bytes = b"", plugin: str | None = "scalars") -> bytes:
    """A value as TensorFlow 2 writes it; ``number`` is the field of the tensor that holds it."""
    held = b"\x08" + varint(dtype) + message(2, shape) + number
    metadata = b"" if plugin is None else message(9, message(1, message(1, plugin.encode())))
    return message(1, tag.encode()) + message(8, held) + metadata
