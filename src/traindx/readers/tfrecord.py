"""The framing of TensorFlow record files: where each record starts, and whether its checksums hold.

A record is its length (u64), the masked CRC-32C of these 8 bytes, the payload, and the masked CRC-32C of the payload.
Source: https://www.tensorflow.org/tutorials/load_data/tfrecord
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.byteview import ByteView, Flags, Ints, Words
from traindx.readers.crc32c import crc32c, crc32c_of_rows, crc32c_of_words, masked, unmasked_many

HEADER = 12
FOOTER = 4
_FRAME = HEADER + FOOTER
_SMALL = 1 << 19  # up to this size, a plain loop is faster than many lanes
_LANE = 1 << 16
_LOOK = 256  # bytes searched at a time for the start of a record
_MAX_LOOKS = 16
_MAX_REPAIRS = 1000  # a file damaged in more places is given up
_CHECKED = 1024  # payloads up to this size are checked: all that hold scalars
_NO_INTS = np.zeros(0, dtype=np.int64)
_read_length = struct.Struct("<Q").unpack_from


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
    """Find all records; after damage, go on at the next length whose checksum holds."""
    parts: list[Ints] = []
    damage: list[tuple[int, int]] = []
    at, count, incomplete = 0, 0, ""
    while at < view.size:
        starts, at = _sound_records(view, at)
        parts.append(starts)
        count += len(starts)
        if at >= view.size:
            break
        if view.size - at < HEADER or bool(_sound_headers(view, np.array([at]))[0]):
            incomplete = "the last record is cut off"
            break
        following = _next_header(view, at + 1) if len(damage) < _MAX_REPAIRS else None
        if following is None:
            incomplete = f"the last {view.size - at} bytes are not records"
            break
        damage.append((count, following - at))
        at = following
    return Frames(np.concatenate(parts) if parts else _NO_INTS, tuple(damage), incomplete)


def _sound_records(view: ByteView, at: int) -> tuple[Ints, int]:
    """Walk from ``at`` to the first header that does not hold; return the starts, and where that header is."""
    starts, end = _walk(view, at)
    for low in range(0, len(starts), _LANE):
        sound = _sound_headers(view, starts[low : low + _LANE])
        if not bool(sound.all()):
            first = low + int(np.argmin(sound))
            return starts[:first], int(starts[first])
    return starts, end


def _sound_headers(view: ByteView, at: Ints) -> Flags:
    stored = unmasked_many(view.uint32(at + 8))
    sound: Flags = crc32c_of_words(view.words(at)) == stored
    return sound


def _next_header(view: ByteView, at: int) -> int | None:
    """Return the first offset from ``at`` on where a sound header stands."""
    for low in range(at, view.size - _FRAME + 1, _LANE):
        offsets = np.arange(low, min(low + _LANE, view.size - _FRAME + 1), dtype=np.int64)
        found = _plausible(view, offsets)
        if found.size:
            return int(found[0])
    return None


def _plausible(view: ByteView, offsets: Ints) -> Ints:
    """Return those offsets where a length below 2**32 stands with its checksum."""
    words = view.words(offsets)
    offsets = offsets[(words >> np.uint64(32) == 0) & (words != 0)]
    return offsets[_sound_headers(view, offsets)]


def _walk(view: ByteView, at: int) -> tuple[Ints, int]:
    """Follow the lengths from ``at``; return the starts, and the offset where no whole record stands."""
    if view.size - at < _SMALL:
        return _walk_plainly(view, at, view.size)
    return _walk_in_lanes(view, at)


def _walk_plainly(view: ByteView, at: int, limit: int) -> tuple[Ints, int]:
    data, size = view.data, view.size
    starts: list[int] = []
    while at < limit and at + _FRAME <= size:
        following = at + _FRAME + _read_length(data, at)[0]
        if following > size:
            break
        starts.append(at)
        at = following
    return np.array(starts, dtype=np.int64), at


def _walk_in_lanes(view: ByteView, at: int) -> tuple[Ints, int]:
    """Walk many stretches of the file at once, then join those that fit together.

    Each stretch begins at a length whose checksum holds. That may be an accident (a file inside a record), so a
    stretch only counts where the one before it ends at one of its records: the result is that of the plain walk.
    """
    heads = _lane_heads(view, at)
    lanes, starts, ends = _walk_lanes(view, heads)
    edges = np.searchsorted(lanes, np.arange(len(heads) + 1))
    limits = [*heads[1:].tolist(), view.size]
    parts: list[Ints] = []
    for lane, limit in enumerate(limits):
        if at >= limit:
            continue
        own = starts[edges[lane] : edges[lane + 1]]
        first = int(np.searchsorted(own, at))
        if first < len(own) and own[first] == at:
            parts.append(own[first:])
            at = int(ends[lane])
        else:
            part, at = _walk_plainly(view, at, limit)
            parts.append(part)
        if at < limit:
            break
    return np.concatenate(parts), at


def _lane_heads(view: ByteView, at: int) -> Ints:
    """Return the first sound header of each stretch, where one is near; the first is ``at`` itself."""
    width = max(_LANE, (view.size - at) // 60_000)
    searched = np.arange(at + width, view.size - _FRAME, width, dtype=np.int64)
    heads: list[Ints] = [np.array([at], dtype=np.int64)]
    for _ in range(_MAX_LOOKS):
        searched = searched[searched < view.size - _FRAME - _LOOK]
        if not searched.size:
            break
        offsets = (searched[:, None] + np.arange(_LOOK)).reshape(-1)
        found = _plausible(view, offsets)
        lanes, first = np.unique(np.searchsorted(searched, found, side="right") - 1, return_index=True)
        heads.append(found[first])
        searched = np.delete(searched, lanes) + _LOOK
    return np.sort(np.concatenate(heads))


def _walk_lanes(view: ByteView, heads: Ints) -> tuple[Ints, Ints, Ints]:
    """Return lane and start of every record, sorted by both, and where each lane stopped."""
    ends = heads.copy()
    limits = np.append(heads[1:], view.size)
    lanes, at = np.arange(len(heads)), heads
    passed: list[tuple[NDArray[np.uint16], Ints]] = []
    while lanes.size:
        # A length of 2**40 or more cannot be whole: it must not overflow the sum either.
        following = at + _FRAME + np.minimum(view.words(at), np.uint64(1 << 40)).view(np.int64)
        whole = following <= view.size
        if not bool(whole.all()):
            lanes, at, following, limits = lanes[whole], at[whole], following[whole], limits[whole]
        passed.append((lanes.astype(np.uint16), at))
        ends[lanes] = following
        inside = following < limits
        if bool(inside.all()):
            at = following
        else:
            lanes, at, limits = lanes[inside], following[inside], limits[inside]
    numbers = np.concatenate([lane for lane, _ in passed])
    order = np.argsort(numbers, kind="stable")
    starts = np.concatenate([start for _, start in passed])[order]
    return numbers[order].astype(np.int64), starts, ends


def damaged_payloads(view: ByteView, starts: Ints, lengths: Ints) -> Flags:
    """Return which of these records carry a payload that its checksum contradicts.

    Payloads up to 1,024 bytes are checked, all that can hold scalars. The CRC is affine, so the checksum of the XOR
    of many payloads of one length tells whether all of them hold: only where it does not, they are checked one by
    one. (Two records with the same bits flipped would hide each other.)
    """
    damaged = np.zeros(len(starts), dtype=np.bool_)
    counts = np.bincount(np.minimum(lengths, _CHECKED + 1), minlength=_CHECKED + 2)
    by_length = np.argsort(np.minimum(lengths, _CHECKED + 1).astype(np.uint16), kind="stable")
    edges = np.cumsum(counts)
    for length in np.flatnonzero(counts[: _CHECKED + 1]).tolist():
        members = by_length[edges[length] - counts[length] : edges[length]]
        _check_group(view, starts, members, length, damaged)
    return damaged


def _check_group(view: ByteView, starts: Ints, members: Ints, length: int, damaged: Flags) -> None:
    """Mark the damaged ones among the records of one length."""
    width = -(-length // 8) * 8
    payloads = starts[members] + HEADER
    stored = unmasked_many(view.uint32(payloads + length))
    if length == 0 or int(payloads[-1]) + width > view.size:  # the last record of the file, whose row would overhang
        last = bytes(view.data[int(payloads[-1]) :][:length])
        damaged[members[-1]] = crc32c(last) != int(stored[-1])
        members, payloads, stored = members[:-1], payloads[:-1], stored[:-1]
    if not length:
        damaged[members] = stored != 0
    elif members.size and not _all_hold(view, payloads, length, stored):
        rows = view.rows(payloads, width).view(np.uint8)[:, :length]
        damaged[members] = crc32c_of_rows(rows) != stored


def _all_hold(view: ByteView, payloads: Ints, length: int, stored: Words) -> bool:
    width = -(-length // 8) * 8
    joined = np.bitwise_xor.reduce(view.rows(payloads, width), axis=0).tobytes()[:length]
    constant = 0 if len(payloads) % 2 else crc32c(bytes(length))
    return crc32c(joined) ^ constant == int(np.bitwise_xor.reduce(stored))
