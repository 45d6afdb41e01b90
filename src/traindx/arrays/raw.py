"""Values that lie in a file one after the other, as they lie in memory."""

from __future__ import annotations

import math
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.source import ArraySource, buffer_for, bytes_of
from traindx.errors import UnreadableDataError

_BLOCK_BYTES: Final = (
    4 << 20
)  # of an array that the file does not cut: large enough that a seek costs nothing beside it
_MOST_EMPTY_ROWS: Final = 1 << 32  # rows without values cost no room in the file, and would be walked through for ever
_MOST_DIMENSIONS: Final = 32  # as many as every numpy has
_MOST_BYTES: Final = 1 << 62  # what offsets into a file can count


@final
class RawSource(ArraySource):
    """An array at an offset of a file, in C or Fortran order, read without a library.

    Each read opens the file for itself, so that threads and processes do not share a position, and fills the caller's buffer
    directly. In Fortran order a block of rows is gathered from as many places as a row has values.
    """

    def __init__(
        self,
        path: Path,
        *,
        offset: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        fortran: bool = False,
        name: str = "",
        where: str = "",
    ) -> None:
        self._path, self._offset, self._stored = path, offset, dtype
        self._fortran = fortran and len(shape) > 1
        self.name, self.where = name, where or str(path)
        self.shape, self.dtype = shape or (1,), dtype.newbyteorder("=")
        self.block_rows = max(1, _BLOCK_BYTES // max(1, self.row_bytes))
        try:
            held = path.stat().st_size
        except OSError as error:
            raise UnreadableDataError(f"cannot be read: {error.strerror or error}".lower(), where=self.where) from error
        check_room(self.shape, dtype, held - offset, self.where)

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows, read from the file into ``out``."""
        start, stop = self.span(start, stop)
        block = buffer_for(self, stop - start, out)
        if not block.size:
            return block
        if self._fortran:
            block[...] = self._gathered(start, stop)
        else:
            place = self._offset + start * self.row_bytes
            read_bytes(self._path, place, block, where=f"{self.where} rows {start}-{stop - 1}")
        make_native(block, self._stored)
        return block

    def _gathered(self, start: int, stop: int) -> NDArray[Any]:
        columns = np.empty((math.prod(self.shape[1:]), stop - start), dtype=self.dtype)
        itemsize, rows = self.dtype.itemsize, len(self)
        where = f"{self.where} rows {start}-{stop - 1}"
        with opened(self._path, where) as file:
            for number, column in enumerate(columns):
                fill(file, self._offset + (number * rows + start) * itemsize, column, where)
        return columns.reshape(*self.shape[:0:-1], stop - start).transpose()


def make_native(block: NDArray[Any], stored: np.dtype[Any]) -> None:
    """Turn the bytes of a block, which were filled in as ``stored``, into the byte order of its own type."""
    if stored == block.dtype:
        return
    if stored.names is None:
        _ = block.view(stored).byteswap(inplace=True)
    else:
        block[...] = block.view(stored).astype(block.dtype)  # each field has an order of its own


def check_extents(shape: tuple[int, ...], dtype: np.dtype[Any], where: str) -> None:
    """Refuse a shape that cannot be meant."""
    if any(extent < 0 for extent in shape) or len(shape) > _MOST_DIMENSIONS:
        raise UnreadableDataError(f"the header gives the shape {shape[:_MOST_DIMENSIONS]}", where=where)
    if not dtype.itemsize or (not math.prod(shape) and max(shape, default=0) > _MOST_EMPTY_ROWS):
        raise UnreadableDataError(f"the header gives the shape {shape} of values that take no room", where=where)
    if math.prod(shape) * dtype.itemsize > _MOST_BYTES:
        raise UnreadableDataError(f"the header gives the shape {shape}", where=where)


def check_room(shape: tuple[int, ...], dtype: np.dtype[Any], held_bytes: int, where: str) -> None:
    """Refuse a shape that the file cannot hold, before memory is asked for: ``held_bytes`` are there for the values."""
    check_extents(shape, dtype, where)
    needed = math.prod(shape) * dtype.itemsize
    if needed > held_bytes:
        raise UnreadableDataError(
            f"the header promises {needed:,} bytes of values and the file holds {max(0, held_bytes):,}",
            where=where,
            hint="the file was cut off, or is still being written",
        )


@contextmanager
def opened(path: Path, where: str) -> Generator[int]:
    """Open a file for ``fill``. Raises ``UnreadableDataError``, also for what fails inside."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            yield file
        finally:
            os.close(file)
    except OSError as error:
        raise UnreadableDataError(f"cannot be read: {error.strerror or error}".lower(), where=where) from error


def fill(file: int, offset: int, block: NDArray[Any], where: str) -> None:
    """Fill a C-contiguous array from a place of an open file. Raises ``UnreadableDataError`` where the file ends before."""
    room = bytes_of(block)
    while room:
        count = _read_into(file, room, offset)
        if not count:
            raise UnreadableDataError(f"the file ends {len(room):,} bytes too early", where=where)
        room, offset = room[count:], offset + count


def _read_into(file: int, room: memoryview, offset: int) -> int:
    if hasattr(os, "preadv"):
        return os.preadv(file, [room], offset)
    _ = os.lseek(file, offset, os.SEEK_SET)
    data = os.read(file, len(room))
    room[: len(data)] = data
    return len(data)


def read_bytes(path: Path, offset: int, block: NDArray[Any], *, where: str) -> None:
    """Fill a C-contiguous array from a place of a file. Raises ``UnreadableDataError`` where the file ends before."""
    with opened(path, where) as file:
        fill(file, offset, block, where)
