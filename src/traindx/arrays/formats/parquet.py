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
    file = handle.get(buffered=False)
    where = str(path)
    with guarded("its description cannot be read", where, arrow().ArrowException):
        metadata = file.metadata
        counts = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
        columns = list(columns_of(file.schema_arrow))
        leaves = _Leaves(file)
    if any(count < 0 for count in counts):
        raise UnreadableDataError("a row group has fewer than no rows", where=where)
    starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
    for column in columns:
        yield _source(handle, column, starts, leaves)


@final
class _Leaves:
    """What the file says of its columns below all structures and lists."""

    def __init__(self, file: Any) -> None:
        self._metadata = file.metadata
        self._paths = [file.schema.column(number).path for number in range(len(file.schema.names))]

    def below(self, path: tuple[str, ...]) -> list[list[Any]]:
        """Return for each row group the descriptions of the columns at or below a path."""
        whole = ".".join(path)
        numbers = [n for n, leaf in enumerate(self._paths) if leaf == whole or leaf.startswith(whole + ".")]
        groups = range(self._metadata.num_row_groups)
        return [[self._metadata.row_group(group).column(number) for number in numbers] for group in groups]


def _source(handle: ParquetHandle, column: ArrowColumn, starts: NDArray[np.int64], leaves: _Leaves) -> ArraySource:
    where = f"{handle.path}:{column.name}"
    if column.refused:
        return UnreadableSource(
            UnreadableDataError(column.refused, where=where), name=column.name, shape=(int(starts[-1]),)
        )
    buffered = False
    try:
        with guarded("its description cannot be read", where, arrow().ArrowException):
            found = leaves.below(column.path)
            if not all(_is_full(leaf) for group in found for leaf in group):
                column = nullable(column)
            buffered = any(leaf.total_compressed_size > _BUFFERED_FROM for group in found for leaf in group)
            if column.ragged:
                column = _measured(handle, column, starts, [sum(leaf.num_values for leaf in group) for group in found])
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


def _is_full(leaf: Any) -> bool:
    """Whether the file says that no value of the column is missing."""
    statistics = leaf.statistics
    return statistics is not None and bool(statistics.has_null_count) and statistics.null_count == 0


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
