"""Arrow files and streams (also called Feather): every column by record batches, from a memory map that is let go after each batch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import guarded
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

FILE_MAGIC: Final = b"ARROW1"
STREAM_MAGIC: Final = b"\xff\xff\xff\xff"
_CUT: Final = "the file was cut off, or is still being written"


@final
@dataclass(frozen=True, slots=True)
class Batches:
    """Where the record batches of a file begin, in bytes; none where dictionaries stand between them and the library has to find its way."""

    path: Path
    is_file: bool
    places: tuple[int, ...]

    def batch(self, number: int, where: str) -> Any:
        """Return one record batch, mapped."""
        pa = arrow()
        with guarded("cannot be read", where, pa.ArrowException):
            mapped = pa.memory_map(str(self.path))
            if self.is_file:
                return pa.ipc.open_file(mapped).get_batch(number)
            reader = pa.ipc.open_stream(mapped)
            if self.places:
                mapped.seek(self.places[number])
                return pa.ipc.read_record_batch(pa.ipc.read_message(mapped), reader.schema)
            for _ in range(number):
                _ = reader.read_next_batch()
            return reader.read_next_batch()


@final
class KeptBatch(threading.local):
    """The batch that this thread mapped last, shared by the columns of a file; nothing of it is pickled."""

    def __init__(self, batches: Batches) -> None:
        self.batches = batches
        self.number = -1
        self.batch: Any = None

    def get(self, number: int, where: str) -> Any:
        """Return a batch."""
        if self.number != number:
            self.number, self.batch = -1, None
            self.batch = self.batches.batch(number, where)
            self.number = number
        return self.batch

    def __reduce__(self) -> tuple[type[KeptBatch], tuple[Batches]]:
        return KeptBatch, (self.batches,)


@final
@dataclass(frozen=True, slots=True)
class ArrowGroups(GroupLoader):
    """The record batches of one column."""

    kept: KeptBatch
    column: ArrowColumn
    number: int
    where: str

    def batches(self, group: int) -> Iterator[NDArray[Any]]:
        """Yield the rows of a record batch."""
        where = f"{self.where} record batch {group}"
        try:
            with guarded("cannot be read", where, arrow().ArrowException):
                values = values_of(self.column, self.kept.get(group, where).column(self.number))
        except UnreadableDataError as error:
            raise UnreadableDataError(error.problem, where=where, hint=error.hint) from error
        yield values


def _open(path: Path) -> Iterator[ArraySource]:
    yield from arrow_sources(path)


def arrow_sources(path: Path) -> Iterator[ArraySource]:
    """Yield every column of an Arrow file or stream. Raises ``UnreadableDataError``."""
    pa = arrow()
    with guarded("is not a whole Arrow file", str(path), pa.ArrowException, hint=_CUT):
        with path.open("rb") as file:
            is_file = file.read(6) == FILE_MAGIC
        schema, found = _walked(path, is_file=is_file)
        columns = list(columns_of(schema))
    counts = [rows for rows, _, _ in found]
    starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
    places = () if is_file or _has_dictionaries(schema) else tuple(place for _, place, _ in found)
    kept = KeptBatch(Batches(path, is_file, places))
    missing = {name for _, _, names in found for name in names}
    for column in columns:
        yield _source(kept, column, schema.names.index(column.path[0]), starts, missing)


def _walked(path: Path, *, is_file: bool) -> tuple[Any, list[tuple[int, int, tuple[str, ...]]]]:
    """Return the schema, and for each record batch its rows, its place in a stream, and the columns with missing values.

    Only descriptions are read: the values of a memory map stay in the file until they are asked for.
    """
    pa = arrow()
    found: list[tuple[int, int, tuple[str, ...]]] = []
    with pa.memory_map(str(path)) as mapped:
        reader = pa.ipc.open_file(mapped) if is_file else pa.ipc.open_stream(mapped)
        schema = reader.schema
        if is_file:
            return schema, [_described(reader.get_batch(number), 0) for number in range(reader.num_record_batches)]
        while True:
            place = mapped.tell()
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return schema, found
            found.append(_described(batch, place))


def _described(batch: Any, place: int) -> tuple[int, int, tuple[str, ...]]:
    missing = tuple(name for name, column in zip(batch.schema.names, batch.columns, strict=True) if _lacks(column))
    return batch.num_rows, place, missing


def _lacks(column: Any) -> bool:
    """Whether values are missing in a column, or in the lists or structures of it."""
    pa = arrow()
    if column.null_count:
        return True
    if pa.types.is_nested(column.type) and not pa.types.is_union(column.type):
        children = (
            [column.field(n) for n in range(column.type.num_fields)]
            if pa.types.is_struct(column.type)
            else [column.values]
        )
        return any(_lacks(child) for child in children)
    return False


def _has_dictionaries(schema: Any) -> bool:
    return any("dictionary" in str(field.type) for field in schema)


def _source(
    kept: KeptBatch, column: ArrowColumn, number: int, starts: NDArray[np.int64], missing: set[str]
) -> ArraySource:
    path = kept.batches.path
    where, rows = f"{path}:{column.name}", int(starts[-1])
    if column.refused:
        return UnreadableSource(UnreadableDataError(column.refused, where=where), name=column.name, shape=(rows,))
    if column.path[0] in missing:
        column = nullable(column)
    try:
        if column.ragged and rows:
            column = _measured(kept.batches, column, number, len(starts) - 1, where)
    except UnreadableDataError as error:
        return UnreadableSource(error, name=column.name, shape=(rows,))
    if not rows:
        empty = np.empty((0, *column.row_shape), dtype=column.dtype)
        return MemorySource(empty, name=column.name, where=where, kind=column.kind)
    return GroupedSource(
        ArrowGroups(kept, column, number, where),
        starts=starts,
        row_shape=column.row_shape,
        dtype=column.dtype,
        name=column.name,
        where=where,
        kind=column.kind,
    )


def _measured(batches: Batches, column: ArrowColumn, number: int, count: int, where: str) -> ArrowColumn:
    """Return lists as rows of an array where all batches have lists of one and the same length."""
    matrix = column
    with guarded("cannot be read", where, arrow().ArrowException):
        for group in range(count):
            array = batches.batch(group, where).column(number)
            if not len(array):
                continue
            length = common_length(column, array)
            if length < 0 or matrix.row_shape not in ((), (length,)):
                return column
            matrix = as_matrix(column, array, length) if matrix is column else matrix
    return matrix


def _recognises(path: Path, head: bytes) -> bool:
    if head.startswith(FILE_MAGIC):
        return True
    named = path.suffix.lower() in (".arrow", ".feather", ".arrows", ".ipc")
    return bool(head) and (named or (head.startswith(STREAM_MAGIC) and head[8:10] == b"\x10\x00"))


ARROW: Final = ArrayFormat(name="arrow", recognises=_recognises, open=_open)
