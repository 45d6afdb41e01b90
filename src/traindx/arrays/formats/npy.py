"""NPY: one array of numpy, versions 1 to 3, in C or Fortran order."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast, final

import numpy as np

from traindx.arrays.converted import presented
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.raw import RawSource
from traindx.arrays.source import ArraySource
from traindx.errors import UnreadableDataError

MAGIC: Final = b"\x93NUMPY"
_MOST_HEADER_BYTES: Final = 1 << 20  # thousands of fields; numpy's own files need a hundred bytes
_LONG: Final = re.compile(r"(?<=\d)L(?=[,)])")  # whole numbers as Python 2 wrote them


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NpyHeader:
    """What stands before the values: their shape, type and order, and how many bytes they are away from the beginning."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    length: int


def read_header(file: IO[bytes], where: str) -> NpyHeader:
    """Return the header at the file's position. Raises ``UnreadableDataError``; never unpickles."""
    start = _exactly(file, 8, where)
    if not start.startswith(MAGIC) or start[6] not in (1, 2, 3):
        raise UnreadableDataError("does not begin as an NPY file of version 1, 2 or 3 does", where=where)
    counted = 2 if start[6] == 1 else 4
    size = int.from_bytes(_exactly(file, counted, where), "little")
    if size > _MOST_HEADER_BYTES:
        raise UnreadableDataError(f"its header claims to have {size:,} bytes", where=where)
    text = _exactly(file, size, where).decode("utf-8" if start[6] == 3 else "latin-1", "replace")
    header = _parsed(text, where)
    shape = cast("tuple[int, ...]", header["shape"])
    return NpyHeader(
        shape=shape,
        dtype=_dtype(header["descr"], where),
        fortran=bool(header["fortran_order"]),
        length=8 + counted + size,
    )


def _exactly(file: IO[bytes], count: int, where: str) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise UnreadableDataError("ends inside its header", where=where, hint="the file was cut off")
    return found


def _parsed(text: str, where: str) -> dict[str, object]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the parser, about odd text: it is refused below
            header: object = ast.literal_eval(_LONG.sub("", text).strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError) as error:
        raise UnreadableDataError("its header cannot be understood", where=where) from error
    if not isinstance(header, dict) or set(cast("dict[object, object]", header)) != {"descr", "fortran_order", "shape"}:
        raise UnreadableDataError("its header lacks descr, fortran_order or shape", where=where)
    found = cast("dict[str, object]", header)
    shape = found["shape"]
    if not isinstance(shape, tuple) or not all(type(extent) is int for extent in cast("tuple[object, ...]", shape)):
        raise UnreadableDataError(f"its header gives the shape {str(found['shape'])[:80]}", where=where)
    return found


def _dtype(description: object, where: str) -> np.dtype[Any]:
    try:
        dtype = np.lib.format.descr_to_dtype(cast("Any", description))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError) as error:
        raise UnreadableDataError(f"its header gives the type {str(description)[:80]}", where=where) from error
    if dtype.hasobject:
        raise UnreadableDataError(
            "an array of Python objects: it would have to be unpickled, which can run any code",
            where=where,
            hint="save numbers, or text as a fixed-width string type",
        )
    return dtype


def _open(path: Path) -> Iterator[ArraySource]:
    where = str(path)
    with path.open("rb") as file:
        header = read_header(file, where)
    yield from presented(
        RawSource(path, offset=header.length, shape=header.shape, dtype=header.dtype, fortran=header.fortran)
    )


NPY: Final = ArrayFormat(
    name="npy", recognises=lambda path, head: head.startswith(MAGIC) or path.suffix.lower() == ".npy", open=_open
)
