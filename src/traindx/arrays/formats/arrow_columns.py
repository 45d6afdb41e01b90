"""Columns of Arrow tables as arrays: which there are, and their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import library
from traindx.arrays.converted import seconds
from traindx.arrays.source import Kind
from traindx.errors import UnreadableDataError

_NUMBER: Final = np.dtype(np.float64)
_OBJECT: Final = np.dtype(object)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ArrowColumn:
    """A column, or a field inside one: ``path`` leads to it. ``ragged`` lists may have one length that only the values tell."""

    path: tuple[str, ...]
    dtype: np.dtype[Any]
    row_shape: tuple[int, ...] = ()
    kind: Kind = "number"
    ragged: bool = False
    refused: str = ""

    @property
    def name(self) -> str:
        """The column's name; fields stand behind a point."""
        return ".".join(self.path)


def arrow() -> Any:
    """Return the library."""
    return library("pyarrow", "reading Arrow and Parquet")


def columns_of(schema: Any) -> Iterator[ArrowColumn]:
    """Yield the columns of a schema, the fields of structures each for itself."""
    for field in schema:
        yield from _columns((field.name,), field.type)


def _columns(path: tuple[str, ...], kind: Any) -> Iterator[ArrowColumn]:
    types = arrow().types
    kind = _plain(kind)
    if types.is_struct(kind):
        names = [kind.field(number).name for number in range(kind.num_fields)]
        if set(names) == {"bytes", "path"}:  # an image or a sound as Hugging Face keeps them
            yield ArrowColumn(path=path, dtype=_OBJECT, kind="bytes")
            return
        for number, name in enumerate(names):
            yield from _columns((*path, name), kind.field(number).type)
        return
    shape: list[int] = []
    while types.is_fixed_size_list(kind):
        shape.append(kind.list_size)
        kind = _plain(kind.value_type)
    if not shape and (types.is_list(kind) or types.is_large_list(kind)):
        inner = _scalar(path, _plain(kind.value_type))
        if inner.kind == "number" and not inner.refused:
            yield replace(inner, dtype=_OBJECT, kind="list", ragged=True)
        else:
            yield ArrowColumn(path=path, dtype=_NUMBER, refused=f"lists of {kind.value_type} are not read")
        return
    column = _scalar(path, kind)
    if shape and column.kind != "number":
        column = ArrowColumn(path=path, dtype=_NUMBER, refused=f"lists of {kind} are not read")
    yield replace(column, row_shape=tuple(shape))


def _plain(kind: Any) -> Any:
    """Return the type below dictionaries and extensions."""
    pa = arrow()
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind):
            kind = kind.value_type
        else:
            return kind


def _scalar(path: tuple[str, ...], kind: Any) -> ArrowColumn:
    types = arrow().types
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind):
        return ArrowColumn(path=path, dtype=np.dtype(kind.to_pandas_dtype()))
    if types.is_decimal(kind) or types.is_temporal(kind) or types.is_null(kind):
        return ArrowColumn(path=path, dtype=_NUMBER)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return ArrowColumn(path=path, dtype=_OBJECT, kind="text")
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return ArrowColumn(path=path, dtype=_OBJECT, kind="bytes")
    return ArrowColumn(path=path, dtype=_NUMBER, refused=f"values of type {str(kind)[:80]} are not read")


def nullable(column: ArrowColumn) -> ArrowColumn:
    """Return the column as it comes where some values may be missing: whole numbers and truths as float64, with NaN."""
    return replace(column, dtype=_NUMBER) if column.dtype.kind in "biu" else column


def values_of(column: ArrowColumn, found: Any) -> NDArray[Any]:
    """Return the values of an Arrow array of the whole top column. Raises ``UnreadableDataError`` without a place.

    The array is validated first: offsets in a damaged file may point anywhere.
    """
    found.validate(full=True)
    array = _field(found, column.path[1:])
    if column.kind in ("text", "bytes"):
        return _objects(array, "" if column.kind == "text" else b"")
    if column.kind == "list":
        return _lists(array)
    if column.row_shape:
        return _matrix(column, array)
    return _numbers(column.dtype, array)


