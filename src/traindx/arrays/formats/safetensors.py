"""Safetensors: named tensors behind a header in JSON, read without the library."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import shown
from traindx.arrays.converted import ConvertedSource, bfloat16, presented
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.raw import RawSource
from traindx.arrays.source import ArraySource
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import UnreadableDataError

_MOST_HEADER_BYTES: Final = 100_000_000  # the format's own limit
_STORED: Final[Mapping[str, str]] = {
    "BOOL": "?",
    "U8": "u1",
    "I8": "i1",
    "U16": "<u2",
    "I16": "<i2",
    "U32": "<u4",
    "I32": "<i4",
    "U64": "<u8",
    "I64": "<i8",
    "F16": "<f2",
    "BF16": "<u2",
    "F32": "<f4",
    "F64": "<f8",
    "C64": "<c8",
    "F8_E5M2": "u1",
    "F8_E4M3": "u1",
}


def float8_e5m2(block: NDArray[Any]) -> NDArray[Any]:
    """Return 8-bit floats with five bits of exponent as float32: they are the upper halves of 16-bit floats.

    >>> float8_e5m2(np.array([0x3C, 0xC0, 0x7C], dtype=np.uint8))
    array([ 1., -2., inf], dtype=float32)
    """
    words: NDArray[np.uint16] = np.left_shift(block, 8, dtype=np.uint16)
    return words.view(np.float16).astype(np.float32)


def float8_e4m3(block: NDArray[Any]) -> NDArray[Any]:
    """Return 8-bit floats with four bits of exponent as float32; they have NaN and no infinity (Micikevicius and others 2022).

    >>> float8_e4m3(np.array([0x38, 0xC0, 0x7E, 0x7F, 0x01], dtype=np.uint8)).tolist()
    [1.0, -2.0, 448.0, nan, 0.001953125]
    """
    codes = np.arange(128)
    exponent, fraction = codes >> 3, codes & 7
    values = np.where(exponent > 0, np.ldexp(1 + fraction / 8, exponent - 7), np.ldexp(fraction / 8, -6))
    values[127] = np.nan
    table = np.concatenate([values, -values]).astype(np.float32)
    values32: NDArray[np.float32] = table[block]
    return values32


_CONVERTED: Final = {"BF16": bfloat16, "F8_E5M2": float8_e5m2, "F8_E4M3": float8_e4m3}


def _open(path: Path) -> Iterator[ArraySource]:
    header, begin = _header(path)
    size = path.stat().st_size - begin
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        where = f"{path}:{name}"
        try:
            yield from _tensor(path, name, where, entry, begin, size)
        except UnreadableDataError as error:
            yield UnreadableSource(error, name=name)


def _header(path: Path) -> tuple[dict[str, object], int]:
    where = str(path)
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(_MOST_HEADER_BYTES, path.stat().st_size - 8):
            raise UnreadableDataError(f"its header claims to have {length:,} bytes", where=where)
        text = file.read(length)
    try:
        header: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableDataError(f"its header is no JSON: {shown(error)}", where=where) from error
    if not isinstance(header, dict):
        raise UnreadableDataError("its header is no table of tensors", where=where)
    return cast("dict[str, object]", header), 8 + length


def _tensor(path: Path, name: str, where: str, entry: object, begin: int, size: int) -> Iterator[ArraySource]:
    code, shape, first, last = _checked(entry, where)
    dtype = np.dtype(_STORED[code])
    if not 0 <= first <= last <= size:
        raise UnreadableDataError(
            f"lies at bytes {first:,} to {last:,} and the file holds {max(0, size):,} behind its header",
            where=where,
            hint="the file was cut off",
        )
    if math.prod(shape) * dtype.itemsize != last - first:
        raise UnreadableDataError(f"has {last - first:,} bytes, which the shape {shape} does not fit", where=where)
    raw = RawSource(path, offset=begin + first, shape=shape, dtype=dtype, name=name, where=where)
    if code in _CONVERTED:
        yield ConvertedSource(raw, _CONVERTED[code], np.dtype(np.float32))
    elif code == "C64":
        yield from presented(raw)
    else:
        yield raw


def _checked(entry: object, where: str) -> tuple[str, tuple[int, ...], int, int]:
    found = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    code = str(found.get("dtype"))
    shape, offsets = _counts(found.get("shape")), _counts(found.get("data_offsets"))
    if shape is None or offsets is None or len(offsets) != 2:
        raise UnreadableDataError("its entry in the header lacks a shape or a place", where=where)
    if code not in _STORED:
        raise UnreadableDataError(f"values of type {code[:20]!r} are not read", where=where)
    return code, shape, offsets[0], offsets[1]


def _counts(found: object) -> tuple[int, ...] | None:
    if not isinstance(found, list):
        return None
    values = cast("list[object]", found)
    if not all(type(value) is int and 0 <= value < 1 << 62 for value in values):
        return None
    return tuple(cast("list[int]", values))


def _recognises(path: Path, head: bytes) -> bool:
    return path.suffix.lower() == ".safetensors" or (head[8:10] == b'{"' and head[5:8] == b"\0\0\0")


SAFETENSORS: Final = ArrayFormat(name="safetensors", recognises=_recognises, open=_open)
