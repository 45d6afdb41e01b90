"""Makes large offline files of W&B for the benchmarks: seeded, and written without wandb."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

_BLOCK = 1 << 15
_NAMES = [f"train/metric_{index}".encode() for index in range(10)]
_ITEMS = [bytes([0x12, len(name)]) + name + b"\x82\x01" for name in _NAMES]


def write_wandb_file(path: Path, points: int, *, seed: int = 0) -> None:
    """Write ``points`` scalars of 10 series as a client does: names in random order, a summary after each history."""
    rng = random.Random(seed)
    with path.open("wb") as file:
        _ = file.write(b":W&B\xe1\xbe\x00")
        place = 7
        for step in range(points // 10):
            items = [(_ITEMS[index], repr(rng.gauss(0, 1)).encode()) for index in range(10)]
            items.append((b"\x12\x05_step\x82\x01", b"%d" % step))
            items.append((b"\x12\x0a_timestamp\x82\x01", repr(1.7e9 + step * 0.37).encode()))
            items.append((b"\x12\x08_runtime\x82\x01", repr(step * 0.37).encode()))
            rng.shuffle(items)
            body = b"".join(_message(b"\n", head + _sized(text)) for head, text in items)
            count = b"" if not step else b"\x08" + _varint(step)
            history = b"\x08" + _varint(2 * step + 1) + _message(b"\x12", body + _message(b"\x12", count))
            summary = b"\x08" + _varint(2 * step + 2) + _message(b"\x1a", body)
            for payload in (history, summary):
                place = _write(file.write, place, payload)


def _write(write: object, place: int, payload: bytes) -> int:
    first = True
    while first or payload:
        room = _BLOCK - place % _BLOCK
        if room < 7:
            write(bytes(room))  # type: ignore[operator]
            place += room
            continue
        part, payload = payload[: room - 7], payload[room - 7 :]
        kind = (1 if not payload else 2) if first else (4 if not payload else 3)
        write(struct.pack("<IHB", zlib.crc32(part, zlib.crc32(bytes([kind]))), len(part), kind) + part)  # type: ignore[operator]
        place += 7 + len(part)
        first = False
    return place


def _sized(content: bytes) -> bytes:
    return _varint(len(content)) + content


def _message(key: bytes, content: bytes) -> bytes:
    return key + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
