"""The framing of LevelDB logs, in which W&B keeps its records: whole records from fragments in 32 KiB blocks.

A fragment is its checksum (u32), its length (u16), its type (1 whole, 2 first, 3 middle, 4 last) and its bytes. No
fragment crosses the end of a block, so after damage reading goes on at the next block. W&B's checksum is the CRC-32
of zlib, over type and bytes.
Source: https://github.com/google/leveldb/blob/main/doc/log_format.md
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.readers.byteview import ByteView, Flags, Ints

_BLOCK = 1 << 15
_HEADER = 7
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_AT_ONCE = 1 << 14
_BLOCKS_AT_ONCE = 1024
_NONE = np.zeros(0, dtype=np.int64)


@final
@dataclass(frozen=True, slots=True)
class Records:
    """Payloads of one buffer: where each starts and ends, and its number in the file (0-based)."""

    view: ByteView
    starts: Ints
    ends: Ints
    numbers: Ints


@final
@dataclass(frozen=True, slots=True)
class Log:
    """All records of a log: those that lie in one piece, and copies of those that were split over blocks.

    ``damaged`` are the numbers of records lost to wrong checksums or missing fragments, ``lost_blocks`` counts the
    blocks that were given up in the middle.
    """

    whole: Records
    split: Records
    count: int
    damaged: tuple[int, ...] = ()
    lost_blocks: int = 0
    incomplete: str = ""


@final
@dataclass(frozen=True, slots=True)
class _Fragments:
    starts: Ints
    lengths: Ints
    kinds: Ints
    cut: bool  # the file ends inside the last one
    lost_blocks: int


def read_log(view: ByteView, header: int) -> Log:
    """Find the records behind a file header of ``header`` bytes (which belongs to the first block)."""
    fragments = _fragments(view, header)
    sound = _sound(view, fragments)
    # A record begins with each whole or first fragment.
    begins = (fragments.kinds == _WHOLE) | (fragments.kinds == _FIRST)
    numbers = np.maximum(np.cumsum(begins) - 1, 0)
    alone = sound & (fragments.kinds == _WHOLE)
    whole = Records(view, fragments.starts[alone], (fragments.starts + fragments.lengths)[alone], numbers[alone])
    pieces = np.flatnonzero(fragments.kinds != _WHOLE)
    split, broken, open_end = _joined(view, fragments, pieces, sound, numbers)
    lost = {*broken, *numbers[~sound & (fragments.kinds == _WHOLE)].tolist()}
    incomplete = "the last record is cut off" if fragments.cut or open_end else ""
    return Log(whole, split, int(begins.sum()), tuple(sorted(lost)), fragments.lost_blocks, incomplete)


def _fragments(view: ByteView, header: int) -> _Fragments:
    """Find all fragments, in the order of the file."""
    parts: list[_Fragments] = []
    for low in range(0, view.size, _BLOCK * _BLOCKS_AT_ONCE):
        begins = np.arange(low, min(low + _BLOCK * _BLOCKS_AT_ONCE, view.size), _BLOCK, dtype=np.int64)
        at = begins.copy()
        at[0] = max(low, header)
        parts.append(_fragments_of_blocks(view, at, np.minimum(begins + _BLOCK, view.size)))
        view.release()
    if not parts:
        return _Fragments(_NONE, _NONE, _NONE, cut=False, lost_blocks=0)
    return _Fragments(
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        parts[-1].cut,
        sum(part.lost_blocks for part in parts),
    )


def _fragments_of_blocks(view: ByteView, at: Ints, limits: Ints) -> _Fragments:
    """Walk some blocks at once, one fragment of each at a time, from ``at`` to the end of each block."""
    passed: list[tuple[Ints, Ints, Ints]] = []
    cut, lost = False, 0
    while at.size:
        inside = at + _HEADER <= limits
        cut |= bool(((at < limits) & ~inside & _ends_early(limits, view.size)).any())
        at, limits = at[inside], limits[inside]
        words = view.words(at + 4)
        lengths = (words & np.uint64(0xFFFF)).view(np.int64)
        kinds = ((words >> np.uint64(16)) & np.uint64(0xFF)).view(np.int64)
        following = at + _HEADER + lengths
        fits = (following <= limits) & (kinds > 0)
        over = (following > limits) | ((kinds == 0) & (lengths > 0))
        cut |= bool((over & (limits == view.size)).any())
        lost += int(np.count_nonzero(over & (limits != view.size)))
        at, limits, following = at[fits], limits[fits], following[fits]
        passed.append((at, lengths[fits], kinds[fits]))
        at = following
    starts, lengths, kinds = (np.concatenate([part[column] for part in passed]) for column in range(3))
    order = np.argsort(starts)
    return _Fragments(starts[order] + _HEADER, lengths[order], kinds[order], cut, lost)


def _ends_early(limits: Ints, size: int) -> Flags:
    """Whether the file ends inside a block, at these limits."""
    early: Flags = (limits == size) & (limits % _BLOCK != 0)
    return early


def _sound(view: ByteView, fragments: _Fragments) -> Flags:
    """Check every checksum: they cover the type, which stands before the bytes, and the bytes."""
    sound = fragments.kinds <= _LAST
    for low in range(0, len(sound), _AT_ONCE):
        chunk = slice(low, low + _AT_ONCE)
        starts, lengths = fragments.starts[chunk], fragments.lengths[chunk]
        spans = zip((starts - 1).tolist(), (starts + lengths).tolist(), strict=True)
        sums = np.array([zlib.crc32(view.data[start:end]) for start, end in spans], dtype=np.uint64)
        sound[chunk] &= sums == view.uint32(starts - _HEADER)
        view.release()
    return sound


def _joined(
    view: ByteView, fragments: _Fragments, pieces: Ints, sound: Flags, numbers: Ints
) -> tuple[Records, list[int], bool]:
    """Copy the records that lie in several pieces into one buffer.

    Returns them, the numbers of those that cannot be joined, and whether the last one lacks its end.
    """
    buffer, parts = bytearray(), bytearray()
    rows: list[tuple[int, int, int]] = []
    broken: list[int] = []
    following = -1  # the fragment that would continue the open record, or -1
    for index in pieces.tolist():
        kind, number = int(fragments.kinds[index]), int(numbers[index])
        if following >= 0 and kind == _FIRST:
            broken.append(int(numbers[following - 1]))
        if not sound[index] or (kind != _FIRST and following != index):
            broken.append(number)
            following = -1
            continue
        start = int(fragments.starts[index])
        parts = bytearray() if kind == _FIRST else parts
        parts += view.data[start : start + int(fragments.lengths[index])]
        following = index + 1
        if kind == _LAST:
            rows.append((len(buffer), len(buffer) + len(parts), number))
            buffer += parts
            following = -1
            if len(rows) % _BLOCKS_AT_ONCE == 0:
                view.release()
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    records = Records(ByteView(bytes(buffer)), table[:, 0], table[:, 1], table[:, 2])
    return records, broken, following == len(fragments.kinds) and following >= 0
