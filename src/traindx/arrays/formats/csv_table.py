"""CSV and TSV: columns typed by the first rows, read a megabyte of lines at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.lines import LineGroup, line_groups, lines_at, text_of
from traindx.arrays.records import Column, RecordDecoder, record_sources, starts_of
from traindx.arrays.source import ArraySource
from traindx.errors import UnreadableDataError

_HEAD_BYTES: Final = 1 << 20
_BOM: Final = b"\xef\xbb\xbf"
_MISSING: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?", "#n/a"})
_DELIMITERS: Final = (",", "\t", ";", "|")
_SUFFIXES: Final = (".csv", ".tsv", ".tab")
_MOST_COLUMNS: Final = 100_000


@final
@dataclass(frozen=True, slots=True)
class CsvRows(RecordDecoder):
    """The lines of one file."""

    path: Path
    delimiter: str
    columns: tuple[Column, ...]
    groups: tuple[LineGroup, ...]

    def decode(self, group: int) -> Mapping[str, NDArray[Any] | UnreadableDataError]:
        """Return the columns of a group of lines."""
        place = self.groups[group]
        where = f"{self.path} rows {place.first}-{place.first + place.rows - 1}"
        text = text_of(lines_at(self.path, place), where)
        by_column = _cells(text, self.delimiter, len(self.columns), where, place)
        return {
            column.name: _values(column, cells, place.first, self.path)
            for column, cells in zip(self.columns, by_column, strict=True)
        }


def _cells(text: str, delimiter: str, width: int, where: str, place: LineGroup) -> list[list[str]]:
    """Return the cells by column."""
    if '"' not in text and "\r" not in text and "\n\n" not in text and not text.startswith("\n"):
        lines = text.removesuffix("\n")
        cells = lines.replace("\n", delimiter).split(delimiter)
        if len(cells) == place.rows * width and (width == 1 or _is_even(lines, delimiter, width)):
            return [cells[number::width] for number in range(width)]
    rows = parsed(text, delimiter, where)
    if len(rows) != place.rows:
        raise UnreadableDataError(f"has {len(rows)} records, not {place.rows}: a quotation mark is astray", where=where)
    for number, row in enumerate(rows):
        if len(row) != width:
            raise UnreadableDataError(
                f"row {place.first + number} has {len(row)} cells, and the first line {width}", where=where
            )
    return [list(column) for column in zip(*rows, strict=True)]


def _is_even(lines: str, delimiter: str, width: int) -> bool:
    """Whether each line has as many cells: counted line by line, for two wrong ones may make up for each other."""
    return all(line.count(delimiter) == width - 1 for line in lines.split("\n"))


def parsed(text: str, delimiter: str, where: str) -> list[list[str]]:
    """Return the cells of every record that is not blank."""
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error as error:
        raise UnreadableDataError(f"is no table of cells: {error}", where=where) from error


def _values(column: Column, cells: list[str], first: int, path: Path) -> NDArray[Any] | UnreadableDataError:
    if column.kind == "text":
        texts = np.empty(len(cells), dtype=object)
        texts[:] = cells
        return texts
    try:
        return np.array(list(map(float, cells)))
    except ValueError:
        pass
    values = np.empty(len(cells))
    for number, cell in enumerate(cells):
        value = number_in(cell)
        if value is None:
            return UnreadableDataError(
                f"{cell[:40]!r} is no number, as the values before it are",
                where=f"{path}:{column.name} row {first + number}",
                hint="mend the cell, or give missing values as NaN or an empty cell",
            )
        values[number] = value
    return values


def number_in(cell: str) -> float | None:
    """Return the number that a cell holds, NaN for a missing one, None for text.

    >>> number_in(" 1.5e3 "), number_in("n/a"), number_in("cat")
    (1500.0, nan, None)
    """
    try:
        return float(cell)
    except ValueError:
        return float("nan") if cell.strip().lower() in _MISSING else None


def _open(path: Path) -> Iterator[ArraySource]:
    where = str(path)
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        complete = not file.read(1)
    begin = len(_BOM) if head.startswith(_BOM) else 0
    text = text_of(_whole_lines(head, complete=complete)[begin:], where)
    delimiter = _delimiter(path, text)
    rows = parsed(text, delimiter, where)
    if not rows:
        raise UnreadableDataError("holds no rows", where=where)
    if len(rows[0]) > _MOST_COLUMNS:
        raise UnreadableDataError(f"its first line has {len(rows[0]):,} cells", where=where)
    header = any(number_in(cell) is None for cell in rows[0])
    groups = tuple(line_groups(path, begin + (_first_line(text) if header else 0), quotes=True))
    columns = _columns(rows[0], rows[header:], header=header)
    decoder = CsvRows(path, delimiter, tuple(columns), groups)
    yield from record_sources(decoder, columns, starts_of([group.rows for group in groups]), where)


def _whole_lines(head: bytes, *, complete: bool) -> bytes:
    """Return the beginning of a file without the line that it breaks off in."""
    return head if complete else head[: head.rfind(b"\n") + 1] or head


def _first_line(text: str) -> int:
    """Return how many bytes the first record takes, with blank lines before it."""
    place, quoted, held = 0, False, False
    for place, character in enumerate(text):  # noqa: B007
        if character == '"':
            quoted = not quoted
        held = held or character not in "\r\n"
        if character == "\n" and not quoted and held:
            break
    return len(text[: place + 1].encode())


def _delimiter(path: Path, text: str) -> str:
    """Return what stands between cells: what the name says, or what the first line has and the second has as often."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    lines = [line for line in text.split("\n", 20)[:20] if line.strip()]
    if not lines:
        return ","

    def evenness(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines]
        return (sum(count == counts[0] for count in counts) if counts[0] else 0, counts[0])

    return max(_DELIMITERS, key=evenness)


def _columns(first: list[str], rows: list[list[str]], *, header: bool) -> list[Column]:
    names = [cell.strip() for cell in first] if header else [str(number) for number in range(len(first))]
    seen: dict[str, int] = {}
    columns: list[Column] = []
    for number, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        own = name if seen[name] == 1 else f"{name}.{seen[name]}"
        number_like = all(number_in(row[number]) is not None for row in rows if number < len(row))
        columns.append(
            Column(name=own or f"column {number}")
            if number_like
            else Column(name=own or f"column {number}", kind="text", dtype=np.dtype(object))
        )
    return columns


def _recognises(path: Path, head: bytes) -> bool:
    return bool(head) and path.suffix.lower() in _SUFFIXES


CSV: Final = ArrayFormat(name="csv", recognises=_recognises, open=_open)
