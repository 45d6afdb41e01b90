"""The careful way: rows of text cells to columns, cell by cell where they are not plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.axis import Column
from traindx.readers.tables.cells import is_blank, moment, number

MAX_WORDS = 10_000  # distinct words of a column, beyond which it is free text and left out
MAX_WORD = 200


@final
@dataclass(slots=True)
class Vocabulary:
    """The words of one column, in order of appearance, and what else its cells were."""

    codes: dict[str, int] = field(default_factory=dict[str, int])
    numbers: int = 0
    words: int = 0
    moments: int = 0
    first_word: int = 0

    def code(self, word: str) -> int:
        """Return the index of a word, -1 where there are too many of them to tell apart."""
        known = self.codes.get(word)
        if known is not None:
            return known
        if len(self.codes) >= MAX_WORDS:
            return -1
        self.codes[word] = len(self.codes)
        return len(self.codes) - 1

    @property
    def is_free_text(self) -> bool:
        """Whether the column held more distinct words than can be told apart."""
        return len(self.codes) >= MAX_WORDS


@final
@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one column: its numbers, and the codes of its words where it has any."""

    numbers: Column
    codes: NDArray[np.int32] | None = None


def column_of(cells: Sequence[str], records: Sequence[int], known: Vocabulary, *, decimal_comma: bool) -> Part:
    """Return one column of text cells, whose rows are on the lines ``records``."""
    column = None if known.words else plain_numbers(cells)
    if column is not None:
        known.numbers += len(column.values)
        return Part(column)
    if known.words and not known.numbers:
        codes = list(map(known.codes.get, cells))
        if None not in codes:
            known.words += len(codes)
            return Part(absent(len(codes)), np.array(codes, dtype=np.int32))
    return _cell_by_cell(cells, records, known, decimal_comma=decimal_comma)


def absent(size: int) -> Column:
    """Return so many rows of a column without a number in any of them."""
    return Column(np.zeros(0), np.zeros(size, dtype=np.bool_))


def plain_numbers(cells: Sequence[str]) -> Column | None:
    """Return the column where all cells are plain numbers or empty, else None."""
    try:
        try:
            column = Column(np.array(list(map(float, cells))))
        except ValueError:
            values = np.array([float(cell) for cell in cells if cell])
            present = np.fromiter(map(bool, cells), dtype=np.bool_, count=len(cells))
            column = Column(values, present)
    except ValueError:
        return None
    return None if "_" in "".join(cells) else column  # Python takes 1_000 for a number


def _cell_by_cell(cells: Sequence[str], records: Sequence[int], known: Vocabulary, *, decimal_comma: bool) -> Part:
    values = np.full(len(cells), math.nan)
    present = np.zeros(len(cells), dtype=np.bool_)
    codes: NDArray[np.int32] | None = None
    for at, cell in enumerate(cells):
        if is_blank(cell):
            continue
        value = number(cell, decimal_comma=decimal_comma)
        if value is None:
            value = moment(cell)
            known.moments += value is not None
        if value is not None:
            values[at], present[at] = value, True
            known.numbers += 1
            continue
        codes = np.full(len(cells), -1, dtype=np.int32) if codes is None else codes
        codes[at] = known.code(cell.strip()[:MAX_WORD])
        known.first_word = known.first_word or records[at]
        known.words += 1
    return Part(Column(values, present), codes)
