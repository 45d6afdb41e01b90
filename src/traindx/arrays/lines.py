"""Where the records of a text file begin, found in one pass that decodes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UnreadableDataError

_PIECE: Final = 1 << 18
_GROUP_BYTES: Final = 1 << 19  # of text decoded at once; as Python objects some ten times that
_LONGEST: Final = 1 << 28  # of one record
_NEWLINE, _QUOTE, _RETURN = 0x0A, 0x22, 0x0D


@final
@dataclass(frozen=True, slots=True)
class LineGroup:
    """Records that lie together: where they begin in the file, how many bytes they take, how many there are, and the number of the first."""

    offset: int
    size: int
    rows: int
    first: int


def line_groups(path: Path, offset: int, *, quotes: bool) -> Iterator[LineGroup]:
    """Yield groups of whole records from a place of the file on; blank lines are none.

    With ``quotes``, a line break between double quotes belongs to its record. Raises ``UnreadableDataError`` for a record without end.
    """
    begin, rows, first, inside, previous = offset, 0, 0, False, offset - 1
    position = offset
    with path.open("rb") as file:
        _ = file.seek(offset)
        while piece := file.read(_PIECE):
            ends, inside = _ends(np.frombuffer(piece, dtype=np.uint8), quotes=quotes, inside=inside)
            if len(ends):
                rows += _count(piece, ends, position, previous)
                previous = position + int(ends[-1])
            if len(ends) and previous + 1 - begin >= _GROUP_BYTES:
                yield LineGroup(begin, previous + 1 - begin, rows, first)
                begin, first, rows = previous + 1, first + rows, 0
            position += len(piece)
            if position - begin > _LONGEST:
                raise UnreadableDataError(
                    f"a record has no end within {_LONGEST:,} bytes",
                    where=f"{path} row {first + rows}",
                    hint="a quotation mark may be missing",
                )
        if inside:
            raise UnreadableDataError("ends inside a quoted cell", where=str(path), hint="the file was cut off")
        last = position > previous + 1 and bool(_tail(path, previous + 1).strip())
        if rows or last:
            yield LineGroup(begin, position - begin, rows + last, first)


def _tail(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        _ = file.seek(offset)
        return file.read(_PIECE)


def _ends(piece: NDArray[np.uint8], *, quotes: bool, inside: bool) -> tuple[NDArray[np.int64], bool]:
    """Return where records end, and whether the piece ends between quotes."""
    ends = np.flatnonzero(piece == _NEWLINE)
    if not quotes:
        return ends, False
    marks = np.flatnonzero(piece == _QUOTE)
    if not len(marks):
        return (ends[:0] if inside else ends), inside
    before = np.searchsorted(marks, ends) + inside
    return ends[before % 2 == 0], bool((len(marks) + inside) % 2)


def _count(piece: bytes, ends: NDArray[np.int64], position: int, previous: int) -> int:
    """Return how many of the records that end here hold something."""
    lengths = np.diff(ends, prepend=previous - position) - 1
    short = np.flatnonzero(lengths <= 1)
    blank = 0
    for number in short.tolist():
        at = int(ends[number]) - 1
        blank += lengths[number] == 0 or (at >= 0 and piece[at] == _RETURN)
    return len(ends) - int(blank)


def lines_at(path: Path, group: LineGroup) -> bytes:
    """Return the bytes of a group. Raises ``UnreadableDataError``."""
    where = f"{path} rows {group.first}-{group.first + group.rows - 1}"
    try:
        with path.open("rb") as file:
            _ = file.seek(group.offset)
            found = file.read(group.size)
    except OSError as error:
        raise UnreadableDataError(f"cannot be read: {error.strerror}".lower(), where=where) from error
    if len(found) < group.size:
        raise UnreadableDataError("the file became shorter", where=where)
    return found


def text_of(data: bytes, where: str) -> str:
    """Return UTF-8 text. Raises ``UnreadableDataError`` that says which byte is none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableDataError(
            f"is not UTF-8 text: byte {data[error.start]:#04x} at {error.start:,} bytes from there",
            where=where,
            hint="convert it: iconv -f LATIN1 -t UTF-8",
        ) from error
