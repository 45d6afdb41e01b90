"""A table as it was read: columns of numbers, columns of words, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UnreadableLogError
from traindx.readers.axis import Column
from traindx.run import Setting, Skip

MAX_NOTES = 20


@final
@dataclass(frozen=True, slots=True)
class Words:
    """A column of words: an index into ``vocabulary`` for each row, -1 where the row has none."""

    codes: NDArray[np.int32]
    vocabulary: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns of equal length. ``moments`` names the columns that were written as dates or durations."""

    columns: Mapping[str, Column]
    words: Mapping[str, Words]
    records: NDArray[np.int64]
    moments: frozenset[str] = frozenset()
    settings: tuple[Setting, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[Skip, ...] = ()
    ignored: int = 0
    incomplete: str = ""


@final
@dataclass(slots=True)
class Losses:
    """Counts what a reading leaves out, and the first place of each reason."""

    path: str
    ignored: int = 0
    incomplete: str = ""
    notes: list[str] = field(default_factory=list[str])
    _skips: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def skip(self, reason: str, line: int, count: int = 1) -> None:
        """Count ``count`` rows that should have given numbers and did not."""
        known, first = self._skips.get(reason, (0, line))
        self._skips[reason] = (known + count, first)

    def note(self, text: str, line: int) -> None:
        """Keep one line worth telling; beyond the first few only a closing word."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(f"{self.path}:{line}: {text}")
        elif len(self.notes) == MAX_NOTES:
            self.notes.append(f"{self.path}: more notes of this kind are left out")

    def skips(self) -> tuple[Skip, ...]:
        """Return the counts as the source reports them."""
        return tuple(Skip(reason, count, first) for reason, (count, first) in self._skips.items())

    def error(self, problem: str, line: int, hint: str = "") -> UnreadableLogError:
        """Return the error for a table that cannot be read at all."""
        return UnreadableLogError(problem, where=f"{self.path}:{line}", hint=hint)
