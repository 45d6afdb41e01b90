"""Writes W&B's offline files byte by byte, so that tests can also write what no client would."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Mapping

from .event_writer import message, varint

HEADER = b":W&B\xe1\xbe\x00"
_BLOCK = 32768


def log(payloads: Iterable[bytes]) -> bytes:
    """A whole file: records are split where a block of 32 KiB ends."""
    out = bytearray(HEADER)
    for payload in payloads:
        first, left = True, payload
        while first or left:
            room = _BLOCK - len(out) % _BLOCK
            if room < 7:
                out += bytes(room)
                continue
            part, left = left[: room - 7], left[room - 7 :]
            kind = {(True, True): 1, (True, False): 2, (False, False): 3, (False, True): 4}[first, not left]
            out += struct.pack("<IHB", zlib.crc32(bytes([kind]) + part), len(part), kind) + part
            first = False
    return bytes(out)


def record(number: int, field: int, content: bytes) -> bytes:
    return b"\x08" + varint(number) + message(field, content)


def item(name: str | tuple[str, ...], value_json: str) -> bytes:
    """An item as clients write it today: nested name, JSON text."""
    path = (name,) if isinstance(name, str) else name
    return message(1, b"".join(message(2, part.encode()) for part in path) + message(16, value_json.encode()))


def typed_item(name: str, value: float | bool | str | None) -> bytes:
    """An item in the typed form of the schema."""
    if value is None:
        held = b"\x18\x00"
    elif isinstance(value, bool):
        held = b"\x20" + bytes([value])
    elif isinstance(value, int):
        held = b"\x28" + varint((value << 1) ^ (value >> 63))
    elif isinstance(value, float):
        held = b"\x31" + struct.pack("<d", value)
    else:
        held = message(7, value.encode())
    return message(1, message(1, name.encode()) + held)


def step(number: int) -> bytes:
    return message(2, b"\x08" + varint(number) if number else b"")


def history(number: int, row: Mapping[str, object], at: int | None = None) -> bytes:
    """A history record whose values are written with ``json.dumps``."""
    items = b"".join(item(name, json.dumps(value)) for name, value in row.items())
    return record(number, 2, items + (b"" if at is None else step(at)))


def config(number: int, settings: Mapping[str, object]) -> bytes:
    update = b"".join(
        message(1, message(1, k.encode()) + message(16, json.dumps(v).encode())) for k, v in settings.items()
    )
    return record(number, 5, update)
