"""What a Parquet file says of its row groups, read from its footer without the library.

The library ends the process when some of these descriptions are damaged, instead of raising. The footer is a structure of Thrift's compact protocol
(the format's own parquet.thrift); only the fields that are needed are kept, the others are stepped over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, final

from traindx.errors import UnreadableDataError

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS: Final = frozenset({4, 5, 6})
_DEEPEST: Final = 16
_MAGIC: Final = b"PAR1"

Fields = Mapping[int, "Fields | None"]
_ANY: Final[Fields] = {}
# by the numbers that parquet.thrift gives: which fields are kept, and inside them which; None is a plain value
_WANTED: Final[Fields] = {
    3: None,  # rows of the file
    4: {  # row groups
        1: {
            3: {3: None, 5: None, 7: None, 12: {3: None}}
        },  # columns: their path, values, bytes, and statistics with missing values
        3: None,  # rows
    },
}


@final
@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of a row group, below all structures and lists; ``missing`` is -1 where the file does not say how many values are."""

    path: tuple[str, ...]
    values: int
    compressed_bytes: int
    missing: int


@final
@dataclass(frozen=True, slots=True)
class RowGroup:
    """A row group and its columns."""

    rows: int
    leaves: tuple[Leaf, ...]


def row_groups(path: Path) -> list[RowGroup]:
    """Return the row groups that the footer describes. Raises ``UnreadableDataError``."""
    where = str(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        _ = file.seek(max(0, size - 8))
        end = file.read(8)
        length = int.from_bytes(end[:4], "little")
        if len(end) < 8 or end[4:] != _MAGIC or length + 12 > size:
            raise UnreadableDataError(
                "is not a whole Parquet file: it has no footer",
                where=where,
                hint="the file was cut off, or is still being written",
            )
        _ = file.seek(size - 8 - length)
        data = file.read(length)
    try:
        found = _Reader(data).struct(_WANTED)
        return [_group(group) for group in cast("list[dict[int, Any]]", found.get(4, []))]
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise UnreadableDataError("its footer is damaged", where=where) from error


def _group(found: dict[int, Any]) -> RowGroup:
    rows: int = found[3]
    if not 0 <= rows < 1 << 48:
        raise ValueError
    return RowGroup(rows, tuple(_leaf(chunk[3]) for chunk in found[1]))


def _leaf(found: dict[int, Any]) -> Leaf:
    path = tuple(bytes(part).decode("utf-8", "replace") for part in found[3])
    return Leaf(path, int(found[5]), int(found[7]), int(found.get(12, {}).get(3, -1)))


@final
class _Reader:
    """Thrift's compact protocol, as far as a footer needs it."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def struct(self, wanted: Fields, depth: int = 0) -> dict[int, Any]:
        """Return the wanted fields of a structure by their numbers."""
        if depth > _DEEPEST:
            raise ValueError
        found: dict[int, Any] = {}
        number = 0
        while True:
            head = self._byte()
            if not head:
                return found
            step, kind = head >> 4, head & 15
            number = number + step if step else self._signed()
            inner = wanted.get(number, _ANY)
            value = self._value(kind, inner or _ANY, depth, kept=number in wanted)
            if number in wanted:
                found[number] = value

    def _value(self, kind: int, wanted: Fields, depth: int, *, kept: bool) -> object:
        if kind in _INTEGERS:
            return self._signed()
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind == _BINARY:
            return self._bytes(self._unsigned())
        if kind == _STRUCT:
            return self.struct(wanted, depth + 1)
        if kind in (_LIST, _SET):
            return self._list(wanted, depth, kept=kept)
        if kind == _MAP:
            self._step_over_map(depth)
            return None
        if kind not in (_DOUBLE, _BYTE):
            raise ValueError
        return self._bytes(8 if kind == _DOUBLE else 1)

    def _list(self, wanted: Fields, depth: int, *, kept: bool) -> list[object]:
        head = self._byte()
        count = self._unsigned() if head >> 4 == 15 else head >> 4
        if count > len(self._data) - self._place or depth > _DEEPEST:
            raise ValueError
        kind = _BYTE if head & 15 in (_TRUE, _FALSE) else head & 15
        items: list[object] = []
        for _ in range(count):
            item = self._value(kind, wanted, depth + 1, kept=kept)
            if kept:
                items.append(item)
        return items

    def _step_over_map(self, depth: int) -> None:
        count = self._unsigned()
        if count > len(self._data) or depth > _DEEPEST:
            raise ValueError
        kinds = self._byte() if count else 0
        for _ in range(count):
            for kind in (kinds >> 4, kinds & 15):
                _ = self._value(_BYTE if kind in (_TRUE, _FALSE) else kind, _ANY, depth + 1, kept=False)

    def _byte(self) -> int:
        value = self._data[self._place]
        self._place += 1
        return value

    def _bytes(self, count: int) -> bytes:
        if count > len(self._data) - self._place:
            raise ValueError
        self._place += count
        return self._data[self._place - count : self._place]

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise ValueError

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
