"""One array, or one column of a table, that can be read a block of rows at a time."""

from __future__ import annotations

import math
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

    Numbers have the machine's byte order; a lone number is one row, dates are float64 seconds since 1970, and what numpy has
    no type for (bfloat16, 8-bit floats, nullable whole numbers with nulls) comes as the float32 or float64 that holds it.
    Several threads may read one source at once. Sources with the same ``table`` (not "") are columns whose rows are decoded together:
    whoever reads several of them reads a block of each before the next block, and pays for the decoding once.
    A missing text is "", missing bytes are b"".
    """

    name: str
    where: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    block_rows: int
    kind: Kind = "number"
    table: str = ""

    @abstractmethod
    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows from ``start`` to before ``stop`` in the array's own dtype, in C order; both count and are cut as in a slice.

        ``out`` is a buffer of at least ``stop - start`` rows that may be filled and returned (its first rows), to spare memory; a source
        that has the rows in memory returns them as they are. Raises ``UnreadableDataError`` that names the file and the rows (and the chunk)
        that could not be read; other rows can still be read after it.
        """

    def chunk_end(self, row: int) -> int:
        """Return the row behind the chunk that holds ``row``: up to it the rows are lost together where one cannot be read."""
        return min(len(self), (row // self.block_rows + 1) * self.block_rows)

    def __len__(self) -> int:
        return self.shape[0] if self.shape else 1

    @property
    def row_bytes(self) -> int:
        """How many bytes a row takes in memory (of objects: of their pointer)."""
        return math.prod(self.shape[1:]) * self.dtype.itemsize

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Return the rows that a slice from ``start`` to ``stop`` means: both inside the array, the second not before the first.

        >>> MemorySource(np.zeros(10)).span(-3, 99)
        (7, 10)
        """
        first, last, _ = slice(start, stop).indices(len(self))
        return first, max(first, last)


def buffer_for(source: ArraySource, rows: int, out: NDArray[Any] | None) -> NDArray[Any]:
    """Return the first ``rows`` of ``out`` where it fits the source, or new memory."""
    if (
        out is not None
        and out.dtype == source.dtype
        and out.shape[1:] == source.shape[1:]
        and len(out) >= rows
        and out.flags.c_contiguous
        and out.flags.writeable
    ):
        return out[:rows]
    return np.empty((rows, *source.shape[1:]), dtype=source.dtype)


def bytes_of(block: NDArray[Any]) -> memoryview:
    """Return the memory of an array in C order as bytes that can be filled."""
    return block.reshape(-1).view(np.uint8).data


@final
class MemorySource(ArraySource):
    """An array that is in memory, or mapped there."""

    def __init__(self, array: NDArray[Any], *, name: str = "", where: str = "array", kind: Kind = "number") -> None:
        self.array = array
        self.name, self.where, self.kind = name, where, kind
        self.shape, self.dtype = array.shape, array.dtype
        self.block_rows = 1

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:  # noqa: ARG002
        """Return a view of the rows (a copy where the array is not in C order)."""
        return np.ascontiguousarray(self.array[start:stop])
