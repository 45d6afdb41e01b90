"""Parquet: every column by row groups, read in batches through pyarrow."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import guarded, library
from traindx.arrays.formats.arrow_columns import (
    ArrowColumn,
    arrow,
    as_matrix,
    columns_of,
    common_length,
    nullable,
    values_of,
)
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.parquet_footer import Leaf, RowGroup, row_groups
from traindx.arrays.grouped import GroupedSource, GroupLoader
from traindx.arrays.source import ArraySource, MemorySource
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import UnreadableDataError

MAGIC: Final = b"PAR1"
_BATCH_BYTES: Final = 4 << 20
_OBJECT_BYTES: Final = 1024  # reckoned for a text or a list
_BUFFERED_FROM: Final = 8 << 20  # column chunks larger than this in the file are read piece by piece
_CUT: Final = "the file was cut off, or is still being written"


@final
class ParquetHandle:
    """A file that each thread opens for itself when it first reads; the description of its contents is parsed once a process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begin()

    def __getstate__(self) -> Path:
        return self.path

    def __setstate__(self, state: Path) -> None:
        self.path = state
        self._begin()

    def _begin(self) -> None:
        self._own = threading.local()
        self._metadata: Any = None

    def get(self, *, buffered: bool) -> Any:
        """Return the file; ``buffered`` columns are read in pieces of a megabyte instead of whole."""
        key = f"file{buffered}"
        if getattr(self._own, "process", 0) != os.getpid():
            self._own = threading.local()
            self._own.process = os.getpid()
        if not hasattr(self._own, key):
            parquet = library("pyarrow.parquet", "reading Parquet")
            with guarded("is not a whole Parquet file", str(self.path), arrow().ArrowException, hint=_CUT):
                file = parquet.ParquetFile(
                    self.path,
                    metadata=self._metadata,
                    buffer_size=1 << 20 if buffered else 0,
                    pre_buffer=False,
                    page_checksum_verification=True,
                )
            self._metadata = file.metadata
            setattr(self._own, key, file)
        return getattr(self._own, key)


@final
@dataclass(frozen=True, slots=True)
class ParquetGroups(GroupLoader):
    """The row groups of one column."""

    handle: ParquetHandle
    column: ArrowColumn
    where: str
    starts: NDArray[np.int64]
    batch_rows: int
    buffered: bool

    def batches(self, group: int) -> Iterator[NDArray[Any]]:
        """Yield the rows of a row group in batches."""
        first, last = int(self.starts[group]), int(self.starts[group + 1])
        where = f"{self.where} row group {group}, rows {first}-{last - 1}"
        file = self.handle.get(buffered=self.buffered)
        batches = iter(())
        problem = "cannot be read"
        with guarded(problem, where, arrow().ArrowException):
            batches = file.iter_batches(
                self.batch_rows, row_groups=[group], columns=[self.column.path[0]], use_threads=False
            )
        while True:
            with guarded(problem, where, arrow().ArrowException):
                batch = next(batches, None)
                if batch is None:
                    return
                values = self._values(batch.column(0), where)
            yield values

    def _values(self, array: Any, where: str) -> NDArray[Any]:
        try:
            return values_of(self.column, array)
        except UnreadableDataError as error:
            raise UnreadableDataError(error.problem, where=where, hint=error.hint) from error


def _open(path: Path) -> Iterator[ArraySource]:
    handle = ParquetHandle(path)
    where = str(path)
    groups = row_groups(path)
    file = handle.get(buffered=False)
    with guarded("its description cannot be read", where, arrow().ArrowException):
        columns = list(columns_of(file.schema_arrow))
    starts = np.concatenate([[0], np.cumsum([group.rows for group in groups], dtype=np.int64)]).astype(np.int64)
    for column in columns:
        yield _source(handle, column, starts, [_below(group, column.path) for group in groups])


def _below(group: RowGroup, path: tuple[str, ...]) -> list[Leaf]:
    """Return the columns of a row group at or below a path."""
    return [leaf for leaf in group.leaves if leaf.path[: len(path)] == path]


def _source(
    handle: ParquetHandle, column: ArrowColumn, starts: NDArray[np.int64], found: list[list[Leaf]]
) -> ArraySource:
    where = f"{handle.path}:{column.name}"
    if column.refused:
        return UnreadableSource(
            UnreadableDataError(column.refused, where=where), name=column.name, shape=(int(starts[-1]),)
        )
    buffered = any(leaf.compressed_bytes > _BUFFERED_FROM for group in found for leaf in group)
    if any(leaf.missing != 0 for group in found for leaf in group):  # or the file does not say
        column = nullable(column)
    try:
        with guarded("cannot be read", where, arrow().ArrowException):
            if column.ragged:
                column = _measured(handle, column, starts, [sum(leaf.values for leaf in group) for group in found])
    except UnreadableDataError as error:
        return UnreadableSource(error, name=column.name, shape=(int(starts[-1]),))
    if not starts[-1]:
        return MemorySource(
            np.empty((0, *column.row_shape), dtype=column.dtype), name=column.name, where=where, kind=column.kind
        )
    row_bytes = max(1, int(np.prod(column.row_shape)) * column.dtype.itemsize)
    batch_rows = max(64, _BATCH_BYTES // (row_bytes if column.kind == "number" else _OBJECT_BYTES))
    loader = ParquetGroups(handle, column, where, starts, batch_rows, buffered)
    return GroupedSource(
        loader,
        starts=starts,
        row_shape=column.row_shape,
        dtype=column.dtype,
        name=column.name,
        where=where,
        kind=column.kind,
    )


def _measured(handle: ParquetHandle, column: ArrowColumn, starts: NDArray[np.int64], counts: list[int]) -> ArrowColumn:
    """Return lists as rows of an array where the first have one length, and all row groups as many values as that makes."""
    group = int(np.argmax(np.diff(starts) > 0)) if starts[-1] else 0
    if not starts[-1]:
        return column
    file = handle.get(buffered=True)
    batches = file.iter_batches(256, row_groups=[group], columns=[column.path[0]], use_threads=False)
    batch = next(batches, None)
    if batch is None:
        raise UnreadableDataError("a row group has no rows", where=f"{handle.path}:{column.name} row group {group}")
    batch = batch.column(0)
    length = common_length(column, batch)
    if length < 0 or any(count != rows * length for count, rows in zip(counts, np.diff(starts).tolist(), strict=True)):
        return column
    matrix = as_matrix(column, batch, length)
    return matrix if matrix.dtype.kind == "f" else replace(matrix, ragged=False)


PARQUET: Final = ArrayFormat(
    name="parquet",
    recognises=lambda path, head: head.startswith(MAGIC) or (bool(head) and path.suffix.lower() in (".parquet", ".pq")),
    open=_open,
)
