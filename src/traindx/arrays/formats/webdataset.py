"""WebDataset: samples in tar archives, members of one name with an extension for each column."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import shown
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.csv_table import number_in
from traindx.arrays.formats.images import SUFFIXES, image_of
from traindx.arrays.formats.json_records import flattened, typed_columns, typed_values
from traindx.arrays.formats.npy import read_header
from traindx.arrays.formats.tar_members import tar_members
from traindx.arrays.raw import check_room, read_bytes
from traindx.arrays.records import Column, RecordDecoder, record_sources, starts_of
from traindx.arrays.source import ArraySource
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import UnreadableDataError

_TEXTS: Final = frozenset({"txt", "text", "caption", "transcript"})
_NUMBERS: Final = frozenset({"cls", "cls2", "class", "count", "index", "inx", "id"})
_PICKLED: Final = frozenset({"pkl", "pickle", "pyd", "pth", "pt"})
_GROUP_BYTES: Final = 4 << 20  # of members decoded together
_GROUP_ROWS: Final = 1000
_SEEN_FIRST: Final = 100  # samples by which the fields of JSON are typed
_MOST_EXTENSIONS: Final = 1000
_OBJECT: Final = np.dtype(object)


@final
@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one or more archives: their keys, and for each extension where its member lies (size -1: there is none)."""

    shards: tuple[Path, ...]
    shard_starts: NDArray[np.int64]
    keys: tuple[str, ...]
    places: Mapping[str, NDArray[np.int64]]

    def shard(self, row: int) -> Path:
        """Return the archive that holds a sample."""
        return self.shards[int(np.searchsorted(self.shard_starts, row, side="right")) - 1]

    def where(self, row: int, extension: str) -> str:
        """Return what errors call a member."""
        return f"{self.shard(row)}:{self.keys[row]}.{extension} (sample {row})"

    def member(self, row: int, extension: str) -> bytes | None:
        """Return the bytes of a member, or None where the sample has none."""
        offset, size = self.places[extension][row].tolist()
        if size < 0:
            return None
        data = np.empty(size, dtype=np.uint8)
        if size:
            read_bytes(self.shard(row), offset, data, where=self.where(row, extension))
        return data.tobytes()


def samples_of(shards: Sequence[Path]) -> Samples:
    """Return the samples of archives, by their headers alone: neighbours of one name up to its first point are one."""
    keys: list[str] = []
    starts: list[int] = []
    found: dict[str, list[tuple[int, int, int]]] = {}
    for shard in shards:
        starts.append(len(keys))
        for member in tar_members(shard):
            folder, slash, name = member.name.rpartition("/")
            stem, _, extension = name.partition(".")
            if not extension or not stem or member.name.startswith("./."):
                continue
            key = folder + slash + stem
            if len(keys) == starts[-1] or keys[-1] != key:
                keys.append(key)
            if extension not in found and len(found) >= _MOST_EXTENSIONS:
                raise UnreadableDataError(f"its members have more than {_MOST_EXTENSIONS} extensions", where=str(shard))
            found.setdefault(extension.lower(), []).append((len(keys) - 1, member.offset, member.size))
    places = {extension: _table(rows, len(keys)) for extension, rows in found.items()}
    return Samples(tuple(shards), np.array(starts, dtype=np.int64), tuple(keys), places)


def _table(rows: list[tuple[int, int, int]], count: int) -> NDArray[np.int64]:
    table = np.full((count, 2), -1, dtype=np.int64)
    found = np.array(rows, dtype=np.int64)
    table[found[:, 0]] = found[:, 1:]
    return table


@final
@dataclass(frozen=True, slots=True)
class SampleColumn(RecordDecoder):
    """The columns that the members of one extension hold, by groups of samples."""

    samples: Samples
    extension: str
    columns: tuple[Column, ...]
    starts: NDArray[np.int64]

    def decode(self, group: int) -> Mapping[str, NDArray[Any] | UnreadableDataError]:
        """Return the columns of a group of samples."""
        first, last = int(self.starts[group]), int(self.starts[group + 1])
        if self.extension == "json":
            records = [_record(self.samples, row) for row in range(first, last)]
            where = f"{self.samples.shard(first)}"
            return {
                column.name: typed_values(
                    column, [record.get(column.name) for record in records], f"{where}:{column.name}", first
                )
                for column in self.columns
            }
        (column,) = self.columns
        decode = _decoder(self.extension)
        if column.kind == "number":
            return {
                column.name: _stacked(
                    column, [decode(self.samples, row) for row in range(first, last)], self.samples, first
                )
            }
        values = np.empty(last - first, dtype=object)
        for row in range(first, last):
            values[row - first] = decode(self.samples, row)
        return {column.name: values}


def _stacked(column: Column, values: list[Any], samples: Samples, first: int) -> NDArray[Any]:
    for number, value in enumerate(values):
        if np.shape(value) != column.row_shape:
            raise UnreadableDataError(
                f"has the shape {np.shape(value)}, and the first {column.row_shape}",
                where=samples.where(first + number, column.name),
            )
    return np.array(values, dtype=column.dtype).reshape(len(values), *column.row_shape)


