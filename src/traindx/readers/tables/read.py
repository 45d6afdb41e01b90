"""A table in one pass: pieces of plain numbers the fast way, all others row by row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import final

from traindx.readers.logfile import LogFile
from traindx.readers.tables.cells import is_blank, number
from traindx.readers.tables.cut import Piece, pieces, plain_data
from traindx.readers.tables.dialect import (
    MAX_COLUMNS,
    SPACES,
    Dialect,
    is_name_row,
    split_line,
    unique_names,
)
from traindx.readers.tables.join import table_of
from traindx.readers.tables.section import Section
from traindx.readers.tables.table import Losses, Table
from traindx.readers.tables.vector import is_rectangular, parse_grid
from traindx.run import Setting

_MAX_HEADERS = 500
_BLOCK_CELLS = 1 << 17
_COMMENTED_SETTING = re.compile(r"#+\s*([A-Za-z_][\w./ -]{0,60}?)\s*[:=]\s*(\S[^\n]{0,200})")
_WIDTH_REASON = "another number of cells than the header has"
_QUOTE_REASON = "a quoted cell is not closed or far too long"


def read_table(log: LogFile, dialect: Dialect) -> Table:
    """Return all rows of a table. Raises ``UnreadableLogError`` where it has more columns than any log could."""
    losses = Losses(log.path)
    if dialect.width > MAX_COLUMNS:
        raise losses.error(
            f"the table has {dialect.width} columns", max(dialect.first_row - 1, 1), "is this a table of metrics?"
        )
    reading = _Reading(dialect, losses)
    data = plain_data(log)
    settings = _head_settings(log, dialect, losses)
    stream = pieces(data, dialect.first_row)
    for piece in stream:
        if b'"' in piece.data and dialect.delimiter != SPACES:
            reading.quoted(chain([piece], stream))
        elif not reading.fast(piece):
            reading.careful(piece)
    return table_of(reading.sections, losses, settings)


def _head_settings(log: LogFile, dialect: Dialect, losses: Losses) -> tuple[Setting, ...]:
    """Return what the comments above the table set, as ``# lr: 0.1``."""
    head = log.head.decode("utf-8", "replace").splitlines()[: dialect.first_row - 1]
    losses.ignored += max(len(head) - bool(dialect.names), 0)
    found = ((at, _COMMENTED_SETTING.fullmatch(line.strip())) for at, line in enumerate(head, 1))
    return tuple(Setting(m[1], m[2].strip(), f"{log.path}:{at}") for at, m in found if m is not None)


