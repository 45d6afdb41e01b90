"""NPZ: several arrays of numpy in a zip archive, stored or deflated, larger than memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.converted import presented
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.npy import MAGIC, NpyHeader, read_header
from traindx.arrays.inflating import DeflatedSpan, Inflating
from traindx.arrays.raw import RawSource, check_room, make_native
from traindx.arrays.source import ArraySource, buffer_for
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import UnreadableDataError

_HEAD_BYTES: Final = (1 << 20) + 12  # the longest NPY header that is read
_BLOCK_BYTES: Final = 4 << 20
_LOCAL_HEADER_BYTES: Final = 30
_ENCRYPTED: Final = 1


@final
class InflatedSource(ArraySource):
    """An array in C or Fortran order inside a deflated stream."""

    def __init__(self, stream: Inflating, header: NpyHeader, *, name: str, where: str) -> None:
        self._stream, self._header = stream, header
        self.name, self.where = name, where
        self.shape, self.dtype = header.shape or (1,), header.dtype.newbyteorder("=")
        self.block_rows = max(1, _BLOCK_BYTES // max(1, self.row_bytes))

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows, inflated."""
        start, stop = self.span(start, stop)
        block = buffer_for(self, stop - start, out)
        if not block.size:
            return block
        where = f"{self.where} rows {start}-{stop - 1}"
        if self._header.fortran and len(self.shape) > 1:
            block[...] = self._gathered(start, stop, where)
        else:
            self._stream.fill(self._header.length + start * self.row_bytes, block, where=where)
        make_native(block, self._header.dtype)
        return block

    def _gathered(self, start: int, stop: int, where: str) -> NDArray[Any]:
        """Return the rows from every column: in this order the stream is inflated whole for each block."""
        columns = np.empty((self.row_bytes // self.dtype.itemsize, stop - start), dtype=self.dtype)
        for number, column in enumerate(columns):
            self._stream.fill(
                self._header.length + (number * len(self) + start) * self.dtype.itemsize, column, where=where
            )
        return columns.reshape(*self.shape[:0:-1], stop - start).transpose()


def _open(path: Path) -> Iterator[ArraySource]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, LookupError, EOFError) as error:
        raise UnreadableDataError(
            f"is not a whole zip archive: {error}".lower(), where=str(path), hint="the file was cut off"
        ) from error
    found = False
    for member in members:
        if member.filename.endswith(".npy"):
            found = True
            yield from _presented_member(path, member)
    if not found:
        raise UnreadableDataError("holds no arrays (members that end in .npy)", where=str(path))


def _presented_member(path: Path, member: zipfile.ZipInfo) -> Iterator[ArraySource]:
    name = member.filename.removesuffix(".npy")
    try:
        yield from presented(_member(path, member, name, f"{path}:{name}"))
    except UnreadableDataError as error:
        yield UnreadableSource(error, name=name)


def _member(path: Path, member: zipfile.ZipInfo, name: str, where: str) -> ArraySource:
    offset = _data_offset(path, member, where)
    if member.compress_type == zipfile.ZIP_STORED:
        with path.open("rb") as file:
            _ = file.seek(offset)
            header = read_header(file, where)
        check_room(header.shape, header.dtype, member.file_size - header.length, where)
        return RawSource(
            path,
            offset=offset + header.length,
            shape=header.shape,
            dtype=header.dtype,
            fortran=header.fortran,
            name=name,
            where=where,
        )
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise UnreadableDataError(f"is compressed by method {member.compress_type}, not deflated", where=where)
    span = DeflatedSpan(
        path=path, offset=offset, compressed=member.compress_size, inflated=member.file_size, crc=member.CRC
    )
    stream = Inflating(span, where=where)
    header = read_header(io.BytesIO(_head(stream, member.file_size, where)), where)
    check_room(header.shape, header.dtype, member.file_size - header.length, where)
    return InflatedSource(stream, header, name=name, where=where)


def _head(stream: Inflating, size: int, where: str) -> bytes:
    """Return the beginning of the member: first what every header fits in, and more where it says that it has more."""
    start = np.empty(min(size, 128), dtype=np.uint8)
    stream.fill(0, start, where=where)
    begin = start.tobytes()
    counted = 2 if begin[6:7] == b"\x01" else 4
    wanted = 8 + counted + int.from_bytes(begin[8 : 8 + counted], "little")
    if begin.startswith(MAGIC) and len(begin) < wanted <= min(size, _HEAD_BYTES):
        start = np.empty(wanted, dtype=np.uint8)
        stream.fill(0, start, where=where)
    return start.tobytes()


def _data_offset(path: Path, member: zipfile.ZipInfo, where: str) -> int:
    """Return where the member's bytes begin: behind its own header, whose length only that header tells."""
    if member.flag_bits & _ENCRYPTED:
        raise UnreadableDataError("is encrypted", where=where)
    with path.open("rb") as file:
        _ = file.seek(member.header_offset)
        local = file.read(_LOCAL_HEADER_BYTES)
        held = file.seek(0, io.SEEK_END)
    if len(local) < _LOCAL_HEADER_BYTES or not local.startswith(b"PK\x03\x04"):
        raise UnreadableDataError("the archive's list points to no member", where=where)
    lengths = int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
    offset = member.header_offset + _LOCAL_HEADER_BYTES + lengths
    if offset + member.compress_size > held:
        raise UnreadableDataError("reaches beyond the end of the file", where=where, hint="the file was cut off")
    return offset


def _recognises(path: Path, head: bytes) -> bool:
    return path.suffix.lower() == ".npz" and (head.startswith(b"PK") or not head.startswith(MAGIC))


NPZ: Final = ArrayFormat(name="npz", recognises=_recognises, open=_open)
