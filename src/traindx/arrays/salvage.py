"""Reading on past a damaged place: what can be had of some rows, and what cannot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

from numpy.typing import NDArray

from traindx.arrays.source import ArraySource
from traindx.errors import UnreadableDataError


@final
@dataclass(frozen=True, slots=True)
class Lost:
    """The rows from ``start`` to before ``stop`` that could not be read, and why."""

    start: int
    stop: int
    error: UnreadableDataError


def read_around(
    source: ArraySource, start: int, stop: int, *, out: NDArray[Any] | None = None
) -> Iterator[tuple[int, NDArray[Any]] | Lost]:
    """Yield the rows in order, as one block with its first row; around damaged chunks as several blocks, with what was lost between them.

    A block is to be used before the next is asked for, where ``out`` is given. Rows fail together by chunk: ranges that fail are halved at the ends of
    chunks, so that one bad chunk among n costs some log n further reads.
    """
    start, stop = source.span(start, stop)
    if start == stop:
        return
    try:
        block = source.read(start, stop, out=out)
    except UnreadableDataError as error:
        yield from _halves(source, start, stop, out, error)
    else:
        yield start, block


def _halves(
    source: ArraySource, start: int, stop: int, out: NDArray[Any] | None, error: UnreadableDataError
) -> Iterator[tuple[int, NDArray[Any]] | Lost]:
    middle = source.chunk_end((start + stop) // 2)
    if middle >= stop:
        middle = source.chunk_end(start)
    if middle < stop:
        yield from read_around(source, start, middle, out=out)
        yield from read_around(source, middle, stop, out=out)
    else:
        yield Lost(start, stop, error)
