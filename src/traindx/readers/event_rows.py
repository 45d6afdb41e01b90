"""Event records of one length, decoded as the rows of a table: what nearly all of a file consists of.

Records of one length, tag size and step size have everything in the same place. The first of them is taken apart in
full; the others are compared with it byte for byte, except where wall time, step, tag and number stand. What fits no
such layout is left to the general decoder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import numpy as np

from traindx.readers.byteview import Bytes, ByteView, Flags, Ints, Words
from traindx.readers.event_message import decoded, read_summary, size_of
from traindx.readers.event_points import EventDecoder, Points
from traindx.readers.protobuf import FIXED64, LENGTH, VARINT, Field, MalformedMessageError, fields, packed
from traindx.run import Floats

_FEW = 32  # with fewer rows left, learning their layout does not pay
_TRIED = 4  # rows looked at for a layout
_MOST = 16  # layouts kept for one length, so that hostile files stay cheap
_WALL_TIME, _STEP, _SUMMARY = (1, FIXED64), (2, VARINT), (5, LENGTH)
_STEP_AT = 10  # after the wall time and the key of the step
_LONGEST_STEP = 7  # longer ones are negative, or beyond 2**49
_NARROWEST = 24


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What records of one length share: bytes, and where the others stand in them.

    ``pattern`` and ``mask`` are words; ``tag`` masks the bytes of the tag.
    """

    pattern: Words
    mask: Words
    tag: Words
    tag_at: int
    tag_size: int
    step_size: int
    number_at: int
    dtype: str

    def fits(self, rows: Words) -> Flags:
        """Return which rows are this layout."""
        fitting = np.ones(len(rows), dtype=np.bool_)
        for column, pattern, mask in zip(rows.T, self.pattern, self.mask, strict=True):
            if mask:
                fitting &= column & mask == pattern
                if not bool(fitting.any()):
                    break
        return fitting

    def steps(self, rows: Words) -> Floats:
        """Return the step of each row; one of 0 is not sent."""
        if not self.step_size:
            return np.zeros(len(rows))
        keep = (1 << 8 * self.step_size) - 1 & 0x7F7F7F7F7F7F7F7F
        return packed(_words(rows, _STEP_AT) & np.uint64(keep)).astype(np.float64)

    def numbers(self, rows: Words) -> Floats:
        """Return the number of each row."""
        return decoded(_words(rows, self.number_at), self.dtype)

    def has_one_tag(self, rows: Words) -> bool:
        """Whether all rows have the tag of the first one."""
        return not any(
            bool(((column ^ column[0]) & mask).any()) for column, mask in zip(rows.T, self.tag, strict=True) if mask
        )


@final
class Block:
    """The points of some records that follow each other, one at most of each."""

    def __init__(self, size: int) -> None:
        self.done = np.zeros(size, dtype=np.bool_)
        self._names = np.empty(size, dtype=np.int64)
        self._wall_times, self._steps, self._values = (np.empty(size) for _ in range(3))

    def put(self, members: Ints, names: Ints | int, layout: Layout, rows: Words) -> None:
        """Set the points of these records."""
        self.done[members] = True
        self._names[members] = names
        self._wall_times[members] = _words(rows, 1).view("<f8")
        self._steps[members] = layout.steps(rows)
        self._values[members] = layout.numbers(rows)

    def points(self, records: Ints) -> Points:
        """Return the points that were set; ``records`` numbers all records of the block."""
        own = slice(None) if bool(self.done.all()) else self.done
        return Points(
            records=records[own],
            names=self._names[own],
            wall_times=self._wall_times[own],
            steps=self._steps[own],
            values=self._values[own],
        )


