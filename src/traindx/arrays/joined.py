"""Several arrays, one after the other, as one: the shards of a dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.converted import ConvertedSource
from traindx.arrays.source import ArraySource, buffer_for
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import UnreadableDataError


@final
class JoinedSource(ArraySource):
    """The rows of all parts, in their order; the parts have one type and one shape of rows."""

    def __init__(self, parts: Sequence[ArraySource], *, name: str, where: str) -> None:
        self._parts = tuple(parts)
        self._starts = np.concatenate([[0], np.cumsum([len(part) for part in parts], dtype=np.int64)]).astype(np.int64)
        first = parts[0]
        self.name, self.where = name, where
        self.shape, self.dtype, self.kind = (int(self._starts[-1]), *first.shape[1:]), first.dtype, first.kind
        self.block_rows = max(part.block_rows for part in parts)
        self.table = where.removesuffix(f":{name}") if any(part.table for part in parts) else ""

    def chunk_end(self, row: int) -> int:
        """Return the end of the part's own chunk."""
        part, first = self._at(row)
        return first + part.chunk_end(row - first)

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows, of as many parts as they lie in."""
        start, stop = self.span(start, stop)
        if start == stop:
            return buffer_for(self, 0, out)
        part, first = self._at(start)
        if stop <= first + len(part):
            return part.read(start - first, stop - first, out=out)
        result = buffer_for(self, stop - start, out)
        place = start
        while place < stop:
            part, first = self._at(place)
            end = min(stop, first + len(part))
            target = result[place - start : end - start]
            found = part.read(place - first, end - first, out=target)
            if not np.may_share_memory(found, target):
                target[...] = found
            place = end
        return result

    def _at(self, row: int) -> tuple[ArraySource, int]:
        number = int(np.searchsorted(self._starts, row, side="right")) - 1
        return self._parts[number], int(self._starts[number])


def joined(parts: Sequence[Sequence[ArraySource]], *, prefix: str, place: str) -> Iterator[ArraySource]:
    """Yield the arrays that several files have in common, each as one over all files, by name.

    An array that a file lacks, or has in another shape, is a source that refuses to be read and names that file.
    """
    names = list(dict.fromkeys(source.name for sources in parts for source in sources))
    tables = [{source.name: source for source in sources} for sources in parts]
    places = [sources[0].where.removesuffix(f":{sources[0].name}") for sources in parts]
    for name in names:
        own = "/".join(filter(None, (prefix, name)))
        where = f"{place}:{own}" if own else place
        lacking = [file for file, table in zip(places, tables, strict=True) if name not in table]
        if lacking:
            error = UnreadableDataError(f"is in other files and not in {lacking[0]}", where=where)
            yield UnreadableSource(error, name=own)
            continue
        yield _joined([table[name] for table in tables], own, where)


def _joined(parts: list[ArraySource], name: str, where: str) -> ArraySource:
    refused = next((part for part in parts if isinstance(part, UnreadableSource)), None)
    if refused is not None:
        return UnreadableSource(refused.error, name=name, shape=(sum(len(part) for part in parts),))
    first = parts[0]
    for part in parts:
        if part.shape[1:] != first.shape[1:] or part.kind != first.kind:
            error = UnreadableDataError(
                f"has rows of shape {part.shape[1:]} ({part.kind}), and {first.where} of {first.shape[1:]} ({first.kind})",
                where=part.where,
            )
            return UnreadableSource(error, name=name)
    dtype = np.result_type(*(part.dtype for part in parts)) if first.kind == "number" else first.dtype
    return JoinedSource([_as(part, dtype) for part in parts], name=name, where=where)


def _as(part: ArraySource, dtype: np.dtype[Any]) -> ArraySource:
    return part if part.dtype == dtype else ConvertedSource(part, partial(_cast, dtype=dtype), dtype, kind=part.kind)


def _cast(block: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    return block.astype(dtype)
