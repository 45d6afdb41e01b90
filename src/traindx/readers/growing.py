"""A log that is still being written, read on from where it ended.

Event files and files of rows (tables, JSON lines) are read from a little before their last known end. What is read
twice must come out the same; where it does not (a reader chose its axes by more rows than those), and for all other
formats, the whole file is read again and the points already told are left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, final

import numpy as np

from traindx.errors import UnreadableLogError
from traindx.readers.byteview import ByteView
from traindx.readers.choice import read_log
from traindx.readers.contract import Reader
from traindx.readers.logfile import LogFile
from traindx.readers.opening import open_log
from traindx.readers.registry import READERS
from traindx.readers.tfrecord import HEADER, frames
from traindx.run import Run, Series

_READ_TWICE: Final = 32  # lines
_LONGEST_HEADER: Final = 1 << 16
_AT_ONCE: Final = 1 << 24  # more new bytes than this are as well read with the whole file
_ROWS: Final = frozenset(reader.name for reader in READERS if not reader.name.startswith("text")) - {"notebook"}
_FRAME: Final = HEADER + 4
_REMEMBERED: Final = (
    64  # bytes before the end of a file of records: with a checksum among them, no two files agree in them
)


@final
@dataclass(frozen=True, slots=True)
class Growth:
    """What a file has gained: a run of the new points alone, and whether the file began anew, so that all are new."""

    run: Run
    anew: bool = False


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """Where a file ended: byte offsets, records (lines) before them, and the points between them."""

    reader: Reader
    header: bytes
    start: int
    start_record: int
    end: int
    end_record: int
    told: Mapping[str, Series]
    nothing: Run  # what is returned where nothing was added
    before: bytes = b""  # what stands before ``start``: another file in its place has something else there


@final
@dataclass(frozen=True, slots=True)
class Continuation:
    """What stands beyond the end that was known of a file.

    ``run`` has the points of new whole records; ``rest`` those of a last line without its end, which the next reading finds
    again, whole. ``read`` is all that was read to find them, with its remarks: the new records, and some before them.
    """

    run: Run
    rest: Run
    read: Run


@final
class GrowingLog:
    """One file that grows. A line that has no end yet is not read; it comes with a later call."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._end: _End | None = None
        self._told: dict[str, int] = {}

    def more(self) -> Growth:
        """Return the points that were added since the last call; at first, all of them.

        Raises ``UnreadableLogError`` where there is no such file, or no log in it, or more than one run.
        """
        grown = self._grown()
        if grown is None:
            return self._all()
        for name, series in grown.series.items():
            self._told[name] = self._told.get(name, 0) + len(series)
        return Growth(grown)

    def whole(self) -> list[Run]:
        """Read the whole file as any reading does, and remember where it ended. Raises ``UnreadableLogError``."""
        self._end = None
        log = open_log(self._path)
        runs = read_log(log)
        if len(runs) == 1:
            with suppress(OSError):  # gone since it was read: the next call says so
                self._end = _end_of(_whole_lines(runs[0], log), log)
        return runs

    @property
    def end_record(self) -> int | None:
        """How many whole records the file had when it was last read; None where it cannot be read on from its end."""
        return None if self._end is None else self._end.end_record

    def beyond(self) -> Continuation | None:
        """Return what was added since the last reading; None where the whole file must be read to know.

        Raises ``UnreadableLogError`` where there is no such file.
        """
        known = self._end
        data = None if known is None else _from(self._path, known)
        if known is None or data is None:
            return None
        size, count = _whole(known.reader, data)
        if known.start + len(data) == known.end:
            whole = tuple(replace(one, incomplete="") for one in known.nothing.sources)  # it ends with a whole record
            nothing = replace(known.nothing, sources=whole, settings=(), notes=())
            return Continuation(nothing, nothing, nothing)
        read = _read_on(known, self._path, data)
        if read is None:
            return None
        end_record = known.start_record + count
        told = _with(read, {name: one.take(one.records <= end_record) for name, one in read.series.items()})
        self._end = _next(known, data[:size], count, told)
        return Continuation(
            _with(told, {name: _after(one, known.end_record) for name, one in told.series.items()}),
            _with(read, {name: _after(one, end_record) for name, one in read.series.items()}),
            read,
        )

    def _all(self) -> Growth:
        log = open_log(self._path)
        runs = read_log(log)
        if len(runs) != 1:
            raise UnreadableLogError(f"this file holds {len(runs)} runs: only one can be followed", where=self._path)
        run = _whole_lines(runs[0], log)
        anew = any(len(run.series.get(name, ())) < count for name, count in self._told.items())
        told = {} if anew else self._told
        self._told = {name: len(series) for name, series in run.series.items()}
        self._end = _end_of(run, log)
        fresh = {name: one.take(slice(told.get(name, 0), None)) for name, one in run.series.items()}
        return Growth(_with(run, fresh), anew)

    def _grown(self) -> Run | None:
        """Return the new points by reading the end of the file; None where that will not do."""
        known = self._end
        data = b"" if known is None else _from(self._path, known)
        if known is None or data is None:
            return None
        size, count = _whole(known.reader, data)
        if known.start + size == known.end:
            return known.nothing
        read = _read_on(known, self._path, data[:size])
        if read is None:
            return None
        self._end = _next(known, data[:size], count, read)
        return _with(read, {name: _after(one, known.end_record) for name, one in read.series.items()})