@final
@dataclass(frozen=True, slots=True)
class RowDecoder:
    """Decodes rows by the layouts that it has learnt from the same file."""

    decoder: EventDecoder
    _layouts: dict[int, list[Layout]] = field(default_factory=dict[int, list[Layout]])

    def decode(self, rows: Words, length: int, payloads: Ints, members: Ints, block: Block) -> None:
        """Put the points of these rows, records of one length, into ``block``; others are left out."""
        known = self._layouts.setdefault(length, [])
        for layout in tuple(known):
            fits = layout.fits(rows)
            if bool(fits.all()):
                self._put(layout, rows, payloads, members, block)
                if known[0] is not layout:  # the next block is most likely like this one
                    known.remove(layout)
                    known.insert(0, layout)
                return
            if bool(fits.any()):
                self._put(layout, rows[fits], payloads[fits], members[fits], block)
                rows, payloads, members = rows[~fits], payloads[~fits], members[~fits]
        if len(rows) >= _FEW and len(known) < _MOST and rows.shape[1] * 8 >= _NARROWEST:
            for start in payloads[:_TRIED].tolist():
                learnt = _learnt(self.decoder, start, start + length)
                if learnt is not None:
                    known.insert(0, learnt)
                    self.decode(rows, length, payloads, members, block)
                    return

    def _put(self, layout: Layout, rows: Words, payloads: Ints, members: Ints, block: Block) -> None:
        names, view, at = self.decoder.names, self.decoder.view, layout.tag_at
        if layout.has_one_tag(rows):
            start = int(payloads[0]) + at
            block.put(members, names.number(bytes(view.data[start : start + layout.tag_size])), layout, rows)
        else:
            sizes = np.full(len(rows), layout.tag_size, dtype=np.int64)
            block.put(members, names.numbers(payloads + at, sizes), layout, rows)


def _learnt(decoder: EventDecoder, start: int, end: int) -> Layout | None:
    """Return the layout of one record; None where it is not a single scalar in the usual order."""
    view = decoder.view
    try:
        event = list(fields(view.data, start, end))
        if [(part.number, part.kind) for part in event if part.number != 2] != [_WALL_TIME, _SUMMARY] or len(event) > 3:
            return None
        summary = event[-1]
        places = read_summary(view.data, summary.start, summary.end)
        if (summary.number, summary.kind) != _SUMMARY or len(places) != 1 or summary.end != end:
            return None
        parts = list(fields(view.data, *places[0]))
    except MalformedMessageError:
        return None
    tags = [part for part in parts if part.number == 1]
    value = decoder.value(*places[0])
    if len(tags) != 1 or tags[0].kind != LENGTH or value is None or value.number is None or value.number.at < 0:
        return None
    step = _step_size(event, start)
    if step is None:
        return None
    number = value.number.at - start
    masked = [(1, 8), (tags[0].start - start, tags[0].end - tags[0].start), (number, size_of(value.number.dtype))]
    return _layout(view, start, end, step, masked, value.number.dtype)


def _step_size(event: list[Field], start: int) -> int | None:
    """Return how many bytes the step takes, 0 where it is not sent; None where it is not in its usual place."""
    if event[0].end != start + 9:
        return None
    if len(event) == 2:
        return 0
    step = event[1]
    size = step.end - step.start
    usual = (step.number, step.kind, step.start) == (*_STEP, start + _STEP_AT) and size <= _LONGEST_STEP
    return size if usual else None


def _layout(view: ByteView, start: int, end: int, step_size: int, masked: list[tuple[int, int]], dtype: str) -> Layout:
    width = -(-(end - start) // 8) * 8
    pattern, mask, tag = (np.zeros(width, dtype=np.uint8) for _ in range(3))
    pattern[: end - start] = view.bytes[start:end]
    mask[: end - start] = 0xFF
    for at, size in masked:
        mask[at : at + size] = 0
    mask[_STEP_AT : _STEP_AT + step_size] = 0x80  # whether another byte of the step follows
    (_, (tag_at, tag_size), (number_at, _)) = masked
    tag[tag_at : tag_at + tag_size] = 0xFF
    return Layout(
        pattern=_as_words(pattern & mask),
        mask=_as_words(mask),
        tag=_as_words(tag),
        tag_at=tag_at,
        tag_size=tag_size,
        step_size=step_size,
        number_at=number_at,
        dtype=dtype,
    )


def _as_words(row: Bytes) -> Words:
    return row.view("<u8")


def _words(rows: Words, at: int) -> Words:
    """Return 8 bytes of each row from ``at`` on; those beyond the row are zero."""
    width = 8 * rows.shape[1]
    first = min(at, width - 8)
    words: Words = np.ndarray((len(rows),), dtype="<u8", buffer=rows, offset=first, strides=(width,)).copy()
    return words if first == at else words >> np.uint64(8 * (at - first))
