"""An array that its file keeps in blocks of rows, each to be decoded whole."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.source import ArraySource, Kind, buffer_for


class BlockLoader(ABC):
    """Decodes one block of rows of a file; can be pickled, and is called by several threads at once."""

    @abstractmethod
    def load(self, block: int, out: NDArray[Any] | None) -> NDArray[Any]:
        """Return the rows of the block, in ``out`` if there is one (it has as many rows). Raises ``UnreadableDataError``."""


@final
class ChunkedSource(ArraySource):
    """Blocks of ``block_rows`` rows (the last may have fewer), decoded when they are needed.

    A block of which a thread has read a part is kept until that thread reads its end or another block, so that small reads in order decode each
    block once. A read that covers a whole block decodes into the caller's buffer, and keeps nothing.
    """

    def __init__(
        self,
        loader: BlockLoader,
        *,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        block_rows: int,
        name: str,
        where: str,
        kind: Kind = "number",
        table: str = "",
    ) -> None:
        self._loader = loader
        self.shape, self.dtype, self.kind, self.table = shape, dtype, kind, table
        self.block_rows = max(1, block_rows)
        self.name, self.where = name, where
        self._kept = _Kept()

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows, of as many blocks as they need."""
        start, stop = self.span(start, stop)
        rows = self.block_rows
        if start < stop and start // rows == (stop - 1) // rows and not self._is_whole(start, stop):
            return self._part(start // rows, start, stop)
        result = buffer_for(self, stop - start, out)
        place = start
        while place < stop:
            number = place // rows
            end = min((number + 1) * rows, stop)
            self._into(number, place, end, result[place - start : end - start])
            place = end
        return result

    def _is_whole(self, start: int, stop: int) -> bool:
        return start % self.block_rows == 0 and stop == min(start + self.block_rows, len(self))

    def _into(self, number: int, start: int, stop: int, result: NDArray[Any]) -> None:
        if self._is_whole(start, stop) and self._kept.number != number:
            loaded = self._loader.load(number, result)
            if loaded is not result:
                result[...] = loaded
        else:
            result[...] = self._part(number, start, stop)

    def _part(self, number: int, start: int, stop: int) -> NDArray[Any]:
        kept, first = self._kept, number * self.block_rows
        if kept.number != number:
            kept.forget()  # before the next is made
            kept.block = self._loader.load(number, None)
            kept.block.flags.writeable = False
            kept.number = number
        part = kept.block[start - first : stop - first]
        if stop == min(first + self.block_rows, len(self)):
            kept.forget()
        return part


@final
class _Kept(threading.local):
    """The block that this thread decoded last; nothing of it is pickled."""

    def __init__(self) -> None:
        self.number = -1
        self.block: NDArray[Any] = np.empty(0)

    def forget(self) -> None:
        self.number, self.block = -1, np.empty(0)

    def __reduce__(self) -> tuple[type[_Kept], tuple[()]]:
        return _Kept, ()