def _field(array: Any, path: tuple[str, ...]) -> Any:
    pa = arrow()
    compute = library("pyarrow.compute", "reading Arrow and Parquet")
    array = _stored(array)
    for name in path:
        array = _stored(compute.struct_field(array, name))
    if pa.types.is_struct(array.type):
        array = compute.struct_field(array, "bytes")
    return array


def _stored(array: Any) -> Any:
    pa = arrow()
    while True:
        if isinstance(array.type, pa.BaseExtensionType):
            array = array.storage
        elif pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        else:
            return array


def _numbers(dtype: np.dtype[Any], array: Any) -> NDArray[Any]:
    pa = arrow()
    array = _stored(array)
    if pa.types.is_null(array.type):
        return np.full(len(array), np.nan)
    if pa.types.is_boolean(array.type) and array.null_count:
        array = array.cast(pa.int8())
    if pa.types.is_decimal(array.type):
        array = array.cast(pa.float64())
    if pa.types.is_time(array.type):  # of a day: a duration since midnight
        unit = array.type.unit
        whole = array.cast(pa.int32()).cast(pa.int64()) if pa.types.is_time32(array.type) else array.cast(pa.int64())
        array = whole.cast(pa.duration(unit))
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    if values.dtype.kind in "mM":
        values = seconds(values)
    if array.null_count and dtype.kind in "biu":
        raise UnreadableDataError("holds missing values, of which its file says that there are none")
    return values.astype(dtype, copy=False)


def _matrix(column: ArrowColumn, array: Any) -> NDArray[Any]:
    """Return lists of one length as an array of rows; a missing row is NaN."""
    pa = arrow()
    rows, missing = len(array), array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
    count = 1
    for extent in column.row_shape:
        array = _stored(array)
        if pa.types.is_fixed_size_list(array.type):
            array = array.values.slice(array.offset * extent, len(array) * extent)
        else:
            lengths = array.value_lengths().to_numpy(zero_copy_only=False)
            if array.null_count or (lengths != extent).any():
                raise UnreadableDataError(f"holds rows that have not {extent} values as the first have")
            array = array.flatten()
        count *= extent
    if len(array) != rows * count:
        raise UnreadableDataError("its lists do not have the length that their type says")
    values = _numbers(column.dtype, array).reshape(rows, *column.row_shape)
    if missing is not None:
        values = np.array(values, dtype=column.dtype)
        if values.dtype.kind != "f":
            raise UnreadableDataError("holds missing rows, of which its file says that there are none")
        values[missing] = np.nan
    return values


def _lists(array: Any) -> NDArray[Any]:
    rows = np.empty(len(array), dtype=object)
    ends = np.cumsum(np.nan_to_num(array.value_lengths().to_numpy(zero_copy_only=False)).astype(np.int64))
    flat = array.flatten()
    inner = _scalar((), _plain(flat.type))
    values = _numbers(nullable(inner).dtype if flat.null_count else inner.dtype, flat)
    first = 0
    for number, end in enumerate(ends.tolist()):
        rows[number] = values[first:end]
        first = end
    return rows


def _objects(array: Any, missing: str | bytes) -> NDArray[Any]:
    values = np.empty(len(array), dtype=object)
    values[:] = array.to_pylist()
    if array.null_count:
        values[array.is_null().to_numpy(zero_copy_only=False)] = missing
    return values


def common_length(column: ArrowColumn, found: Any) -> int:
    """Return how many values every list of an Arrow array has, or -1 where they differ, are missing or none."""
    found.validate(full=True)
    array = _field(found, column.path[1:])
    if array.null_count or not len(array):
        return -1
    lengths = array.value_lengths().to_numpy(zero_copy_only=False)
    return int(lengths[0]) if lengths[0] > 0 and (lengths == lengths[0]).all() else -1


def as_matrix(column: ArrowColumn, found: Any, length: int) -> ArrowColumn:
    """Return a column of lists as one of rows of ``length`` values."""
    inner = _scalar(column.path, _plain(_field(found, column.path[1:]).type.value_type))
    return replace(inner, row_shape=(length,))
