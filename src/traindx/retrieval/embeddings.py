"""Rows of embeddings that were looked at: their lengths are known, and none is missing, endless or zero."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from traindx.arrays import ArraySource, MemorySource, from_memory
from traindx.errors import UsageError
from traindx.retrieval.pairwise import row_dots
from traindx.retrieval.ranking import Similarity

_BLOCK_BYTES = 4 << 20
"""How much of the rows is looked at at a time."""

_SHOWN_ROWS = 5

_SAFE_LENGTHS = (1e-30, 1e30)
"""Between these, the inverse of a length is a float32 number with all its digits."""


@final
@dataclass(frozen=True, slots=True)
class Embeddings:
    """One side of a ranking: rows of numbers (N, D), each with its Euclidean length in float64.

    ``exponent`` belongs to the dot product: rows are divided by two to its power, so that no product leaves the range of float32;
    that changes no digit and no order. ``first`` is the number, in the whole, of the first row: a part of a side, in another process, counts
    its rows as the whole does.
    """

    source: ArraySource
    lengths: NDArray[np.float64]
    similarity: Similarity
    exponent: int = 0
    first: int = 0

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def dim(self) -> int:
        """How many numbers a row has."""
        return self.source.shape[1]

    @property
    def in_memory(self) -> bool:
        """Whether all rows are in memory (or mapped there) in a form that needs no conversion."""
        if not isinstance(self.source, MemorySource) or not self.source.array.flags.c_contiguous:
            return False
        return plain_rows(self.source.array[:1]).dtype == self.source.dtype

    @property
    def weights(self) -> NDArray[np.float64]:
        """The length of each row as it enters a product: 1 under cosine, at most 1 under the dot product."""
        return np.ones(len(self)) if self.similarity == "cosine" else np.ldexp(self.lengths, -self.exponent)

    @property
    def heaviest(self) -> float:
        """The largest of ``weights``."""
        return 1.0 if self.similarity == "cosine" else float(np.ldexp(self.lengths.max(initial=0.0), -self.exponent))

    def part(self, start: int, stop: int, source: ArraySource | None = None) -> Embeddings:
        """Return the rows from ``start`` to before ``stop`` as embeddings of their own, read from ``source`` where they lie there alone."""
        inside = slice(start - self.first, stop - self.first)
        part = _Window(self.source, inside.start, inside.stop) if source is None else source
        return replace(self, source=part, lengths=self.lengths[inside], first=start)

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return the rows as they are stored."""
        return plain_rows(self.source.read(start - self.first, stop - self.first))

    def lengths_of(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the lengths of these rows."""
        return self.lengths[rows - self.first]

    def scaled(self, rows: NDArray[Any], lengths: NDArray[np.float64], out: NDArray[np.float32]) -> NDArray[np.float32]:
        """Write ``rows`` to ``out`` as they enter a product in float32: of length 1, or divided by two to ``exponent``."""
        if self.similarity == "dot":
            return _times(rows, np.full(len(rows), 2.0**-self.exponent), out)
        return _times(rows, 1.0 / lengths, out)

    def scaled_exactly(self, rows: NDArray[Any], lengths: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``rows`` as they enter a product in float64."""
        wide = rows.astype(np.float64)
        return np.ldexp(wide, -self.exponent) if self.similarity == "dot" else wide / lengths[:, None]

    def rows(self, which: NDArray[np.int64]) -> NDArray[Any]:
        """Return the rows of these numbers, in their order: from a file, every block that holds one of them is read once."""
        if isinstance(self.source, MemorySource):
            return plain_rows(self.source.array[which])
        order = np.argsort(which, kind="stable")
        wanted = which[order]
        found = np.empty((len(which), self.dim), dtype=self.source.dtype)
        for start, stop in blocks(len(self), _rows_at_a_time(self.source)):
            first, last = np.searchsorted(wanted, (start, stop))
            if first < last:
                found[order[first:last]] = self.source.read(start, stop)[wanted[first:last] - start]
        return plain_rows(found)


@final
class _Window(ArraySource):
    """Some rows of another source."""

    def __init__(self, inner: ArraySource, start: int, stop: int) -> None:
        self._inner, self._start = inner, start
        self.name, self.where, self.kind = inner.name, inner.where, inner.kind
        self.shape, self.dtype = (stop - start, *inner.shape[1:]), inner.dtype
        self.block_rows = inner.block_rows

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows of the other source."""
        return self._inner.read(self._start + start, self._start + stop, out=out)


def embeddings(given: ArraySource | ArrayLike, similarity: Similarity, *, what: str) -> Embeddings:
    """Look at every row once: its length, and whether it can be ranked at all.

    ``what`` is how errors call the side ("queries", "gallery"). Raises ``UsageError`` where it is not a table of numbers, or where rows hold NaN, an
    infinity or nothing but zeros; the error names the first of them.
    """
    source = as_source(given, what)
    _check_shape(source, what)
    lengths = np.empty(source.shape[0], dtype=np.float64)
    for start, stop in blocks(len(lengths), _rows_at_a_time(source)):
        rows = plain_rows(source.read(start, stop))
        with np.errstate(over="ignore", invalid="ignore"):  # such rows are refused below
            lengths[start:stop] = np.sqrt(row_dots(rows, rows))
    _refuse_odd_rows(source, lengths, what)
    exponent = 0 if similarity == "cosine" else math.frexp(float(lengths.max()))[1]
    return Embeddings(source, lengths, similarity, exponent)


def as_source(given: ArraySource | ArrayLike, what: str) -> ArraySource:
    """Return the array as a source: sources stay as they are, tensors are taken as they lie in memory."""
    if isinstance(given, ArraySource):
        return given
    if str(getattr(given, "dtype", "")) == "bfloat16":  # JAX's, whose numpy type numpy itself does not know
        return MemorySource(np.asarray(given).astype(np.float32), where=what)
    return from_memory(np.asarray(given) if isinstance(given, list | tuple) else given, where=what)


def plain_rows(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the rows as numbers that machine code knows: float32 and float64 stay, all others become the narrower that holds them."""
    rows = np.asarray(rows)  # a mapped file shows itself as its own class
    if rows.dtype.name in {"float32", "float64"} and rows.dtype.isnative:
        return rows
    wide = rows.dtype.kind in "iuf" and rows.dtype.itemsize > 2
    return rows.astype(np.float64 if wide else np.float32)


def blocks(total: int, step: int) -> Iterator[tuple[int, int]]:
    """Return the first and the end of each block of ``step`` rows."""
    for start in range(0, total, step):
        yield start, min(start + step, total)


def _rows_at_a_time(source: ArraySource) -> int:
    rows = max(1, _BLOCK_BYTES // max(1, source.row_bytes))
    return max(source.block_rows, rows // source.block_rows * source.block_rows)


def _times(rows: NDArray[Any], factors: NDArray[np.float64], out: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = _SAFE_LENGTHS
    narrow = rows.dtype == np.float32 and bool(np.all((factors > low) & (factors < high)))
    kept = factors.astype(np.float32) if narrow else factors
    np.multiply(rows, kept[:, None], out=out, casting="same_kind")
    return out


def _check_shape(source: ArraySource, what: str) -> None:
    if source.kind != "number" or not _numbers(source.dtype):
        held = source.dtype if source.kind == "number" else source.kind
        raise UsageError(
            f"{what} {'hold' if what == 'queries' else 'holds'} {held}, not numbers",
            where=source.where,
            hint="a row is one embedding",
        )
    if len(source.shape) != 2:
        raise UsageError(
            f"{what}: must have two axes, rows and dimensions, and not the shape {source.shape}", where=source.where
        )
    if 0 in source.shape:
        raise UsageError(f"{what}: empty ({source.shape[0]} rows of {source.shape[1]} numbers)", where=source.where)


def _numbers(dtype: np.dtype[Any]) -> bool:
    return dtype.kind in "fiub" or dtype.name in {"bfloat16", "float8_e4m3fn", "float8_e5m2"}


def _refuse_odd_rows(source: ArraySource, lengths: NDArray[np.float64], what: str) -> None:
    odd = np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))
    if not len(odd):
        return
    kinds: dict[str, list[int]] = {}
    for row in odd:
        kinds.setdefault(_kind_of_row(source, int(row), float(lengths[row])), []).append(int(row))
    problem = "; ".join(
        f"{len(rows):,} of {len(lengths):,} rows of {what} {kind}: {_list(rows)}" for kind, rows in kinds.items()
    )
    raise UsageError(
        problem, where=source.where, hint="a rank among them would be made up: mend or leave out these rows first"
    )


def _kind_of_row(source: ArraySource, row: int, length: float) -> str:
    if length == 0:
        return "are zero"
    numbers = plain_rows(source.read(row, row + 1))
    if np.isnan(numbers).any():
        return "hold NaN"
    return "hold an infinity" if np.isinf(numbers).any() else "are too long for float64"


def _list(rows: list[int]) -> str:
    more = ", ..." if len(rows) > _SHOWN_ROWS else ""
    return "row" + "s" * (len(rows) > 1) + " " + ", ".join(map(str, rows[:_SHOWN_ROWS])) + more
