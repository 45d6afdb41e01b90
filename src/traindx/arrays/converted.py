"""A source seen in another type: a field of a record, bfloat16 as float32, dates as seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.source import ArraySource, Kind
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import UnreadableDataError

Conversion = Callable[[NDArray[Any]], NDArray[Any]]


@final
class ConvertedSource(ArraySource):
    """Another source, with every block that is read passed through a function.

    The function keeps the rows, and raises ``ValueError`` for those that it cannot convert; ``row_shape`` and ``dtype`` are what it makes of a row. It is one of a module, or a partial of one,
    so that the source can be pickled.
    """

    def __init__(
        self,
        inner: ArraySource,
        convert: Conversion,
        dtype: np.dtype[Any],
        *,
        row_shape: tuple[int, ...] | None = None,
        name: str | None = None,
        where: str | None = None,
        kind: Kind = "number",
    ) -> None:
        self._inner, self._convert = inner, convert
        self.name = inner.name if name is None else name
        self.where = inner.where if where is None else where
        self.shape = (len(inner), *(inner.shape[1:] if row_shape is None else row_shape))
        self.dtype, self.kind, self.block_rows, self.table = dtype, kind, inner.block_rows, inner.table

    def chunk_end(self, row: int) -> int:
        """Return the end of the chunk of the other source."""
        return self._inner.chunk_end(row)

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:  # noqa: ARG002
        """Return the converted rows."""
        block = self._inner.read(start, stop)
        try:
            return self._convert(block)
        except ValueError as error:
            first, last = self.span(start, stop)
            raise UnreadableDataError(str(error), where=f"{self.where} rows {first}-{last - 1}") from error


def presented(source: ArraySource) -> Iterator[ArraySource]:
    """Yield the source as the columns that people reckon with: plain numbers, text or bytes.

    The fields of a record and the parts of a complex number become columns of their own. Python objects, which would have to be unpickled,
    become a source that refuses to be read.
    """
    dtype = source.dtype
    if dtype.names is not None:
        for field in dtype.names:
            yield from presented(_part(source, field, dtype[field]))
    elif dtype.kind == "c":
        real = np.dtype(np.float32 if dtype.itemsize == 8 else np.float64)
        yield _part(source, "real", real)
        yield _part(source, "imag", real)
    elif dtype.kind in "biuf" and dtype.itemsize <= 8:
        yield source
    elif dtype.kind in _SHOWN_AS:
        convert, shown, kind = _SHOWN_AS[dtype.kind]
        yield ConvertedSource(source, convert, np.dtype(shown), kind=kind)
    else:
        error = UnreadableDataError(
            f"values of type {dtype.name!r} are not numbers: Python objects are never unpickled",
            where=source.where,
            hint="save numbers, text or fields of them",
        )
        yield UnreadableSource(error, name=source.name, shape=source.shape)


def _part(source: ArraySource, part: str, dtype: np.dtype[Any]) -> ConvertedSource:
    named = f"{source.name}.{part}" if source.name else part
    where = f"{source.where}.{part}" if source.name else f"{source.where}:{part}"
    base, extra = dtype.subdtype or (dtype, ())
    convert = partial(_complex_part, part=part) if source.dtype.kind == "c" else partial(_field, field=part)
    return ConvertedSource(source, convert, base, row_shape=(*source.shape[1:], *extra), name=named, where=where)


def _field(block: NDArray[Any], field: str) -> NDArray[Any]:
    values = block[field]
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))


def _complex_part(block: NDArray[Any], part: str) -> NDArray[Any]:
    width = np.float32 if block.dtype.itemsize == 8 else np.float64
    return np.ascontiguousarray(np.real(block) if part == "real" else np.imag(block), dtype=width)


def _objects(block: NDArray[Any]) -> NDArray[Any]:
    return block.astype(object)


def _texts(block: NDArray[Any]) -> NDArray[Any]:
    if block.size and np.ascontiguousarray(block).view(np.uint32).max() > sys.maxunicode:
        raise ValueError("a text holds codes that are no characters")
    return block.astype(object)


def _wide(block: NDArray[Any]) -> NDArray[Any]:
    return block.astype(np.float64)


def seconds(block: NDArray[Any]) -> NDArray[Any]:
    """Return dates (or durations) as float64 seconds since 1970 (or in all), NaN where there is none.

    >>> seconds(np.array(["1970-01-02", "NaT"], dtype="datetime64[D]"))
    array([86400.,    nan])
    """
    unit, step = np.datetime_data(block.dtype)
    if unit in ("generic", "Y", "M"):  # no fixed number of seconds: days first
        unit, step = ("s", 1) if block.dtype.kind == "m" else ("D", 1)
        block = block.astype(f"{block.dtype.kind}8[{unit}]")
    ticks = block.view(np.int64).astype(np.float64) * (step * _SECONDS[unit])
    ticks[np.isnat(block)] = np.nan
    return ticks


_SECONDS = {
    "W": 604_800.0,
    "D": 86_400.0,
    "h": 3_600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "ns": 1e-9,
    "ps": 1e-12,
    "fs": 1e-15,
    "as": 1e-18,
}


def bfloat16(block: NDArray[Any]) -> NDArray[Any]:
    """Return the float32 numbers whose upper halves are the 16-bit words of ``block``.

    >>> bfloat16(np.array([0x3F80, 0xC000], dtype=np.uint16))
    array([ 1., -2.], dtype=float32)
    """
    words: NDArray[np.uint32] = np.left_shift(block, 16, dtype=np.uint32)
    return words.view(np.float32)


_SHOWN_AS: dict[str, tuple[Conversion, type, Kind]] = {
    "U": (_texts, object, "text"),
    "T": (_objects, object, "text"),
    "S": (_objects, object, "bytes"),
    "V": (_objects, object, "bytes"),
    "M": (seconds, np.float64, "number"),
    "m": (seconds, np.float64, "number"),
    "f": (_wide, np.float64, "number"),  # long doubles
}
