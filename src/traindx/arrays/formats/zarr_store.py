"""Zarr, versions 2 and 3: directories and zip archives, through the zarr library."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import FAULTS, guarded, library, shown
from traindx.arrays.chunked import ChunkedSource, ChunkLoader
from traindx.arrays.converted import presented
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.hdf5_chunks import chunk_name
from traindx.arrays.opened import Opened
from traindx.arrays.raw import check_extents
from traindx.arrays.source import ArraySource
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import UnreadableDataError

_MARKS: Final = ("zarr.json", ".zarray", ".zgroup")
_MOST_CHUNK_BYTES: Final = 1 << 31


def opened_store(path: Path) -> Any:
    """Return the array or group at the top of a store."""
    zarr = library("zarr", "reading Zarr")
    with guarded("is not a Zarr store", str(path)):
        store: Any = zarr.storage.ZipStore(path, mode="r") if path.is_file() else path
        return zarr.open(store, mode="r")


def array_of(store: Opened[Any], key: str) -> Any:
    """Return the array of a name ("" where the store is one array)."""
    root = store.get()
    return root[key] if key else root


@final
@dataclass(frozen=True, slots=True)
class ZarrChunks(ChunkLoader):
    """Rows of one array."""

    handle: Opened[Any]
    key: str
    where: str

    def load(self, start: int, stop: int, out: NDArray[Any] | None) -> NDArray[Any]:  # noqa: ARG002
        """Return the rows; where they fail, say which chunk does."""
        array = array_of(self.handle, self.key)
        try:
            return np.ascontiguousarray(np.atleast_1d(array[start:stop] if array.shape else array[()]))
        except FAULTS as error:
            where = f"{self.where} {self._damaged(array, start, stop)}"
            raise UnreadableDataError(f"cannot be read: {shown(error)}", where=where) from error

    def _damaged(self, array: Any, start: int, stop: int) -> str:
        """Return the name and rows of the first chunk between the rows that cannot be read by itself."""
        if array.shape:
            first, last = start // array.chunks[0], -(-stop // array.chunks[0])
            beyond = (range(-(-extent // size)) for extent, size in zip(array.shape[1:], array.chunks[1:], strict=True))
            for place in itertools.product(range(first, last), *beyond):
                try:
                    _ = array.get_block_selection(place)
                except FAULTS:
                    begin = place[0] * array.chunks[0]
                    return f"{chunk_name(place)}, rows {begin}-{min(begin + array.chunks[0], array.shape[0]) - 1}"
        return f"rows {start}-{stop - 1}"


def _open(path: Path) -> Iterator[ArraySource]:
    handle = Opened(path, opened_store)
    root = handle.get()
    zarr = library("zarr", "reading Zarr")
    with guarded("its list of arrays cannot be read", str(path)):
        found = {"": root}
        if isinstance(root, zarr.Group):
            found = {name: item for name, item in root.members(max_depth=None) if isinstance(item, zarr.Array)}
    for name in sorted(found):
        yield from _array(handle, name, found[name])


def _array(handle: Opened[Any], name: str, array: Any) -> Iterator[ArraySource]:
    where = f"{handle.path}:{name}" if name else str(handle.path)
    try:
        with guarded("its description cannot be read", where):
            shape, dtype, chunks = tuple(array.shape), np.dtype(array.dtype), tuple(array.chunks)
            check_extents(shape, dtype, where)
            _check_chunks(math.prod(chunks) * dtype.itemsize, where)
    except UnreadableDataError as error:
        yield UnreadableSource(error, name=name)
        return
    source = ChunkedSource(
        ZarrChunks(handle, name, where),
        shape=shape or (1,),
        dtype=dtype if dtype.names or dtype.kind == "O" else dtype.newbyteorder("="),
        chunk_rows=chunks[0] if chunks else 1,
        name=name,
        where=where,
    )
    yield from presented(source)


def _check_chunks(size: int, where: str) -> None:
    if not 0 < size <= _MOST_CHUNK_BYTES:
        raise UnreadableDataError(f"its chunks have {size:,} bytes each", where=where)


def _recognises(path: Path, head: bytes) -> bool:
    if path.is_dir():
        return any((path / mark).is_file() for mark in _MARKS)
    return head.startswith(b"PK") and (
        path.name.lower().endswith((".zarr.zip", ".zarr")) or (path.suffix.lower() == ".zip" and _zipped(head))
    )


def _zipped(head: bytes) -> bool:
    """Whether the first member of a zip archive belongs to a store: its name stands in the first bytes."""
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")].decode("utf-8", "replace")
    return name.rpartition("/")[2] in (*_MARKS, ".zattrs", ".zmetadata") or "/c/" in name


ZARR: Final = ArrayFormat(name="zarr", recognises=_recognises, open=_open)
