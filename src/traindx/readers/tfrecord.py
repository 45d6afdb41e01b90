"""The framing of TensorFlow record files: where each record starts, and whether its checksums hold.

A record is its length (u64), the masked CRC-32C of these 8 bytes, the payload, and the masked CRC-32C of the payload.
Source: https://www.tensorflow.org/tutorials/load_data/tfrecord
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import final

import numpy as np

from traindx.readers.byteview import ByteView, Flags, Ints, Words
from traindx.readers.crc32c import crc32c, crc32c_of_rows, crc32c_of_words, masked, unmasked_many

HEADER = 12
_FRAME = HEADER + 4
_WINDOW = 1 << 18  # bytes searched at a time: what is made of them stays in the processor's cache
_WINDOWS_HELD = 32
_MAX_REPAIRS = 10_000  # a file damaged in more places is given up
_CHECKED = 1024  # payloads up to this size are checked: all that hold scalars
_FEW = 200  # longer records that are followed one by one before all lengths are searched
# The upper half of a length below 256, and its checksum: what stands 4 bytes after its start.
_SHORT_HEADERS = np.array([masked(crc32c(bytes([size]) + bytes(7))) << 32 for size in range(256)], dtype=np.uint64)
_NO_INTS = np.zeros(0, dtype=np.int64)


@final
@dataclass(frozen=True, slots=True)
class Frames:
    """Where the records of a file start, and what stands between them.

    ``damage`` holds, for each place where bytes had to be passed over, the number of records before it and the number
    of bytes. ``incomplete`` says how the file ends, if not with a whole record.
    """

    starts: Ints
    damage: tuple[tuple[int, int], ...] = ()
    incomplete: str = ""


def is_record_file(head: bytes) -> bool:
    """Whether the bytes begin with a record whose length carries the right checksum."""
    if len(head) < HEADER:
        return False
    return masked(crc32c(head[:8])) == int.from_bytes(head[8:12], "little")


def frames(view: ByteView) -> Frames:
    """Find all records; after damage, go on at the next length whose checksum holds.

    Lengths with their checksums are searched in the whole file at once. Where each one leads to the next, they are
    the records; only where that fails (damage, a record file inside a record, a record of 16 MiB) one is followed
    alone. Lengths below 256 are found with a third of the work: all others are searched only where those, with a few
    longer ones between them, are not the whole file.
    """
    return _chained(view, *_short_lengths(view), lone=_FEW) or _chained(view, *_sound_lengths(view)) or Frames(_NO_INTS)


def _chained(view: ByteView, sound: Ints, nexts: Ints, lone: int | None = None) -> Frames | None:
    """Follow the records from the start of the file; None where more than ``lone`` of them are not in ``sound``."""
    ends = np.append(np.flatnonzero(nexts[:-1] != sound[1:]), len(sound) - 1)
    parts: list[Ints] = []
    damage: list[tuple[int, int]] = []
    at, count, incomplete = 0, 0, ""
    while at < view.size:
        first = int(np.searchsorted(sound, at))
        if first < len(sound) and sound[first] == at:
            last = int(ends[np.searchsorted(ends, first)])
            part, following = sound[first : last + 1], int(nexts[last])
        else:
            part, following = _lone_record(view, at)
            if lone is not None:
                lone -= 1
                if lone < 0 or (not len(part) and view.size - at >= HEADER):
                    return None
        if len(part) and following > view.size:
            part, incomplete = part[:-1], "the last record is cut off"
        elif not len(part) and view.size - at < HEADER:
            incomplete = "the last record is cut off"
        elif not len(part) and (first == len(sound) or len(damage) == _MAX_REPAIRS):
            incomplete = f"the last {view.size - at} bytes are not records"
        elif not len(part):
            following = int(sound[first])
            damage.append((count, following - at))
        parts.append(part)
        count += len(part)
        at = following if not incomplete else view.size
    starts = parts[0] if len(parts) == 1 else np.concatenate([_NO_INTS, *parts])
    return Frames(starts, tuple(damage), incomplete)


def _lone_record(view: ByteView, at: int) -> tuple[Ints, int]:
    """Return the record that starts at ``at`` and where it ends; none if its length does not hold."""
    start = np.array([at], dtype=np.int64)
    if view.size - at < HEADER or not bool(_sound_headers(view, start)[0]):
        return _NO_INTS, at
    return start, at + _FRAME + int(view.words(start)[0])


def _short_lengths(view: ByteView) -> tuple[Ints, Ints]:
    """Return the offsets of lengths from 1 to 255 that stand with their checksum, and where their records end.

    Seven zero bytes follow the lowest byte of such a length, so one aligned group of four among them is zero.
    """
    fours = np.frombuffer(view.data, dtype="<u4", count=view.size // 4)
    found: list[tuple[Ints, Ints]] = [(_NO_INTS, _NO_INTS)]
    for number, low in enumerate(range(1, len(fours), _WINDOW // 4)):
        zero = np.flatnonzero(fours[low : low + _WINDOW // 4] == 0) + low
        before = fours[zero - 1]
        zero, before = zero[before != 0], before[before != 0]
        # The last byte before the zeros is the length: which of four it is stands in the exponent of their float64.
        byte = ((before.astype(np.float64).view(np.int64) >> 52) - 1023) >> 3
        lengths = before >> (byte << 3).astype(np.uint32)
        starts = zero * 4 - 4 + byte
        sound = view.words(starts + 4) == _SHORT_HEADERS[lengths]
        starts = starts[sound]
        found.append((starts, starts + lengths[sound] + _FRAME))
        if number % _WINDOWS_HELD == 0:
            view.release()
    return _both(found)


def _sound_lengths(view: ByteView) -> tuple[Ints, Ints]:
    """Return all offsets where a length from 1 to 2**24 - 1 that fits into the file stands with its checksum.

    The second array tells where their records end.
    """
    found: list[tuple[Ints, Ints]] = [(_NO_INTS, _NO_INTS)]
    for number, low in enumerate(range(0, view.size - _FRAME + 1, _WINDOW)):
        # The upper five bytes of such a length are zero.
        zeros = view.bytes[low : low + _WINDOW + 7] == 0
        pairs = zeros[:-1] & zeros[1:]
        fours = pairs[:-2] & pairs[2:]
        offsets = np.flatnonzero(fours[3:-1] & zeros[7:]) + low
        words = view.words(offsets)
        offsets = offsets[(words != 0) & (words <= view.size)]
        offsets = offsets[_sound_headers(view, offsets)]
        found.append((offsets, offsets + view.words(offsets).view(np.int64) + _FRAME))
        if number % _WINDOWS_HELD == 0:
            view.release()
    return _both(found)


def _both(found: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    return np.concatenate([starts for starts, _ in found]), np.concatenate([ends for _, ends in found])


def _sound_headers(view: ByteView, at: Ints) -> Flags:
    stored = unmasked_many(view.uint32(at + 8))
    sound: Flags = crc32c_of_words(view.words(at)) == stored
    return sound


def sound_rows(view: ByteView, starts: Ints, lengths: Ints, damaged: Flags) -> Iterator[tuple[Ints, Words]]:
    """Check the payloads of records; yield those of one length whose checksums hold, as one row of words each.

    With the rows come the numbers of their records among ``starts``; bytes beyond a payload are those that follow it
    in the file. Records that their checksum contradicts are marked in ``damaged``, and neither they nor those of the
    same length are yielded; nor is the last record of the file.

    Payloads up to 1,024 bytes are checked, all that can hold scalars. The CRC is affine, so the checksum of the XOR
    of many payloads of one length tells whether all of them hold: only where it does not, they are checked one by
    one. (Two records with the same bits flipped would hide each other.)
    """
    counts = np.bincount(np.minimum(lengths, _CHECKED + 1), minlength=_CHECKED + 2)
    by_length = np.argsort(np.minimum(lengths, _CHECKED + 1).astype(np.uint16), kind="stable")
    edges = np.cumsum(counts)
    for length in np.flatnonzero(counts[: _CHECKED + 1]).tolist():
        members = by_length[edges[length] - counts[length] : edges[length]]
        yield from _checked_group(view, starts, members, length, damaged)


def _checked_group(
    view: ByteView, starts: Ints, members: Ints, length: int, damaged: Flags
) -> Iterator[tuple[Ints, Words]]:
    """Mark the damaged ones among the records of one length, or yield them."""
    width = -(-length // 8) * 8
    payloads = starts[members] + HEADER
    stored = unmasked_many(view.uint32(payloads + length))
    if length == 0 or int(payloads[-1]) + width > view.size:  # the last record of the file, whose row would overhang
        last = bytes(view.data[int(payloads[-1]) :][:length])
        damaged[members[-1]] = crc32c(last) != int(stored[-1])
        members, payloads, stored = members[:-1], payloads[:-1], stored[:-1]
    if not length:
        damaged[members] = stored != 0
    elif members.size:
        rows = view.rows(payloads, width)
        if _all_hold(rows, length, stored):
            yield members, rows
        else:
            damaged[members] = crc32c_of_rows(rows.view(np.uint8)[:, :length]) != stored


def _all_hold(rows: Words, length: int, stored: Words) -> bool:
    joined = np.array([np.bitwise_xor.reduce(column) for column in rows.T]).tobytes()[:length]
    constant = 0 if len(rows) % 2 else _crc_of_zeros(length)
    return crc32c(joined) ^ constant == int(np.bitwise_xor.reduce(stored))


@cache
def _crc_of_zeros(length: int) -> int:
    return crc32c(bytes(length))
