"""An array that its file keeps in chunks of rows, each to be decoded whole."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.source import ArraySource, Kind, buffer_for

_BLOCK_BYTES: Final = 4 << 20  # chunks smaller than that are best read several at a time


class ChunkLoader(ABC):
    """Decodes chunks of rows of a file; can be pickled, and is called by several threads at once."""

    @abstractmethod
    def load(self, start: int, stop: int, out: NDArray[Any] | None) -> NDArray[Any]:
        """Return the rows of one or several whole chunks, in ``out`` if there is one (it has as many rows). Raises ``UnreadableDataError``."""


@final
class ChunkedSource(ArraySource):
    """Chunks of ``chunk_rows`` rows (the last may have fewer), decoded when they are needed.

    A chunk of which a thread has read a part is kept until that thread reads its end or another part, so that small reads in order decode each
    chunk once. Whole chunks are decoded into the caller's buffer, and not kept.
    """

    def __init__(
        self,
        loader: ChunkLoader,
        *,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        chunk_rows: int,
        name: str,
        where: str,
        kind: Kind = "number",
        table: str = "",
    ) -> None:
        self._loader = loader
        self.shape, self.dtype, self.kind, self.table = shape, dtype, kind, table
        self.name, self.where = name, where
        self._rows = max(1, chunk_rows)
        self.block_rows = self._rows * max(1, _BLOCK_BYTES // max(1, self.row_bytes * self._rows))
        self._kept = _Kept()

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows, of as many chunks as they need."""
        start, stop = self.span(start, stop)
        rows = self._rows
        if start < stop and start // rows == (stop - 1) // rows and not self._is_whole(start, stop):
            return self._part(start, stop)
        result = buffer_for(self, stop - start, out)
        first = min(stop, -(-start // rows) * rows)  # the first whole chunk
        last = stop if stop == len(self) else max(first, stop // rows * rows)
        if start < first:
            result[: first - start] = self._part(start, first)
        if first < last:
            target = result[first - start : last - start]
            loaded = self._loader.load(first, last, target)
            if loaded is not target:
                target[...] = loaded
        if last < stop:
            result[last - start :] = self._part(last, stop)
        return result

    def chunk_end(self, row: int) -> int:
        """Return the row behind the chunk that holds ``row``."""
        return min(len(self), (row // self._rows + 1) * self._rows)

    def _is_whole(self, start: int, stop: int) -> bool:
        """Whether rows of one chunk are all of it."""
        return start % self._rows == 0 and stop == min(start + self._rows, len(self))

    def _part(self, start: int, stop: int) -> NDArray[Any]:
        """Return rows of one chunk, which is kept until its last row was read."""
        kept, first = self._kept, start // self._rows * self._rows
        end = min(first + self._rows, len(self))
        if kept.first != first:
            kept.forget()  # before the next is made
            kept.chunk = self._loader.load(first, end, None)
            kept.chunk.flags.writeable = False
            kept.first = first
        part = kept.chunk[start - first : stop - first]
        if stop == end:
            kept.forget()
        return part


@final
class _Kept(threading.local):
    """The chunk that this thread decoded last; nothing of it is pickled."""

    def __init__(self) -> None:
        self.first = -1
        self.chunk: NDArray[Any] = np.empty(0)

    def forget(self) -> None:
        self.first, self.chunk = -1, np.empty(0)

    def __reduce__(self) -> tuple[type[_Kept], tuple[()]]:
        return _Kept, ()
