"""The rows that stand under one header, gathered in blocks and joined at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.axis import Column
from traindx.readers.tables.rows import Part, Vocabulary, absent, column_of, plain_numbers
from traindx.readers.tables.vector import Grid


@final
@dataclass(slots=True)
class Section:
    """Blocks of rows under one header, column by column. ``columns[j]`` lists the parts of column ``j``."""

    names: tuple[str, ...]
    decimal_comma: bool = False
    columns: list[list[Part]] = field(init=False)
    vocabularies: list[Vocabulary] = field(init=False)
    records: list[NDArray[np.int64]] = field(default_factory=list[NDArray[np.int64]])

    def __post_init__(self) -> None:
        self.columns = [[] for _ in self.names]
        self.vocabularies = [Vocabulary() for _ in self.names]

    @property
    def rows(self) -> int:
        """How many rows were gathered so far."""
        return sum(len(block) for block in self.records)

    def add_grid(self, grid: Grid, first_line: int) -> None:
        """Add rows that the fast way has read; each column is copied, so that nothing keeps the whole block alive."""
        for at, parts in enumerate(self.columns):
            values = grid.values[:, at]
            present = None if grid.present is None else grid.present[:, at]
            whole = present is None or bool(present.all())
            column = Column(values.copy()) if whole or present is None else Column(values[present], present.copy())
            parts.append(Part(column))
            self.vocabularies[at].numbers += len(column.values)
        self.records.append(np.arange(first_line, first_line + len(grid.values), dtype=np.int64))

    def add_rows(self, rows: Sequence[Sequence[str]], records: Sequence[int]) -> None:
        """Add rows of cells, all as wide as the header."""
        if not rows:
            return
        self._add_columns(zip(*rows, strict=True), records)

    def add_cells(self, cells: Sequence[str], first_line: int) -> bool:
        """Add the cells of whole rows in a row, one for each line from ``first_line`` on.

        Return False, having done nothing, where no column is all numbers: one of the rows may be a header then.
        """
        width = len(self.names)
        columns = [cells[at::width] for at in range(width)]
        if all(known.words or plain_numbers(column) is None
               for known, column in zip(self.vocabularies, columns, strict=True)):  # fmt: skip
            return False
        self._add_columns(columns, range(first_line, first_line + len(columns[0])))
        return True

    def _add_columns(self, columns: Iterable[Sequence[str]], records: Sequence[int]) -> None:
        for at, cells in enumerate(columns):
            part = column_of(cells, records, self.vocabularies[at], decimal_comma=self.decimal_comma)
            self.columns[at].append(part)
        self.records.append(np.array(records, dtype=np.int64))


def joined_numbers(parts: list[Part | int]) -> Column:
    """Return one column from its parts; a part that is a plain count stands for so many rows without the column.

    The parts are dropped as they are joined.
    """
    taken = [absent(part) if isinstance(part, int) else part.numbers for part in parts]
    parts.clear()
    if all(column.present is None for column in taken):
        return Column(taken[0].values if len(taken) == 1 else np.concatenate([column.values for column in taken]))
    present = np.concatenate([column.rows() for column in taken])
    return Column(np.concatenate([column.packed() for column in taken]), present)
