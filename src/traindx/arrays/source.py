"""One array, or one column of a table, that can be read a block of rows at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

Kind = Literal["number", "text", "bytes", "list", "image"]


class ArraySource(ABC):
    """An array whose first axis counts rows, in a file or in memory.

    ``name`` is the key inside the file (``train/x``; empty for a lone array), ``where`` what errors and findings call it
    (``data.h5:train/x``), ``shape`` and ``dtype`` are those of the whole. ``block_rows`` is how many rows the file keeps
    together (a chunk, a row group); reads of whole blocks are the cheapest. ``kind`` says what a row holds: numbers,
    or, as an object array that the reader made itself, str, bytes, a one-dimensional array of numbers, or an image
    (height, width, channels). Sources can be pickled: they carry the path and open it again.
    """

    name: str
    where: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    block_rows: int
    kind: Kind = "number"

    @abstractmethod
    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows from ``start`` to before ``stop`` in the array's own dtype, in C order.

        ``out`` is a buffer of at least ``stop - start`` rows that may be filled and returned (its first rows), to spare memory; a source
        that has the rows in memory returns them as they are. Raises ``UnreadableDataError`` that names the file and chunk.
        """

    def __len__(self) -> int:
        return self.shape[0] if self.shape else 1

    @property
    def row_bytes(self) -> int:
        """How many bytes a row takes in memory (of objects: of their pointer)."""
        return int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize


@final
class MemorySource(ArraySource):
    """An array that is in memory, or mapped there."""

    def __init__(self, array: NDArray[Any], *, name: str = "", where: str = "array", kind: Kind = "number") -> None:
        self.array = array
        self.name, self.where, self.kind = name, where, kind
        self.shape, self.dtype = array.shape, array.dtype
        self.block_rows = 1

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:  # noqa: ARG002
        """Return a view of the rows."""
        return self.array[start:stop]
