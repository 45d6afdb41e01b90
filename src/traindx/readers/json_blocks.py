"""A file of JSON lines, a block at a time: decoded in one go where all is well, line by line where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, cast, final

import msgspec
import numpy as np

from traindx.readers.byteview import release
from traindx.readers.json_layout import Rows
from traindx.readers.json_tolerant import NotJsonError, decode, decode_repr
from traindx.readers.json_values import is_object
from traindx.readers.logfile import LogFile
from traindx.run import Skip

BLOCK_BYTES = 1 << 19
MAX_LINE_BYTES = 1 << 24
# How far into a line a JSON object may begin, after a timestamp and the name of a logger.
MAX_PREFIX = 300
_FIRST_ROWS = 20
_BLOCKS_HELD = 8  # between two times that the pages of a memory map are given back

Row = Mapping[str, object]

_OBJECTS = msgspec.json.Decoder(dict[str, Any])
# Where a bare token can stand; quoted, it is text that the rows take for the number it names.
_BARE = {
    token: tuple((before + token, before + b'"' + token + b'"') for before in (b": ", b":", b", ", b"["))
    for token in (b"NaN", b"Infinity", b"-Infinity")
}
_EDGES = b" \t\r\n\0"
# An object, or a list of values: not a line that begins with a date or a level in brackets.
_DOCUMENT = re.compile(
    rb"(?:\xef\xbb\xbf)?+[\s\0]*+(?:\{\s*+[\"'}]|\[\s*+(?:[\[{\"'\]]|-?+\d[\d.eE+-]*+\s*+[,\]]|NaN|null))"
)
_OVERFLOW = re.compile(rb"(?:gradient |loss )?overflow", re.IGNORECASE)


@final
@dataclass(slots=True)
class Lines:
    """What became of the lines of one file so far."""

    path: str
    skips: dict[str, Skip] = field(default_factory=dict)
    ignored: int = 0
    incomplete: str = ""
    overflows: int = 0
    first_overflow: int = 0

    def skip(self, reason: str, line: int) -> None:
        """Count a line that should have given numbers."""
        known = self.skips.get(reason)
        self.skips[reason] = Skip(reason, known.count + 1, known.first) if known else Skip(reason, 1, line)

    def banner(self, text: bytes, line: int) -> None:
        """Count a line in which nobody expects numbers."""
        self.ignored += 1
        if _OVERFLOW.search(text[:1000]):
            self.overflows += 1
            self.first_overflow = self.first_overflow or line

    @property
    def notes(self) -> tuple[str, ...]:
        """What the lines between the records told."""
        if not self.overflows:
            return ()
        return (f"{self.path}:{self.first_overflow}: {self.overflows} lines report a gradient overflow",)


def row_blocks(log: LogFile, lines: Lines) -> Iterator[tuple[list[Row], Rows]]:
    """Yield the JSON objects of ``log`` with their line numbers; what was left out is counted in ``lines``."""
    for count, (block, first, last) in enumerate(_blocks(log, lines)):
        if count % _BLOCKS_HELD == 0:
            release(log.data)
        rows = _decode_block(block)
        if rows is not None:
            yield rows, np.arange(first, first + len(rows), dtype=np.int64)
            continue
        found = [(row, number) for number, text in _numbered(block, first) for row in _line(text, number, last, lines)]
        yield (
            [row for row, _ in found],
            np.array([number for _, number in found], dtype=np.int64),
        )


def _blocks(log: LogFile, lines: Lines) -> Iterator[tuple[bytes, int, bool]]:
    """Yield whole lines of about one block, the number of the first, and whether the file ends without a line end."""
    data, start, first = source_bytes(log), 0, 1
    size = BLOCK_BYTES
    while start < len(data):
        block = bytes(data[start : start + size])
        at_end = start + len(block) >= len(data)
        end = len(block) if at_end else block.rfind(b"\n") + 1
        if not end and size < MAX_LINE_BYTES:
            size *= 4
            continue
        if not end:
            lines.skip(f"a line of more than {MAX_LINE_BYTES >> 20} MiB", first)
            start, first, size = (
                _after_line(data, start + len(block)),
                first + 1,
                BLOCK_BYTES,
            )
            continue
        yield block[:end], first, at_end and not block.endswith(b"\n")
        start, first, size = (
            start + end,
            first + block.count(b"\n", 0, end),
            BLOCK_BYTES,
        )


def _after_line(data: bytes | memoryview, start: int) -> int:
    """Return where the line after ``start`` ends."""
    while start < len(data):
        found = bytes(data[start : start + BLOCK_BYTES]).find(b"\n")
        if found >= 0:
            return start + found + 1
        start += BLOCK_BYTES
    return len(data)


def source_bytes(log: LogFile) -> bytes | memoryview:
    """Return the content as UTF-8, without a byte order mark."""
    head = log.head[:4]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return log.text.encode()
    return log.data[3:] if head[:3] == b"\xef\xbb\xbf" else log.data


def _decode_block(block: bytes) -> list[Row] | None:
    """Return the rows of a block in which every line is one object, else None."""
    expected = block.count(b"\n") + (not block.endswith(b"\n"))
    rows = _decoded(block)
    if rows is None and (b"NaN" in block or b"Infinity" in block):
        for bare, quoted in chain.from_iterable(pairs for token, pairs in _BARE.items() if token in block):
            block = block.replace(bare, quoted)
        rows = _decoded(block)
    return rows if rows is not None and len(rows) == expected else None


def _decoded(block: bytes) -> list[Row] | None:
    try:
        return cast("list[Row]", _OBJECTS.decode_lines(block))
    except (ValueError, RecursionError):
        return None


def _numbered(block: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    for offset, line in enumerate(block.removesuffix(b"\n").split(b"\n")):
        yield first + offset, line.strip(_EDGES)


def _line(text: bytes, number: int, last: bool, lines: Lines) -> Iterator[Row]:
    """Yield the object of one line, if it holds one."""
    start = text.find(b"{", 0, MAX_PREFIX)
    if start < 0:
        if text:
            lines.banner(text, number)
        return
    row = _object(text[start:])
    if row is None:
        again = text.rfind(b'{"')
        row = _object(text[again:]) if again > start else None
        _explain(text[start:], number, row is not None, last, lines)
    if row is not None:
        yield row


def _explain(text: bytes, number: int, recovered: bool, last: bool, lines: Lines) -> None:
    if recovered:
        lines.skip("a record cut off by the next one", number)
    elif last and not text.endswith(b"}"):
        lines.incomplete = "the last record is cut off"
    elif b'":' in text or b"':" in text:
        lines.skip("not valid JSON", number)
    else:
        lines.banner(text, number)


def _object(text: bytes) -> Row | None:
    try:
        value = decode_repr(text.decode("utf-8", "replace")) if text[:2] == b"{'" else decode(text)
    except NotJsonError:
        return None
    return value if is_object(value) else None


def looks_like_lines(head: bytes, *, share: float = 1 / 3) -> bool:
    """Whether at least two lines, and ``share`` of the lines in ``head``, hold one JSON object each."""
    if b'{"' not in head:
        return False
    lines = head.lstrip(b"\xef\xbb\xbf").split(b"\n")
    whole = [line.strip(_EDGES) for line in (lines[:-1] or lines)]
    whole = [line for line in whole[:400] if line]
    found = sum(_holds_object(line) for line in whole)
    return found >= min(2, len(whole)) and found > 0 and found >= share * len(whole)


def _holds_object(line: bytes) -> bool:
    start = line.find(b'{"', 0, MAX_PREFIX)
    return start >= 0 and line.endswith(b"}") and b'":' in line[start : start + 2000]


def first_rows(log: LogFile, count: int = _FIRST_ROWS) -> list[Row]:
    """Return the first objects, at most ``_FIRST_ROWS``, that stand on one line each near the start of the file."""
    known = cast("list[tuple[int, Row]] | None", log.memo.get("first rows"))
    if known is None:  # many readers ask
        known = log.memo["first rows"] = list(_first_rows(log.head))
    return [row for number, row in known if number < 4 * count][:count]


def _first_rows(head: bytes) -> Iterator[tuple[int, Row]]:
    lines = head.lstrip(b"\xef\xbb\xbf").split(b"\n")[: 4 * _FIRST_ROWS] if b'{"' in head else ()
    found = 0
    for number, line in enumerate(raw.strip(_EDGES) for raw in lines):
        row = _object(line[line.find(b"{") :]) if found < _FIRST_ROWS and _holds_object(line) else None
        if row is not None:
            found += 1
            yield number, row


def has_json_start(head: bytes) -> bool:
    """Whether the content can be a JSON document."""
    return _DOCUMENT.match(head) is not None
