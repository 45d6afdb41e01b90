"""Chunks of HDF5 read past the library: from the places that it names, inflated by libdeflate, the byte shuffle undone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise, product
from math import prod
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import guarded, library
from traindx.arrays.chunked import ChunkLoader
from traindx.arrays.opened import Opened
from traindx.arrays.raw import fill, make_native, opened, read_bytes
from traindx.errors import MissingExtraError, UnreadableDataError

_DEFLATE, _SHUFFLE = 1, 2  # numbers that the format gives its filters
_MOST_CHUNKS: Final = 2_000_000  # of whose places a table is kept: 20 bytes each


def chunk_name(place: Sequence[int]) -> str:
    """Return what errors call a chunk.

    >>> chunk_name((3, 0))
    'chunk (3, 0)'
    """
    return f"chunk ({', '.join(map(str, place))}{',' if len(place) == 1 else ''})"


def plain_filters(dataset: Any) -> tuple[int, ...] | None:
    """Return the filters of a chunked dataset where they can be undone here, else None."""
    if dataset.chunks is None or not prod(dataset.shape) or _count(dataset.shape, dataset.chunks) > _MOST_CHUNKS:
        return None
    settings = dataset.id.get_create_plist()
    filters = tuple(settings.get_filter(number)[0] for number in range(settings.get_nfilters()))
    if filters not in ((), (_SHUFFLE,), (_DEFLATE,), (_SHUFFLE, _DEFLATE)):
        return None
    try:
        _ = library("deflate", "inflating chunks") if _DEFLATE in filters else None
    except MissingExtraError:
        return None
    return filters


def _count(shape: Sequence[int], chunks: Sequence[int]) -> int:
    return prod(-(-extent // size) for extent, size in zip(shape, chunks, strict=True))


@final
class RawChunks(ChunkLoader):
    """Rows from the places of their chunks in the file.

    The places are asked of the library once, in one walk over its index. What cannot be decoded here (a chunk that was stored in
    another way than the dataset says) is left to ``fallback``, which reads through the library and knows how to complain; without one it is an error,
    and chunks that were never written are zero.
    """

    def __init__(
        self,
        file: Opened[Any],
        key: str,
        where: str,
        shape: tuple[int, ...],
        chunks: tuple[int, ...],
        stored: np.dtype[Any],
        filters: tuple[int, ...],
        *,
        fallback: ChunkLoader | None,
    ) -> None:
        self._file, self._key, self._where = file, key, where
        self._shape, self._chunks, self._stored, self._filters = shape, chunks, stored, filters
        self._fallback = fallback
        self._places = _Places()

    def load(self, start: int, stop: int, out: NDArray[Any] | None) -> NDArray[Any]:
        """Return the rows, whose first and last chunks are whole."""
        places = self._table()
        result = out
        if result is None:
            result = np.empty((stop - start, *self._shape[1:]), dtype=self._stored.newbyteorder("="))
        if not self._filled(places, start, stop, result):
            if self._fallback is not None:
                return self._fallback.load(start, stop, out)
            raise UnreadableDataError("a chunk cannot be decoded", where=f"{self._where} rows {start}-{stop - 1}")
        make_native(result, self._stored)
        return result

    def _table(self) -> NDArray[np.int64]:
        """Return for each chunk of the grid its offset, its length in the file and its filter mask; the offset is -1 where it was never written."""
        with self._places.lock:
            if self._places.table is None:
                found: list[Any] = []
                with guarded("the index of its chunks cannot be read", self._where):
                    self._file.get()[self._key].id.chunk_iter(found.append)
                table = self._tabled(found)
                self._places.table = table
            return self._places.table

    def _tabled(self, found: list[Any]) -> NDArray[np.int64]:
        grid = tuple(-(-extent // size) for extent, size in zip(self._shape, self._chunks, strict=True))
        table = np.full((*grid, 3), -1, dtype=np.int64)
        if found:
            corners = np.array([info.chunk_offset for info in found], dtype=np.int64) // np.array(self._chunks)
            entries = np.array([(info.byte_offset, info.size, info.filter_mask) for info in found], dtype=np.uint64)
            inside = (corners < np.array(grid)).all(
                axis=1
            )  # an array that was made smaller may keep chunks beyond its end
            table[tuple(corners[inside].T)] = entries[inside].astype(np.int64)
        return table

    def _filled(self, places: NDArray[np.int64], start: int, stop: int, result: NDArray[Any]) -> bool:
        """Fill the rows, and return whether every chunk of them could be decoded."""
        height = self._chunks[0]
        whole = self._chunks[1:] == self._shape[1:]
        if whole and not self._filters and self._fill_runs(places, start, stop, result):
            return True
        for row in range(start // height, -(-stop // height)):
            for beyond in product(*(range(extent) for extent in places.shape[1:-1])):
                if not self._fill_one((row, *beyond), places[(row, *beyond)].tolist(), start, result):
                    return False
        return True

    def _fill_runs(self, places: NDArray[np.int64], start: int, stop: int, result: NDArray[Any]) -> bool:
        """Read chunks of whole rows straight into the result, neighbours in the file at once; False where one was never written."""
        height = self._chunks[0]
        rows = places[start // height : -(-stop // height)].reshape(-1, 3)
        size = prod(self._chunks) * self._stored.itemsize
        if (rows[:, 0] < 0).any() or (rows[:, 1] != size).any():
            return False
        cuts: list[int] = [0, *(np.flatnonzero(np.diff(rows[:, 0]) != size) + 1).tolist(), len(rows)]
        where = f"{self._where} {self._named(start // height)}"
        with opened(self._file.path, where) as file:
            for first, last in pairwise(cuts):
                if first:
                    where = f"{self._where} {self._named(start // height + first)}"
                fill(file, int(rows[first, 0]), result[first * height : last * height], where)
        return True

    def _named(self, row: int) -> str:
        """Return what errors call the first chunk of a row of chunks, and its rows."""
        first = row * self._chunks[0]
        place = (row, *(0 for _ in self._chunks[1:]))
        return f"{chunk_name(place)}, rows {first}-{min(first + self._chunks[0], self._shape[0]) - 1}"

    def _fill_one(self, place: tuple[int, ...], entry: list[int], start: int, result: NDArray[Any]) -> bool:
        offset, length, mask = entry
        if offset < 0 and self._fallback is None:
            self._target(place, start, result)[...] = np.zeros((), dtype=result.dtype)
            return True
        if offset < 0 or length > 2 * prod(self._chunks) * self._stored.itemsize + 1024:
            return False
        first = place[0] * self._chunks[0]
        where = f"{self._where} {chunk_name(place)}, rows {first}-{min(first + self._chunks[0], self._shape[0]) - 1}"
        packed = np.empty(length, dtype=np.uint8)
        read_bytes(self._file.path, offset, packed, where=where)
        applied = tuple(one for number, one in enumerate(self._filters) if not mask >> number & 1)
        chunk = self._decoded(packed, applied)
        if chunk is None:
            return False
        target = self._target(place, start, result)
        target[...] = chunk[tuple(slice(0, extent) for extent in target.shape)]
        return True

    def _target(self, place: tuple[int, ...], start: int, result: NDArray[Any]) -> NDArray[Any]:
        """Return the part of the result, whose first row is ``start``, that a chunk fills."""
        corner = (at * size for at, size in zip(place, self._chunks, strict=True))
        begin = (next(corner) - start, *corner)
        return result[tuple(slice(at, at + size) for at, size in zip(begin, self._chunks, strict=True))]

    def _decoded(self, packed: NDArray[np.uint8], filters: tuple[int, ...]) -> NDArray[Any] | None:
        """Return the chunk, in the type of the result with the bytes of the file, or None where it is not what the filters say."""
        size = prod(self._chunks) * self._stored.itemsize
        found: Any = packed
        if _DEFLATE in filters:
            deflate = library("deflate", "inflating chunks")
            try:
                found = deflate.zlib_decompress(packed.data, size)
            except (deflate.DeflateError, ValueError, MemoryError):
                return None
        if len(found) != size:
            return None
        values = np.frombuffer(found, dtype=np.uint8)
        if _SHUFFLE in filters:
            values = _unshuffled(values, self._stored.itemsize)
        return values.view(self._stored.newbyteorder("=")).reshape(self._chunks)


def _unshuffled(values: NDArray[np.uint8], itemsize: int) -> NDArray[np.uint8]:
    """Return bytes that were sorted by their place inside a value (all first bytes, then all second ones) in their own order."""
    count = len(values) // itemsize
    together = np.empty((count, itemsize), dtype=np.uint8)
    for number, part in enumerate(values[: count * itemsize].reshape(itemsize, count)):
        together[:, number] = part
    return together.reshape(-1)


@final
class _Places:
    """The table of chunks, once it was asked for; nothing of it is pickled."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.table: NDArray[np.int64] | None = None

    def __reduce__(self) -> tuple[type[_Places], tuple[()]]:
        return _Places, ()