@final
@dataclass(slots=True)
class _Reading:
    """The state of one pass: the section that rows go to, and the rows that wait for their block."""

    dialect: Dialect
    losses: Losses
    sections: list[Section] = field(default_factory=list[Section])
    _rows: list[Sequence[str]] = field(default_factory=list[Sequence[str]])
    _records: list[int] = field(default_factory=list[int])
    _blanks: bool = False

    def __post_init__(self) -> None:
        names = self.dialect.names or tuple(f"column {at}" for at in range(1, self.dialect.width + 1))
        self.sections.append(Section(names, self.dialect.decimal_comma))

    @property
    def _width(self) -> int:
        return len(self.sections[-1].names)

    def fast(self, piece: Piece) -> bool:
        """Read a piece in one go; return False, having done nothing, where it is not a plain grid."""
        if self.dialect.delimiter in (SPACES, "|") or piece.open_end:
            return False
        data = piece.data
        if self.dialect.decimal_comma and b"." not in data:
            data = data.replace(b",", b".")
        grid = parse_grid(data, self.dialect.delimiter, self._width, blanks=self._blanks)
        if grid is None:
            return False
        self._blanks = grid.present is not None
        self.sections[-1].add_grid(grid, piece.line)
        return True

    def careful(self, piece: Piece) -> None:
        """Read a piece without quotes row by row."""
        text = piece.text
        if self._whole_rows(piece, text):
            return
        for at, line in enumerate(text.split("\n")[:-1], piece.line):
            if not line or line.isspace() or line.lstrip().startswith("#"):
                self.losses.ignored += 1
            else:
                self._row(split_line(line, self.dialect.delimiter), at, cut=piece.open_end)
        self._flush()

    def _whole_rows(self, piece: Piece, text: str) -> bool:
        """Read a piece in which every line is a row as wide as the header, if it is one."""
        mark = self.dialect.delimiter
        if piece.open_end or mark in (SPACES, "|") or b"\n#" in piece.data or piece.data.startswith(b"#"):
            return False
        if not is_rectangular(piece.data, mark.encode(), self._width):
            return False
        return self.sections[-1].add_cells(text.replace("\n", mark).split(mark)[:-1], piece.line)

    def quoted(self, stream: Iterable[Piece]) -> None:
        """Read the rest of the file with quotes, which may span lines."""
        open_end = False
        start = 0

        def lines() -> Iterator[str]:
            nonlocal open_end, start
            for piece in stream:
                start = start or piece.line
                open_end = piece.open_end
                yield from piece.text.replace("\0", "").split("\n")[:-1]

        reader = csv.reader(lines(), delimiter=self.dialect.delimiter, skipinitialspace=True)
        before = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error:
                self.losses.skip(_QUOTE_REASON, start + before)
                before = reader.line_num
                continue
            at, before = start + before, reader.line_num
            if not cells or cells[0].lstrip().startswith("#"):
                self.losses.ignored += 1
            else:
                self._row(cells, at, cut=open_end)
        self._flush()

    def _row(self, cells: Sequence[str], line: int, *, cut: bool) -> None:
        if self._is_header(cells):
            self._header(cells, line)
            return
        width = self._width
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]
        if len(cells) != width or (cut and self._ends_inside_a_number(cells[-1])):
            self._refuse(cells, line, cut=cut)
            return
        self._rows.append(cells)
        self._records.append(line)
        if len(self._rows) * width >= _BLOCK_CELLS:
            self._flush()

    def _refuse(self, cells: Sequence[str], line: int, *, cut: bool) -> None:
        if cut:
            self.losses.incomplete = f"the last line ({line}) is cut off"
        elif all(_is_rule(cell) for cell in cells):
            self.losses.ignored += 1
        else:
            self.losses.skip(_WIDTH_REASON, line)

    def _ends_inside_a_number(self, cell: str) -> bool:
        """Whether the last cell of an open end is no number where the column has only numbers so far."""
        known = self.sections[-1].vocabularies[-1]
        return known.numbers > 0 and not known.words and not is_blank(cell) and number(cell) is None

    def _is_header(self, cells: Sequence[str]) -> bool:
        """Whether a row inside the table is a header: words only, half of which are names of columns already."""
        first = cells[0].strip()
        if first[:1].isdigit() or first[:1] in ("+", "-", ".") or (not first and self._width > 1 and not cells[1:]):
            return False
        names = self.sections[-1].names
        known = sum(cell.strip() in names for cell in cells[:8]) if first in names else 0
        if not known:
            known = len(set(map(str.strip, cells)) & set(names)) if is_name_row(cells[:8]) else 0
        return known * 2 >= min(len(cells), 8) and len(cells) > (self._width == 1) - 1 and is_name_row(cells)

    def _header(self, cells: Sequence[str], line: int) -> None:
        self.losses.ignored += 1
        names = unique_names(cells)
        if names == self.sections[-1].names:
            self.losses.note("the header is repeated: another run, or a restart, was appended", line)
            return
        if len(names) > MAX_COLUMNS or len(self.sections) >= _MAX_HEADERS:
            raise self.losses.error("the table changes its columns without end", line, "is this a table of metrics?")
        self._flush()
        self.losses.note("a new header changes the columns", line)
        self.sections.append(Section(names, self.dialect.decimal_comma))

    def _flush(self) -> None:
        self.sections[-1].add_rows(self._rows, self._records)
        self._rows, self._records = [], []


def _is_rule(cell: str) -> bool:
    """Whether a cell is a line of a drawn table, as ``---`` or ``:-:``."""
    return not cell.strip().strip("-:=+")
