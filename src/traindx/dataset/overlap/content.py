"""What makes two rows the same: their content in one form, hashed block by block, and read again to be compared."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.overlap.hashing import (
    Words,
    float_words,
    hash_floats,
    hash_pieces,
    hash_words,
    joined_hash,
    packed,
)
from traindx.errors import UsageError

_BLOCK_BYTES = 4 << 20
_OBJECT_ROWS = 4096
"""Rows of text, bytes or images read at a time: their sizes are not known beforehand."""


@final
@dataclass(frozen=True, slots=True)
class Content:
    """The rows of one or several columns that are read side by side; rows are the same where every column is.

    ``dtypes`` holds what the numbers of each column are compared as (None: as they are), so that a copy in another precision agrees.
    """

    columns: tuple[ArraySource, ...]
    dtypes: tuple[np.dtype[Any] | None, ...]

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def where(self) -> str:
        """What errors and findings call it."""
        return ", ".join(column.where for column in self.columns)

    @property
    def row_bytes(self) -> int:
        """About how many bytes a row takes while it is compared."""
        return sum(column.row_bytes if column.kind == "number" else _OBJECT_BYTES for column in self.columns)


_OBJECT_BYTES = 1024
"""What a text, or an encoded string, is reckoned to take in memory; images are counted by the block that holds them."""


def content(
    sources: ArraySource | Sequence[ArraySource], dtypes: Sequence[np.dtype[Any] | None] | None = None
) -> Content:
    """Return the rows of one source, or of several of the same length."""
    columns = (sources,) if isinstance(sources, ArraySource) else tuple(sources)
    if not columns:
        raise UsageError("there is no column to compare", hint="name at least one")
    short = [column for column in columns if len(column) != len(columns[0])]
    if short:
        raise UsageError(
            f"{len(short[0])} rows stand beside {len(columns[0])}",
            where=short[0].where,
            hint="compare columns of one length",
        )
    return Content(columns, tuple(dtypes) if dtypes is not None else (None,) * len(columns))


def alike(one: Sequence[ArraySource], other: Sequence[ArraySource]) -> tuple[Content, Content]:
    """Return two sets of rows in a common form: of two precisions the coarser one, in which copies agree.

    Raises ``UsageError`` where the shapes differ, for then no row can be the same.
    """
    dtypes = [common_dtype(a, b) for a, b in zip(one, other, strict=True)]
    for a, b in zip(one, other, strict=True):
        if a.kind != b.kind or (a.kind == "number" and a.shape[1:] != b.shape[1:]):
            raise UsageError(
                f"rows of {a.shape[1:]} cannot be compared with rows of {b.shape[1:]}", where=f"{a.where} and {b.where}"
            )
    return content(one, dtypes), content(other, dtypes)


def common_dtype(one: ArraySource, other: ArraySource) -> np.dtype[Any] | None:
    """Return the dtype in which copies of the same numbers agree, None where both already share one.

    >>> from traindx.arrays import MemorySource
    >>> common_dtype(MemorySource(np.zeros(2, np.float32)), MemorySource(np.zeros(2)))
    dtype('float32')
    """
    if one.kind != "number" or other.kind != "number" or one.dtype == other.dtype:
        return None
    floats = [s.dtype for s in (one, other) if s.dtype.kind == "f"]
    if floats:
        return min(floats, key=lambda dtype: dtype.itemsize)
    return np.result_type(one.dtype, other.dtype)


def block_rows(rows: Content) -> int:
    """Return how many rows to read at a time: about 4 MiB, and whole blocks of the file where they are not far larger."""
    size = _OBJECT_ROWS
    for column in rows.columns:
        wanted = _BLOCK_BYTES // max(1, column.row_bytes) if column.kind == "number" else _OBJECT_ROWS
        if column.kind == "image":
            wanted = 64
        size = min(size, wanted) if column.kind != "number" else max(1, wanted)
        if column.block_rows > 1:
            size = (
                max(1, size // column.block_rows) * column.block_rows if column.block_rows < size else column.block_rows
            )
    return max(1, size)


def hashes(rows: Content, *, threads: int = 1) -> Iterator[Words]:
    """Yield the hashes of the rows in their order, a block at a time; blocks are read and hashed by several threads."""
    step, total = block_rows(rows), len(rows)
    starts = range(0, total, step)
    if threads <= 1:
        yield from (hash_block(rows, start, min(start + step, total)) for start in starts)
        return
    with ThreadPoolExecutor(threads) as pool:
        for begin in range(0, len(starts), 4 * threads):  # a few blocks ahead, never the whole file
            some = starts[begin : begin + 4 * threads]
            yield from pool.map(hash_block, repeat(rows), some, [min(start + step, total) for start in some])


def hash_block(rows: Content, start: int, stop: int) -> Words:
    """Return the hashes of the rows from ``start`` to before ``stop``."""
    return joined_hash(
        [column_hashes(c, c.read(start, stop), d) for c, d in zip(rows.columns, rows.dtypes, strict=True)]
    )


def column_hashes(column: ArraySource, block: NDArray[Any], dtype: np.dtype[Any] | None) -> Words:
    """Return the hashes of rows of one column that were read already."""
    if column.kind != "number":
        return hash_pieces(pieces(column, block))
    values = plain(block, dtype)
    return hash_floats(values) if values.dtype.kind == "f" else hash_words(packed(values))


def plain(block: NDArray[Any], dtype: np.dtype[Any] | None) -> NDArray[Any]:
    """Return rows of numbers as a matrix in the machine's byte order and a width that is hashed."""
    width = int(np.prod(block.shape[1:], dtype=np.int64))
    values: NDArray[Any] = block.reshape(len(block), width)
    if dtype is not None:
        with np.errstate(over="ignore", invalid="ignore"):
            values = values.astype(dtype)
    if not values.dtype.isnative:
        values = values.astype(values.dtype.newbyteorder("="))
    if values.dtype.kind == "c":
        values = np.ascontiguousarray(values).view(np.float32 if values.dtype.itemsize == 8 else np.float64)
    if values.dtype.kind == "f" and values.dtype.itemsize not in {4, 8}:
        values = values.astype(np.float32 if values.dtype.itemsize < 4 else np.float64)
    return values


