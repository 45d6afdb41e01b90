"""JSON lines: one flat record on each line; fields inside fields are named with a point between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import shown
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.lines import LineGroup, line_groups, lines_at
from traindx.arrays.records import Column, RecordDecoder, record_sources, starts_of
from traindx.arrays.source import ArraySource
from traindx.errors import UnreadableDataError

_SUFFIXES: Final = (".jsonl", ".ndjson", ".jsonlines")
_DEEPEST: Final = 8
_MOST_COLUMNS: Final = 10_000
_OBJECT: Final = np.dtype(object)


@final
@dataclass(frozen=True, slots=True)
class JsonRows(RecordDecoder):
    """The lines of one file."""

    path: Path
    columns: tuple[Column, ...]
    groups: tuple[LineGroup, ...]

    def decode(self, group: int) -> Mapping[str, NDArray[Any] | UnreadableDataError]:
        """Return the columns of a group of lines."""
        place = self.groups[group]
        records = [flat for _, flat in _records(lines_at(self.path, place), self.path, place.first)]
        if len(records) != place.rows:
            raise UnreadableDataError(f"has {len(records)} records, not {place.rows}", where=str(self.path))
        return {
            column.name: typed_values(
                column, [record.get(column.name) for record in records], f"{self.path}:{column.name}", place.first
            )
            for column in self.columns
        }


def _records(data: bytes, path: Path, first: int) -> Iterator[tuple[int, dict[str, object]]]:
    number = first
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        where = f"{path} row {number}"
        try:
            found: object = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError) as error:
            raise UnreadableDataError(f"is no JSON: {shown(error)}", where=where) from error
        if not isinstance(found, dict):
            raise UnreadableDataError("is no record of named fields", where=where)
        yield number, flattened(cast("dict[str, object]", found))
        number += 1


def flattened(record: Mapping[str, object], prefix: str = "", depth: int = 0) -> dict[str, object]:
    """Return the record with the fields of its fields beside its own.

    >>> flattened({"a": 1, "b": {"c": [2]}})
    {'a': 1, 'b.c': [2]}
    """
    flat: dict[str, object] = {}
    for name, value in record.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            flat |= flattened(cast("dict[str, object]", value), f"{prefix}{name}.", depth + 1)
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def typed_columns(records: list[dict[str, object]]) -> list[Column]:
    """Return the columns that some first records have, in the order in which they come: numbers, lists of numbers, or text."""
    names = list(dict.fromkeys(name for record in records for name in record))[:_MOST_COLUMNS]
    return [_column(name, [record.get(name) for record in records]) for name in names]


def _column(name: str, values: list[object]) -> Column:
    held = [value for value in values if value is not None]
    if all(isinstance(value, bool | int | float) for value in held):
        return Column(name=name)
    if all(_is_row(value) for value in held):
        lengths = {len(cast("list[object]", value)) for value in held}
        if len(lengths) == 1 and len(held) == len(values) and 0 not in lengths:
            return Column(name=name, row_shape=(lengths.pop(),))
        return Column(name=name, kind="list", dtype=_OBJECT)
    return Column(name=name, kind="text", dtype=_OBJECT)


def _is_row(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, int | float) for item in cast("list[object]", value))


def typed_values(column: Column, values: list[object], where: str, first: int) -> NDArray[Any] | UnreadableDataError:
    """Return the values in the column's type, or the error that names the first that has another one."""
    try:
        if column.kind == "text":
            texts = np.empty(len(values), dtype=object)
            texts[:] = [_text(value) for value in values]
            return texts
        if column.kind == "list":
            rows = np.empty(len(values), dtype=object)
            for number, value in enumerate(values):
                rows[number] = _row(value)
            return rows
        if column.row_shape:
            return np.array([_row(value, column.row_shape[0]) for value in values]).reshape(-1, *column.row_shape)
        return np.array([_number(value) for value in values])
    except _OddValue as odd:
        number = next(n for n, value in enumerate(values) if value is odd.value)
        return UnreadableDataError(
            f"{str(odd.value)[:40]!r} is not what the values before it are", where=f"{where} row {first + number}"
        )


class _OddValue(Exception):  # noqa: N818 - it never leaves this file
    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


def _number(value: object) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    raise _OddValue(value)


def _row(value: object, length: int = -1) -> NDArray[np.float64]:
    if value is None and length < 0:
        return np.empty(0)
    items = cast("list[object]", value)
    if not _is_row(items) or 0 <= length != len(items):
        raise _OddValue(items)
    return np.array([_number(item) for item in items], dtype=np.float64)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _open(path: Path) -> Iterator[ArraySource]:
    groups = tuple(line_groups(path, 0, quotes=False))
    if not groups:
        raise UnreadableDataError("holds no records", where=str(path))
    records = [flat for _, flat in _records(lines_at(path, groups[0]), path, 0)]
    columns = typed_columns(records)
    starts = starts_of([group.rows for group in groups])
    yield from record_sources(JsonRows(path, tuple(columns), groups), columns, starts, str(path))


JSON_LINES: Final = ArrayFormat(
    name="json-lines", recognises=lambda path, head: bool(head) and path.suffix.lower() in _SUFFIXES, open=_open
)
