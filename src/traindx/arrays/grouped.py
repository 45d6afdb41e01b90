"""An array that its file keeps in groups of rows of any length, each read from its beginning in batches."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.source import ArraySource, Kind, buffer_for
from traindx.errors import UnreadableDataError

_BLOCK_BYTES: Final = 4 << 20
_OBJECT_BYTES: Final = 1024  # reckoned for a text, a list or an image, whose size the type does not tell
_MOST_BLOCK_ROWS: Final = 1 << 20


class GroupLoader(ABC):
    """Decodes groups of rows of a file; can be pickled, and is called by several threads at once."""

    @abstractmethod
    def batches(self, group: int) -> Iterator[NDArray[Any]]:
        """Yield the rows of a group in order. Raises ``UnreadableDataError`` that names the group."""


@final
class GroupedSource(ArraySource):
    """Groups of rows that begin at ``starts`` (one more than there are groups: the last is the number of rows).

    Each thread keeps the place where it read last: reading on is cheap, reading back begins the group anew.
    """

    def __init__(
        self,
        loader: GroupLoader,
        *,
        starts: NDArray[np.int64],
        row_shape: tuple[int, ...],
        dtype: np.dtype[Any],
        name: str,
        where: str,
        kind: Kind = "number",
        table: str = "",
    ) -> None:
        self._loader, self._starts = loader, starts
        self.shape = (int(starts[-1]), *row_shape)
        self.dtype, self.kind, self.table, self.name, self.where = dtype, kind, table, name, where
        self.block_rows = self._best_rows()
        self._place = _Place()

    def _best_rows(self) -> int:
        """Return how many rows are best read at once: a group where it is small, or as many as make a few megabytes."""
        row = self.row_bytes if self.kind == "number" else _OBJECT_BYTES
        fit = min(_MOST_BLOCK_ROWS, max(1, _BLOCK_BYTES // max(1, row)))
        largest = int(np.diff(self._starts).max(initial=1))
        if self.table:  # the other columns of a group come with it
            return max(1, min(fit, largest))
        return max(1, min(fit, largest) if largest > fit else fit // largest * largest)

    def chunk_end(self, row: int) -> int:
        """Return the row behind the group that holds ``row``."""
        return int(self._starts[min(int(np.searchsorted(self._starts, row, side="right")), len(self._starts) - 1)])

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows, of as many groups as they need."""
        start, stop = self.span(start, stop)
        if start == stop:
            return buffer_for(self, 0, out)
        first = self._from(start)
        if len(first) >= stop - start:
            return np.ascontiguousarray(first[: stop - start])
        result = buffer_for(self, stop - start, out)
        result[: len(first)] = first
        done = start + len(first)
        while done < stop:
            part = self._from(done)[: stop - done]
            result[done - start : done - start + len(part)] = part
            done += len(part)
        return result

    def _from(self, row: int) -> NDArray[Any]:
        """Return rows from ``row`` on: as many as the batch has that holds it, at least one."""
        place = self._place
        group = int(np.searchsorted(self._starts, row, side="right")) - 1
        if place.group != group or row < place.first:
            place.begin(group, int(self._starts[group]), self._loader.batches(group))
        try:
            while row >= place.first + len(place.batch):
                place.advance(next(place.batches))
        except StopIteration:
            place.forget()
            raise UnreadableDataError(
                f"group {group} has fewer rows than its file says", where=f"{self.where} row {row}"
            ) from None
        except UnreadableDataError:
            place.forget()
            raise
        found = place.batch[row - place.first :]
        if row + len(found) >= len(self):
            place.forget()
        return found


@final
class _Place(threading.local):
    """Where a thread read last; nothing of it is pickled."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.begin(-1, 0, iter(()))

    def begin(self, group: int, first: int, batches: Iterator[NDArray[Any]]) -> None:
        self.group, self.first, self.batches = group, first, batches
        self.batch: NDArray[Any] = np.empty(0)

    def advance(self, batch: NDArray[Any]) -> None:
        self.first += len(self.batch)
        self.batch = batch

    def __reduce__(self) -> tuple[type[_Place], tuple[()]]:
        return _Place, ()
