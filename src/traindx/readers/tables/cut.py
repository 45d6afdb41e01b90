"""Cutting a file into pieces of whole lines, so that a table of any size is read in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from traindx.readers.logfile import LogFile

PIECE_BYTES = 1 << 19  # small enough for the temporary arrays to stay in the processor's cache
_LOOK_BYTES = 64
_LONGEST_CHARACTER = 4


@final
@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a file.

    ``line`` is the 1-based number of the first; ``open_end`` is True where the file ends
    without a line end, which was then added.
    """

    data: bytes
    line: int
    open_end: bool = False

    @property
    def text(self) -> str:
        """The lines as text, each ended by a line feed alone."""
        return self.data.replace(b"\r\n", b"\n").decode("utf-8", "replace")


def as_utf8(log: LogFile) -> LogFile:
    """Return the file in UTF-8, one byte per ASCII character. Nearly every table is so already.

    Raises ``UnreadableLogError`` where the content is not text in any encoding.
    """
    if b"\x00" not in log.head[:_LOOK_BYTES] and _is_utf8(log.head):
        return log
    plain = LogFile(log.path, log.text.encode("utf-8", "replace"), log.local, log.truncated)
    plain.encoding = log.encoding
    return plain


def _is_utf8(head: bytes) -> bool:
    try:
        _ = head.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(head) - error.start < _LONGEST_CHARACTER  # the last character may be cut in two
    return True


def plain_data(log: LogFile) -> bytes | memoryview:
    """Return the content with lines that end in a line feed."""
    head = log.head
    return bytes(log.data).replace(b"\r", b"\n") if b"\r" in head and b"\n" not in head else log.data


def pieces(data: bytes | memoryview, first_line: int) -> Iterator[Piece]:
    """Yield the pieces of ``data`` from line ``first_line`` on. A last line without line end is a piece of its own."""
    start, line, size = _offset(data, first_line), first_line, PIECE_BYTES
    while start < len(data):
        piece = bytes(data[start : start + size])
        end = piece.rfind(b"\n") + 1
        if not end and start + size < len(data):
            size *= 2  # one line longer than a piece
            continue
        open_end = not end
        whole = piece + b"\n" if open_end else piece[:end]
        yield Piece(whole, line, open_end)
        start += len(whole)
        line += whole.count(b"\n")
        size = PIECE_BYTES


def _offset(data: bytes | memoryview, line: int) -> int:
    """Return where a line starts; it is one of the first, so a short search finds it."""
    start = 0
    for _ in range(line - 1):
        found = bytes(data[start : start + PIECE_BYTES]).find(b"\n")
        if found < 0:
            return len(data)
        start += found + 1
    return start