def pieces(column: ArraySource, block: NDArray[Any]) -> list[bytes]:
    """Return each text, byte string, list or image as the bytes that stand for it."""
    if column.kind == "text":
        return [normal_text(str(value)).encode("utf-8", "surrogatepass") for value in block]
    if column.kind == "bytes":
        return [bytes(value) for value in block]
    return [_array_bytes(np.asarray(value)) for value in block]


def normal_text(text: str) -> str:
    r"""Return a text without what does not tell texts apart: composed characters, case folded, single spaces.

    >>> normal_text("  Cafe\u0301 \n NOIR ") == "caf\u00e9 noir"
    True
    """
    if text.isascii():
        plain = text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " "
        return text.lower() if plain else " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())


def _array_bytes(value: NDArray[Any]) -> bytes:
    shape = np.array(value.shape, dtype=np.int64).tobytes()
    if value.dtype.kind == "f":
        return shape + float_words(value.reshape(1, -1)).tobytes()
    return shape + np.ascontiguousarray(value).tobytes()


def gather(rows: Content, numbers: NDArray[np.int64]) -> tuple[Words | list[bytes], ...]:
    """Return the content of some rows, by rising numbers, column by column: words of numbers, bytes of everything else.

    Every block of the file that holds one of them is read once.
    """
    step = block_rows(rows)
    found = [
        [_pick(c, d, numbers[low:high]) for low, high in _cuts(numbers, step)]
        for c, d in zip(rows.columns, rows.dtypes, strict=True)
    ]
    return tuple(_stacked(parts) for parts in found)


def _cuts(numbers: NDArray[np.int64], step: int) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(numbers // step)) + 1
    bounds = [0, *edges.tolist(), len(numbers)]
    return list(pairwise(bounds))


def _pick(column: ArraySource, dtype: np.dtype[Any] | None, numbers: NDArray[np.int64]) -> Words | list[bytes]:
    first = int(numbers[0])
    block = column.read(first, int(numbers[-1]) + 1)[numbers - first]
    if column.kind != "number":
        return pieces(column, block)
    values = plain(block, dtype)
    return float_words(values) if values.dtype.kind == "f" else packed(values)


def _stacked(parts: list[Words | list[bytes]]) -> Words | list[bytes]:
    words = [part for part in parts if isinstance(part, np.ndarray)]
    if words:
        return np.concatenate(words)
    return [piece for part in parts if isinstance(part, list) for piece in part]
