"""Writing scalars to a TensorBoard event file, one record a call, so that a killed process loses nothing.

Source: https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

from traindx.readers import crc32c, masked

_VERSION: Final = b"brain.Event:2"


@final
class Recorder:
    """One event file in ``directory``, which is made where it is missing."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{os.getpid()}.{time.monotonic_ns()}"
        self.path = directory / name
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._write(b"\x09" + struct.pack("<d", time.time()) + b"\x1a" + bytes([len(_VERSION)]) + _VERSION)

    def record(self, step: int, values: Mapping[str, float]) -> None:
        """Append one event with the values of one step."""
        summary = b"".join(_value(name, value) for name, value in values.items())
        event = b"\x09" + struct.pack("<d", time.time()) + b"\x10" + _varint(step) + _message(5, summary)
        self._write(event)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, event: bytes) -> None:
        length = struct.pack("<Q", len(event))
        head = length + struct.pack("<I", masked(crc32c(length)))
        os.write(self._file, head + event + struct.pack("<I", masked(crc32c(event))))


def _value(name: str, value: float) -> bytes:
    tag = _message(1, name.encode())
    return _message(1, tag + b"\x15" + struct.pack("<f", value))


def _message(field: int, content: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
