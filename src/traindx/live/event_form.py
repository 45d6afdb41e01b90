"""The form of the records that one set of names gives: everything but wall time, step and numbers is known beforehand.

A form is good for one second, and for the steps that share all but their lowest 14 bits. Within these, where the checksum has to
be made in Python, wall time and step each cost one lookup for it, and a number two (see ``checksum_tables``).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.live.checksum_tables import ChecksumTables, rotated
from traindx.live.crc_extension import Checksum
from traindx.live.event_bytes import tag_of, varint
from traindx.readers import crc32c, masked

_NARROW: Final = 8  # more numbers than this are looked up by numpy, which costs some microseconds whatever their number
_LOW_BITS: Final = 14  # of a step: its first two bytes on the wire
_LENGTH: Final = 12  # of a record: its length and the checksum of that
_HEADER: Final = _LENGTH + 1  # and the key of the wall time


@final
@dataclass(frozen=True, slots=True)
class _Wide:
    """Where the bytes of many numbers stand in a record, and what each adds to the checksum."""

    places: NDArray[np.intp]
    table: NDArray[np.uint32]  # of all places, 256 entries each, flattened
    offsets: NDArray[np.intp]

    def checksum(self, event: bytes) -> int:
        found = self.table[self.offsets + np.frombuffer(event, dtype=np.uint8)[self.places]]
        return int(np.bitwise_xor.reduce(found))


@final
@dataclass(frozen=True, slots=True)
class _Lookups:
    """How the numbers of a record are looked up: as halves of 16 bits where they are few, else all at once."""

    halves: Callable[[bytes], tuple[int, ...]]
    pairs: tuple[array[int], ...]
    wide: _Wide | None


@final
@dataclass(frozen=True, slots=True)
class _Tables:
    """The checksum of a record by lookups, rotated. ``start`` is that of the second's first tick, step 0 and zeros for numbers."""

    start: int
    ticks: array[int]
    steps: array[int]
    numbers: _Lookups


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What records of one set of names share while ``second`` lasts and the step is in [``first``, ``end``)."""

    second: int
    first: int
    end: int
    size: int  # of a record, in bytes
    more: int  # bits which say that further bytes of the step follow
    arguments: list[bytes | int | float]
    pack: Callable[..., bytes]
    checksum: Checksum | None
    tables: _Tables | None

    def record(self, tick: int, step: int, numbers: tuple[float, ...]) -> bytes:
        """Return the whole record; ``tick`` counts 1/1024 seconds. Raises ``OverflowError`` where a number needs more than 32 bits."""
        parts = self.arguments.copy()
        parts[1] = tick * 0.0009765625  # 1 / TICKS, exactly: what stands here as a number need not be looked up
        parts[3] = step & 0x7F | (step & 0x3F80) << 1 | self.more
        parts[5::2] = numbers
        event = self.pack(*parts)
        if self.checksum is not None:
            crc = self.checksum(event[12:])
            crc = crc >> 15 | crc << 17
        else:
            crc = _looked_up(self.tables, event, tick, step)
        return event + (crc + 0xA282EAD8 & 0xFFFFFFFF).to_bytes(4, "little")  # the masked form's constant


def _looked_up(tables: _Tables | None, event: bytes, tick: int, step: int) -> int:
    assert tables is not None  # a form without them has a function for checksums
    crc = tables.start ^ tables.ticks[tick & 1023] ^ tables.steps[step & 0x3FFF]
    numbers = tables.numbers
    if numbers.wide is not None:
        return crc ^ numbers.wide.checksum(event)
    for table, half in zip(numbers.pairs, numbers.halves(event)):  # noqa: B905 - of one length; saying so takes time
        crc ^= table[half]
    return crc


@final
class Forms:
    """Makes forms; their checksums by ``checksum`` where there is such a function, else by tables that they share."""

    def __init__(self, checksum: Checksum | None) -> None:
        self._checksum = checksum
        self._tables = ChecksumTables()

    def of(self, names: Sequence[str], second: int, step: int, like: Form | None = None) -> Form | None:
        """Return the form for these names at this second and step; ``like`` is an earlier one of the same names.

        None where there is none: a clock that stands before 1970, a negative step, names beyond all measure.
        """
        if second < 1 or step < 0 or not names:
            return None
        size = len(varint(step))
        keys = _keys(names, varint(step)[2:])
        event_size = 10 + min(size, 2) + sum(map(len, keys)) + 4 * len(keys)
        packing = struct.Struct(f"<{_HEADER}sdB{'B' if size == 1 else 'H'}" + "".join(f"{len(key)}sf" for key in keys))
        more = (0, 0x80, 0x8080)[min(size, 3) - 1]
        arguments = _arguments(event_size, second, more, keys)
        form = Form(
            second=second,
            first=step >> _LOW_BITS << _LOW_BITS if size > 2 else (0, 1 << 7)[size - 1],
            end=(step >> _LOW_BITS) + 1 << _LOW_BITS if size > 1 else 1 << 7,
            size=_LENGTH + event_size + 4,
            more=more,
            arguments=arguments,
            pack=packing.pack,
            checksum=self._checksum,
            tables=None,
        )
        return form if self._checksum is not None else self._with_tables(form, keys, like)

    def _with_tables(self, form: Form, keys: Sequence[bytes], like: Form | None) -> Form | None:
        event = form.pack(*form.arguments)
        known = like.tables if like is not None and like.size == form.size else None
        numbers = known.numbers if known is not None else _lookups(keys, len(event), self._tables)
        if numbers is None:
            return None
        step_size = 1 if form.end == 1 << 7 else 2
        after_time = len(event) - _LENGTH - 9
        tables = _Tables(
            start=rotated(crc32c(event[_LENGTH:])),
            ticks=self._tables.ticks(after_time, form.second),
            steps=self._tables.steps(after_time - 1 - step_size, one_byte=step_size == 1),
            numbers=numbers,
        )
        return replace(form, tables=tables)


def _keys(names: Sequence[str], rest_of_step: bytes) -> list[bytes]:
    """Return what stands before each number: before the first, the upper bytes of the step and the head of the summary too."""
    tags = [tag_of(name) for name in names]
    keys = [b"\x0a" + varint(len(tag) + 5) + tag + b"\x15" for tag in tags]
    summary = b"\x2a" + varint(sum(map(len, keys)) + 4 * len(keys))
    return [rest_of_step + summary + keys[0], *keys[1:]]


def _arguments(event_size: int, second: int, more: int, keys: Sequence[bytes]) -> list[bytes | int | float]:
    length = struct.pack("<Q", event_size)
    header = length + struct.pack("<I", masked(crc32c(length))) + b"\x09"
    arguments: list[bytes | int | float] = [header, float(second), 0x10, more]
    for key in keys:
        arguments += [key, 0.0]
    return arguments


def _starts(keys: Sequence[bytes], end: int) -> list[int]:
    """Return where each number stands in a record that ends at ``end``."""
    starts: list[int] = []
    for key in reversed(keys):
        starts.append(end - 4)
        end -= 4 + len(key)
    return starts[::-1]


def _halves(keys: Sequence[bytes], starts: Sequence[int]) -> struct.Struct:
    """Return what takes the numbers out of a record, each as two of 16 bits."""
    return struct.Struct(f"<{starts[0]}xHH" + "".join(f"{len(key)}xHH" for key in keys[1:]))


def _lookups(keys: Sequence[bytes], size: int, tables: ChecksumTables) -> _Lookups | None:
    starts = _starts(keys, size)
    halves = _halves(keys, starts).unpack
    far = [size - 1 - start for start in starts]
    found = [tables.pair(distance - back) for distance in far for back in (1, 3)] if len(keys) <= _NARROW else [None]
    pairs = tuple(table for table in found if table is not None)
    if len(pairs) == 2 * len(keys):
        return _Lookups(halves, pairs, None)
    places = [start + byte for start in starts for byte in range(4)]
    table = tables.bytes_at([distance - byte for distance in far for byte in range(4)])
    if table is None:
        return None
    return _Lookups(halves, (), _Wide(np.array(places), table.reshape(-1), np.arange(len(places)) * 256))
