"""Features that are judged together: those of one array, or the columns of one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

from traindx.dataset.checks.subject import Role, Subject, called
from traindx.dataset.summary import ArraySummary, ColumnSummary

_TABLE: Final = 3  # so many single columns of one length are a table


@final
@dataclass(frozen=True, slots=True)
class Part:
    """One feature of an array, or one column of a table."""

    array: ArraySummary
    column: ColumnSummary

    @property
    def name(self) -> str:
        """What a finding calls it."""
        return called(self.array, self.column)


@final
@dataclass(frozen=True, slots=True)
class Block:
    """Features that are judged together. ``name`` is that of their array; of a table's columns it is "the table"."""

    name: str
    parts: tuple[Part, ...]
    target: bool
    unit: str

    def some_of(self, count: int) -> str:
        """Return ``3 of 5 features of x``, ``2 columns of the table`` or, where there is one feature only, its name.

        >>> Block("x", (), False, "feature").some_of(0)
        'x'
        """
        if len(self.parts) <= 1:
            return self.name
        told = f"{count} of {len(self.parts)}" if count < len(self.parts) else f"all {count}"
        return f"{told} {self.unit}s of {self.name}"


def blocks(subject: Subject, *roles: Role) -> Iterator[Block]:
    """Yield the arrays of these roles; single columns of one length, three or more, are one block. A target stands alone."""
    singles: dict[int, list[ArraySummary]] = {}
    for array in subject.of_role(*roles):
        alone = len(array.features) <= 1 and array.kind == "number" and not subject.is_target(array)
        if alone and len(array.shape) == 1:
            singles.setdefault(array.shape[0], []).append(array)
        else:
            yield _block(subject, array)
    for columns in singles.values():
        if len(columns) < _TABLE:
            yield from (_block(subject, array) for array in columns)
        else:
            yield Block("the table", tuple(Part(array, array.whole) for array in columns), target=False, unit="column")


def _block(subject: Subject, array: ArraySummary) -> Block:
    looked = array.features if len(array.features) > 1 else (array.whole,)
    parts = tuple(Part(array, column) for column in looked)
    return Block(called(array), parts, target=subject.is_target(array), unit="feature")
