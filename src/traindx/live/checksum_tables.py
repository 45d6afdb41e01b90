"""What single bytes add to the checksum of a record, by their distance from its end.

A CRC is affine over GF(2): the checksum of a record is that of the same record with zeros in its varying places, XOR one table
entry for each of those places. So a record of known form costs two lookups a value instead of one for each of its bytes. The
rotation of the masked form that record files store is linear too and is in the tables; the constant that is added comes last.
"""

from __future__ import annotations

import struct
from array import array
from typing import Final, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.readers import crc32c

_BYTES: Final = np.array([crc32c(bytes([byte])) ^ crc32c(bytes(1)) for byte in range(256)], dtype=np.uint32)
_LOW32: Final = 0xFFFFFFFF
TICKS: Final = 1024  # of the wall clock in a second: a power of two, so that few bits of a float64 vary
MOST_PAIRS: Final = 48  # of 256 KiB each
_FARTHEST: Final = 1 << 14  # bytes from the end: the way there takes 3 microseconds a byte, once

_MOST_SMALL: Final = 64  # of 4 KiB and 64 KiB each

Table = NDArray[np.uint32]
_Key = TypeVar("_Key")


def rotated(crc: int) -> int:
    """Return the linear part of the masked form of a checksum."""
    return (crc >> 15 | crc << 17) & _LOW32


@final
class ChecksumTables:
    """Tables by distance from the end of a record, made when they are first asked for and shared by all forms of record."""

    def __init__(self) -> None:
        self._known: dict[int, Table] = {0: _BYTES}
        self._pairs: dict[int, array[int]] = {}
        self._ticks: dict[tuple[int, int], array[int]] = {}
        self._steps: dict[tuple[int, bool], array[int]] = {}

    def bytes_at(self, distances: list[int]) -> Table | None:
        """Return one row of 256 entries for each distance (0 is the last byte), the farthest first; None where that is too far."""
        if max(distances) >= _FARTHEST:
            return None
        nearest_first = [_rotated(self._at(distance)) for distance in sorted(distances)]
        return np.stack(nearest_first[::-1])

    def steps(self, distance: int, *, one_byte: bool) -> array[int]:
        """Return what the lowest bits of a step add, 7 in one byte or 14 in two, of which the last is at ``distance``."""
        known = self._steps.get((distance, one_byte))
        if known is None:
            number = np.arange(1 << 7 if one_byte else 1 << 14)
            table = self._at(distance)[number >> (0 if one_byte else 7)]
            if not one_byte:
                table = table ^ self._at(distance + 1)[number & 0x7F]
            known = _kept(self._steps, (distance, one_byte), _packed(_rotated(table)))
        return known

    def pair(self, distance: int) -> array[int] | None:
        """Return what each little-endian number of 16 bits adds, its later byte at ``distance``; None where memory is used up."""
        known = self._pairs.get(distance)
        if known is None and len(self._pairs) < MOST_PAIRS and distance < _FARTHEST:
            number = np.arange(1 << 16)
            table = self._at(distance + 1)[number & 0xFF] ^ self._at(distance)[number >> 8]
            known = self._pairs[distance] = _packed(_rotated(table))
        return known

    def ticks(self, distance: int, second: int) -> array[int]:
        """Return what each tick of a second adds to the wall time at its start, a float64 whose last byte is at ``distance``."""
        exponent = second.bit_length()
        known = self._ticks.get((distance, exponent))
        if known is None:
            times = second + np.arange(TICKS) / TICKS
            start = np.frombuffer(struct.pack("<d", second), dtype=np.uint8)
            varying = times.view(np.uint8).reshape(-1, 8) ^ start
            table = np.zeros(TICKS, dtype=np.uint32)
            for place, column in enumerate(varying.T):
                table ^= self._at(distance + 7 - place)[column]
            known = _kept(self._ticks, (distance, exponent), _packed(_rotated(table)))
        return known

    def _at(self, distance: int) -> Table:
        nearest = max(known for known in self._known if known <= distance)
        table = self._known[nearest]
        for _ in range(distance - nearest):
            table = (table >> np.uint32(8)) ^ _BYTES[table & np.uint32(0xFF)]
        self._known[distance] = table
        return table


def _kept(tables: dict[_Key, array[int]], key: _Key, table: array[int]) -> array[int]:
    """Keep a table, and no more of them than ``_MOST_SMALL``."""
    if len(tables) >= _MOST_SMALL:
        tables.clear()
    tables[key] = table
    return table


def _rotated(table: Table) -> Table:
    return (table >> np.uint32(15)) | (table << np.uint32(17))


def _packed(table: Table) -> array[int]:
    packed = array("I")
    packed.frombytes(table.tobytes())
    return packed
