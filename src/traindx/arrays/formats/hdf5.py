"""HDF5: every dataset of a file; plain ones are read past the library, the others through h5py."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import FAULTS, guarded, library, shown
from traindx.arrays.chunked import ChunkedSource, ChunkLoader
from traindx.arrays.converted import ConvertedSource, presented
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.hdf5_chunks import RawChunks, chunk_name, plain_filters
from traindx.arrays.formats.hdf5_heap import ELEMENT, GlobalHeap, check_heap, lists, texts
from traindx.arrays.opened import Opened
from traindx.arrays.raw import RawSource, check_extents
from traindx.arrays.source import ArraySource, Kind, MemorySource
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import UnreadableDataError

MAGIC: Final = b"\x89HDF\r\n\x1a\n"
_MOST_CHUNK_BYTES: Final = 1 << 31  # of a chunk in memory; the format itself ends at 4 GiB
_Way = Literal["numbers", "text", "heap"]


def opened_file(path: Path) -> Any:
    """Return the h5py file; h5py itself lets one thread in at a time."""
    h5py = library("h5py", "reading HDF5")
    with guarded("is not a whole HDF5 file", str(path), hint="the file was cut off, or is being written"):
        return h5py.File(path, "r", locking=False)


@final
@dataclass(frozen=True, slots=True)
class HDF5Chunks(ChunkLoader):
    """Rows of one dataset through h5py."""

    file: Opened[Any]
    key: str
    where: str
    way: _Way

    def load(self, start: int, stop: int, out: NDArray[Any] | None) -> NDArray[Any]:
        """Return the rows; where they fail, say which chunk does."""
        try:
            return self._read(start, stop, out)
        except FAULTS as error:
            where = f"{self.where} {self._damaged(start, stop)}"
            raise UnreadableDataError(f"cannot be read: {shown(error)}", where=where) from error

    def _read(self, start: int, stop: int, out: NDArray[Any] | None) -> NDArray[Any]:
        dataset = self.file.get()[self.key]
        if self.way == "text":
            return np.atleast_1d(
                np.array(
                    dataset.asstr(errors="replace")[start:stop]
                    if dataset.shape
                    else dataset.asstr(errors="replace")[()],
                    dtype=object,
                )
            )
        if out is None or not out.size or not dataset.shape:
            return np.atleast_1d(dataset[start:stop] if dataset.shape else dataset[()])
        dataset.read_direct(out, np.s_[start:stop])
        return out

    def _damaged(self, start: int, stop: int) -> str:
        """Return the name and rows of the first chunk between the rows that cannot be read by itself."""
        dataset = self.file.get()[self.key]
        beyond = tuple(slice(0, extent) for extent in dataset.shape[1:])
        for place in dataset.iter_chunks((slice(start, stop), *beyond)) if dataset.chunks else ():
            try:
                _ = dataset[place]
            except FAULTS:
                number = tuple(part.start // size for part, size in zip(place, dataset.chunks, strict=True))
                return f"{chunk_name(number)}, rows {place[0].start}-{place[0].stop - 1}"
        return f"rows {start}-{stop - 1}"


def _open(path: Path) -> Iterator[ArraySource]:
    file = Opened(path, opened_file)
    found: list[object] = []
    h5py = library("h5py", "reading HDF5")
    opened = file.get()

    def note(name: object, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            found.append(name)

    with guarded("its list of datasets cannot be read", str(path)):
        opened.visititems(note)
    for name in found:
        yield from _dataset(file, _text(name))


def _text(name: object) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _dataset(file: Opened[Any], name: str) -> Iterator[ArraySource]:
    where = f"{file.path}:{name}"
    try:
        with guarded("its description cannot be read", where):
            sources = _sources(file, name, where)
        yield from sources
    except UnreadableDataError as error:
        yield UnreadableSource(error, name=name)


def _sources(file: Opened[Any], name: str, where: str) -> list[ArraySource]:
    dataset = file.get()[name]
    if dataset.shape is None:
        return [MemorySource(np.empty(0), name=name, where=where)]
    if dataset.external or dataset.is_virtual:
        raise UnreadableDataError("keeps its values in other files", where=where, hint="open those files")
    shape: tuple[int, ...] = tuple(dataset.shape)
    chunks: tuple[int, ...] | None = dataset.chunks
    check_extents(shape, dataset.dtype, where)
    if chunks is not None:
        size = math.prod(chunks) * dataset.dtype.itemsize
        if size > _MOST_CHUNK_BYTES:
            raise UnreadableDataError(f"its chunks have {size:,} bytes each", where=where)
    way, dtype, kind = _kind(dataset, where)
    if way == "heap":
        return [_in_heap(file, dataset, name, where)]
    if dataset.dtype.hasobject:
        error = UnreadableDataError("its values are references or objects, not numbers or text", where=where)
        return [UnreadableSource(error, name=name, shape=shape)]
    plain = way == "numbers" and _is_plain(dataset)
    if plain and chunks is None and (offset := dataset.id.get_offset()) is not None:
        return [RawSource(file.path, offset=offset, shape=shape, dtype=dataset.dtype, name=name, where=where)]
    loader: ChunkLoader = HDF5Chunks(file, name, where, way)
    if plain and chunks and (filters := plain_filters(dataset)) is not None:
        loader = RawChunks(file, name, where, shape, chunks, dataset.dtype, filters, fallback=loader)
    source = ChunkedSource(
        loader,
        shape=shape or (1,),
        dtype=dtype,
        chunk_rows=chunks[0] if chunks else 1,
        name=name,
        where=where,
        kind=kind,
    )
    return [source] if way != "numbers" else list(presented(source))


def _in_heap(file: Opened[Any], dataset: Any, name: str, where: str) -> ArraySource:
    """Return text or lists of any length: the dataset holds places in the heap, which are looked up as they are read."""
    h5py = library("h5py", "reading HDF5")
    check_heap(file.path, where)
    shape, chunks, offset = tuple(dataset.shape), dataset.chunks, None if dataset.chunks else dataset.id.get_offset()
    filters = plain_filters(dataset) if chunks else None
    inner: ArraySource
    if offset is not None:
        inner = RawSource(file.path, offset=offset, shape=shape, dtype=ELEMENT, where=where)
    elif chunks and filters is not None:
        loader = RawChunks(file, name, where, shape, chunks, ELEMENT, filters, fallback=None)
        inner = ChunkedSource(loader, shape=shape, dtype=ELEMENT, chunk_rows=chunks[0], name=name, where=where)
    elif not math.prod(shape) or (not chunks and not dataset.id.get_storage_size()):
        inner = MemorySource(np.broadcast_to(np.zeros((), dtype=ELEMENT), shape or (1,)))
    else:
        raise UnreadableDataError("text or lists of any length behind this compression are not read", where=where)
    heap, text = GlobalHeap(file.path), h5py.check_string_dtype(dataset.dtype) is not None
    convert = partial(texts, heap=heap)
    if not text:
        convert = partial(lists, heap=heap, stored=np.dtype(h5py.check_vlen_dtype(dataset.dtype)))
    return ConvertedSource(inner, convert, np.dtype(object), name=name, where=where, kind="text" if text else "list")


def _kind(dataset: Any, where: str) -> tuple[_Way, np.dtype[Any], Kind]:
    h5py = library("h5py", "reading HDF5")
    dtype = dataset.dtype
    if (string := h5py.check_string_dtype(dtype)) is not None:
        return ("heap" if string.length is None else "text"), np.dtype(object), "text"
    if (base := h5py.check_vlen_dtype(dtype)) is not None and np.dtype(base).kind in "iuf":
        if not h5py.h5t.py_create(np.dtype(base)).equal(dataset.id.get_type().get_super()):
            raise UnreadableDataError(f"lists of {base} in a form of their own are not read", where=where)
        return "heap", np.dtype(object), "list"
    return "numbers", np.dtype(dtype if dtype.names or dtype.kind == "O" else dtype.newbyteorder("=")), "number"


def _is_plain(dataset: Any) -> bool:
    """Whether the bytes in the file are those of a numpy type, so that the library has nothing to convert."""
    h5py = library("h5py", "reading HDF5")
    return (
        bool(dataset.shape)
        and dataset.dtype.kind in "iuf"
        and dataset.file.userblock_size == 0
        and h5py.h5t.py_create(dataset.dtype).equal(dataset.id.get_type())
    )


def _recognises(path: Path, head: bytes) -> bool:
    # The signature may also stand behind a block of the user's own, of 512 bytes or a power of two times that.
    return (
        head.startswith(MAGIC)
        or any(head[place : place + 8] == MAGIC for place in (512, 1024, 2048))
        or (bool(head) and path.suffix.lower() in (".h5", ".hdf5", ".hdf", ".he5"))
    )


HDF5: Final = ArrayFormat(name="hdf5", recognises=_recognises, open=_open)
