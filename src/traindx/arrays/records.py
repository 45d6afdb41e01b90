"""Tables whose rows are decoded together, for all columns at once: lines of text, samples of an archive."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.grouped import GroupedSource, GroupLoader
from traindx.arrays.source import ArraySource, Kind
from traindx.errors import UnreadableDataError

_KEPT_GROUPS: Final = 3  # as many as a block of rows can touch: groups of as many bytes have not as many rows
_NUMBER: Final = np.dtype(np.float64)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as the first rows of a table have it."""

    name: str
    kind: Kind = "number"
    dtype: np.dtype[Any] = _NUMBER
    row_shape: tuple[int, ...] = ()


class RecordDecoder(ABC):
    """Decodes groups of rows; can be pickled, and is called by several threads at once."""

    @abstractmethod
    def decode(self, group: int) -> Mapping[str, NDArray[Any] | UnreadableDataError]:
        """Return the columns of a group by name, or why one of them cannot be had. Raises ``UnreadableDataError`` where none can."""


@final
class RecordTable:
    """The groups of rows of a table; those that a thread decoded last are kept for its other columns."""

    def __init__(self, decoder: RecordDecoder) -> None:
        self._decoder = decoder
        self._kept = _Kept()

    def column(self, group: int, name: str) -> NDArray[Any]:
        """Return a column of a group. Raises ``UnreadableDataError``."""
        kept = self._kept.groups
        if group not in kept:
            while len(kept) >= _KEPT_GROUPS:
                del kept[next(iter(kept))]
            kept[group] = self._decoder.decode(group)
        found = kept[group][name]
        if isinstance(found, UnreadableDataError):
            raise found
        return found


@final
class _Kept(threading.local):
    """The groups that this thread decoded last, the oldest first; nothing of it is pickled."""

    def __init__(self) -> None:
        self.groups: dict[int, Mapping[str, NDArray[Any] | UnreadableDataError]] = {}

    def __reduce__(self) -> tuple[type[_Kept], tuple[()]]:
        return _Kept, ()


@final
@dataclass(frozen=True, slots=True)
class _ColumnGroups(GroupLoader):
    table: RecordTable
    name: str

    def batches(self, group: int) -> Iterator[NDArray[Any]]:
        yield self.table.column(group, self.name)


def record_sources(
    decoder: RecordDecoder, columns: list[Column], starts: NDArray[np.int64], where: str
) -> Iterator[ArraySource]:
    """Yield a source for each column of a table whose groups begin at the rows ``starts``."""
    table = RecordTable(decoder)
    for column in columns:
        yield GroupedSource(
            _ColumnGroups(table, column.name),
            starts=starts,
            row_shape=column.row_shape,
            dtype=column.dtype,
            name=column.name,
            where=f"{where}:{column.name}",
            kind=column.kind,
            table=where if len(columns) > 1 else "",
        )


def starts_of(counts: list[int]) -> NDArray[np.int64]:
    """Return where groups of so many rows begin, and where the last one ends.

    >>> starts_of([3, 4]).tolist()
    [0, 3, 7]
    """
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