def _read_on(known: _End, path: str, data: bytes) -> Run | None:
    """Return what the reader makes of ``data``, from ``known.start`` on; None where it fails or contradicts what was told."""
    try:
        with np.errstate(all="ignore"):  # as where whole files are read: infinities are data here
            runs = known.reader.read(LogFile(path, known.header + data))
    except UnreadableLogError:
        return None
    return _placed(runs[0], known) if len(runs) == 1 else None


def _from(path: str, known: _End) -> bytes | None:
    """Return the file from ``known.start`` on; None where it has shrunk, grown very much, or is another one."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if not known.end <= size <= known.start + _AT_ONCE or file.read(len(known.header)) != known.header:
                return None
            _ = file.seek(known.start - len(known.before))
            if file.read(len(known.before)) != known.before:
                return None
            return file.read(_AT_ONCE)
    except OSError as error:
        raise UnreadableLogError(f"cannot open the file: {error.strerror or error}".lower(), where=path) from error


def _whole(reader: Reader, data: bytes) -> tuple[int, int]:
    """Return the size of all records or lines that are whole, and how many they are."""
    if reader.name != "tensorboard":
        return data.rfind(b"\n") + 1, data.count(b"\n")
    view = ByteView(data)
    starts = frames(view).starts
    if not len(starts):
        return 0, 0
    return int(starts[-1]) + _FRAME + int(view.words(starts[-1:])[0]), len(starts)


def _whole_lines(run: Run, log: LogFile) -> Run:
    """Leave out what was read from a last line that has no end."""
    if run.sources[0].unit != "line":
        return run
    count = bytes(log.data).count(b"\n")
    return _with(run, {name: one.take(one.records <= count) for name, one in run.series.items()})


def _end_of(run: Run, log: LogFile) -> _End | None:
    """Return where the file ended, for formats that can be read on from there."""
    form = run.sources[0].format
    reader = next((one for one in READERS if one.name == form and form in _ROWS), None)
    if reader is None or log.local is None or len(run.sources) != 1 or not run.series:
        return None
    if run.sources[0].unit != "line" and reader.name != "tensorboard":
        return None
    data = bytes(log.data)
    with open(log.local, "rb") as file:
        if not file.read(_LONGEST_HEADER).startswith(
            data[:_LONGEST_HEADER]
        ):  # decoded on the way: offsets are not the file's
            return None
    size, count = _whole(reader, data)
    first = min((int(one.records[0]) for one in run.series.values() if len(one)), default=0)
    header = (
        b"" if reader.name == "tensorboard" else b"".join(data[:_LONGEST_HEADER].splitlines(keepends=True)[: first - 1])
    )
    if header.count(b"\n") != first - 1 and reader.name != "tensorboard":
        return None
    begin = _End(
        reader=reader, header=header, start=0, start_record=0, end=0, end_record=0, told={}, nothing=_with(run, {})
    )
    return _next(begin, data[:size], count, run)


def _next(known: _End, data: bytes, count: int, read: Run) -> _End:
    """Return the end after ``data``, which is ``count`` whole records from ``known.start`` on."""
    end, end_record = known.start + len(data), known.start_record + count
    if known.reader.name == "tensorboard":
        before = (known.before + data)[-_REMEMBERED:]
        return replace(known, start=end, start_record=end_record, end=end, end_record=end_record, before=before)
    at, back = len(data), 0
    first = known.header.count(b"\n")
    while back < _READ_TWICE and at and end_record - back > first:
        at = data.rfind(b"\n", 0, at - 1) + 1
        back += 1
    told = {name: _after(one, end_record - back) for name, one in read.series.items()}
    return replace(
        known, start=known.start + at, start_record=end_record - back, end=end, end_record=end_record, told=told
    )


def _placed(run: Run, known: _End) -> Run | None:
    """Return what was read with its records counted in the whole file; None where it contradicts what was told."""
    shift = known.start_record - known.header.count(b"\n")
    series = {name: replace(one, records=one.records + shift) for name, one in run.series.items()}
    again = {name: one.take(one.records <= known.end_record) for name, one in series.items()}
    counted = [
        known.told[name].steps[0] - one.steps[0]
        for name, one in again.items()
        if len(one) and len(known.told.get(name, ()))
    ]
    rows = counted[0] if counted else 0.0  # before the first line that was read: where no step is logged, rows count
    series = {name: one if one.has_steps else replace(one, steps=one.steps + rows) for name, one in series.items()}
    again = {name: one.take(one.records <= known.end_record) for name, one in series.items()}
    return _with(run, series) if _same(again, known.told) else None


def _same(again: Mapping[str, Series], told: Mapping[str, Series]) -> bool:
    names = {name for name, one in again.items() if len(one)}
    if names != {name for name, one in told.items() if len(one)}:
        return False
    return all(
        np.array_equal(mine, yours, equal_nan=True)
        for name in names
        for mine, yours in zip(_columns(again[name]), _columns(told[name]), strict=True)
    )


def _columns(one: Series) -> Iterator[np.ndarray]:
    yield from (one.values, one.steps, one.epochs, one.wall_times, one.records)


def _after(one: Series, record: int) -> Series:
    return one.take(one.records > record)


def _with(run: Run, series: Mapping[str, Series]) -> Run:
    return replace(run, series={name: one for name, one in series.items() if len(one)})