def _decoder(extension: str) -> Callable[[Samples, int], Any]:
    last = extension.rpartition(".")[2]
    if last in SUFFIXES:
        return lambda samples, row: image_of(_needed(samples, row, extension), samples.where(row, extension))
    if last == "npy":
        return lambda samples, row: _array(_needed(samples, row, extension), samples.where(row, extension))
    if last in _TEXTS:
        return lambda samples, row: (samples.member(row, extension) or b"").decode("utf-8", "replace")
    if last in _NUMBERS:
        return lambda samples, row: _number(samples, row, extension)
    return lambda samples, row: samples.member(row, extension) or b""


def _needed(samples: Samples, row: int, extension: str) -> bytes:
    data = samples.member(row, extension)
    if data is None:
        raise UnreadableDataError(f"the sample has no .{extension}", where=samples.where(row, extension))
    return data


def _number(samples: Samples, row: int, extension: str) -> float:
    text = (samples.member(row, extension) or b"").decode("utf-8", "replace")
    number = number_in(text.strip())
    if number is None:
        raise UnreadableDataError(f"{text[:40]!r} is no number", where=samples.where(row, extension))
    return number


def _array(data: bytes, where: str) -> NDArray[Any]:
    file = io.BytesIO(data)
    header = read_header(file, where)
    check_room(header.shape, header.dtype, len(data) - header.length, where)
    if header.dtype.kind not in "biuf":
        raise UnreadableDataError(f"values of type {header.dtype} are not numbers", where=where)
    count = int(np.prod(header.shape, dtype=np.int64))
    values = np.frombuffer(data, dtype=header.dtype, count=count, offset=header.length)
    return values.reshape(header.shape, order="F" if header.fortran else "C").astype(header.dtype.newbyteorder("="))


def _record(samples: Samples, row: int) -> dict[str, object]:
    data = samples.member(row, "json")
    if data is None:
        return {}
    try:
        found: object = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise UnreadableDataError(f"is no JSON: {shown(error)}", where=samples.where(row, "json")) from error
    if isinstance(found, dict):
        return {f"json.{name}": value for name, value in flattened(cast("dict[str, object]", found)).items()}
    return {"json": found}


def webdataset_sources(shards: Sequence[Path], place: str) -> Iterator[ArraySource]:
    """Yield every column of archives that belong together. Raises ``UnreadableDataError``."""
    samples = samples_of(shards)
    if not samples.keys:
        raise UnreadableDataError("holds no samples: no member has a name and an extension", where=place)
    for extension in samples.places:
        where = f"{place}:{extension}"
        if extension.rpartition(".")[2] in _PICKLED:
            error = UnreadableDataError("would have to be unpickled, which can run any code", where=where)
            yield UnreadableSource(error, name=extension, shape=(len(samples.keys),))
            continue
        try:
            columns = _columns(samples, extension)
        except UnreadableDataError as error:
            yield UnreadableSource(error, name=extension, shape=(len(samples.keys),))
            continue
        starts = _groups(samples, extension)
        yield from record_sources(SampleColumn(samples, extension, tuple(columns), starts), columns, starts, place)


def _columns(samples: Samples, extension: str) -> list[Column]:
    last = extension.rpartition(".")[2]
    if extension == "json":
        return typed_columns([_record(samples, row) for row in range(min(_SEEN_FIRST, len(samples.keys)))])
    if last in SUFFIXES:
        return [Column(name=extension, kind="image", dtype=_OBJECT)]
    if last in _TEXTS:
        return [Column(name=extension, kind="text", dtype=_OBJECT)]
    if last in _NUMBERS:
        return [Column(name=extension)]
    if last == "npy":
        return [_array_column(samples, extension)]
    return [Column(name=extension, kind="bytes", dtype=_OBJECT)]


def _array_column(samples: Samples, extension: str) -> Column:
    """Return arrays of one shape as rows of that shape, others as lists: files of one size have one shape."""
    sizes = samples.places[extension][:, 1]
    first = _array(_needed(samples, 0, extension), samples.where(0, extension))
    if (sizes == sizes[0]).all():
        return Column(name=extension, dtype=first.dtype, row_shape=first.shape)
    if first.ndim != 1:
        raise UnreadableDataError("holds arrays of several shapes", where=samples.where(0, extension))
    return Column(name=extension, kind="list", dtype=_OBJECT)


def _groups(samples: Samples, extension: str) -> NDArray[np.int64]:
    """Return where groups of samples begin: each has a few megabytes or a thousand of them, and none lies in two archives."""
    sizes = samples.places[extension][:, 1].clip(min=0)
    ends = {*samples.shard_starts.tolist(), len(sizes)}
    counts: list[int] = []
    rows, held = 0, 0
    for number, size in enumerate(sizes.tolist(), start=1):
        rows, held = rows + 1, held + size
        if held >= _GROUP_BYTES or rows >= _GROUP_ROWS or number in ends:
            counts.append(rows)
            rows, held = 0, 0
    return starts_of(counts)


def _recognises(path: Path, head: bytes) -> bool:
    return bool(head) and (path.suffix.lower() == ".tar" or head[257:262] == b"ustar")


WEBDATASET: Final = ArrayFormat(
    name="webdataset", recognises=_recognises, open=lambda path: webdataset_sources([path], str(path))
)
