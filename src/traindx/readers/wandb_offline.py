"""W&B's offline files (`run-<id>.wandb`): history, settings, and how the run ended, without W&B installed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UnreadableLogError
from traindx.readers.byteview import ByteView, Ints
from traindx.readers.contract import Reader
from traindx.readers.leveldb_log import Log, Records, read_log
from traindx.readers.logfile import LogFile
from traindx.readers.names import NameTable
from traindx.readers.protobuf import varints
from traindx.readers.wandb_history import Cells, HistoryDecoder, field_at
from traindx.readers.wandb_message import HISTORY, spelled
from traindx.readers.wandb_table import History
from traindx.readers.wandb_told import Told
from traindx.run import Run, Skip, Source

_MAGIC = b":W&B\xe1\xbe"
_HEADER = 7  # the magic, and the version of the format
_AT_ONCE = 1 << 13  # history records decoded together: their columns stay in the processor's cache
_SORTED_AT_ONCE = 1 << 16  # records told apart together
_NUM = 0x08
# Records that tell nothing here: summaries, console output, files, machine statistics, artifacts, telemetry.
_SILENT = np.array([field << 3 | 2 for field in (3, 4, 6, 7, 8, 9, 10, 11, 13)])


def recognises(log: LogFile) -> bool:
    """Whether the file starts with W&B's magic, or is empty and named like its files."""
    return log.head.startswith(_MAGIC) or (log.name.endswith(".wandb") and not log.head)


def read(log: LogFile) -> list[Run]:
    """Return the one run of an offline file. Every checksum is checked; a record that fails is skipped."""
    view = ByteView(log.data)
    if not view.size:
        source = Source(path=log.path, format="wandb-offline", unit="record", incomplete="the file is empty")
        return [Run(name=log.name, series={}, sources=(source,))]
    if not log.head.startswith(_MAGIC):
        raise UnreadableLogError("not an offline file of W&B", where=log.path, hint="it must start with ':W&B'")
    framed = read_log(view, min(_HEADER, view.size))
    view.release()
    told = Told(log.path)
    history, rows, malformed = _history(framed, told)
    broken = {*malformed, *told.malformed}
    skipped = (
        *_skips("the record contradicts its checksum", framed.damaged),
        *_skips("the record is malformed", broken),
    )
    if framed.lost_blocks:
        skipped += (Skip("the rest of a 32 KiB block is damaged", framed.lost_blocks),)
    source = Source(
        path=log.path,
        format="wandb-offline",
        unit="record",
        rows=rows,
        skipped=skipped,
        ignored=max(framed.count - rows - len(framed.damaged) - len(broken), 0),
        incomplete="; ".join(filter(None, (framed.incomplete, log.truncated))),
    )
    series = history.series() if len(history.records) else {}
    run = Run(name=log.name, series=series, sources=(source,), settings=told.settings, notes=tuple(told.notes))
    return [run]


def _skips(reason: str, numbers: tuple[int, ...] | set[int]) -> tuple[Skip, ...]:
    return (Skip(reason, len(numbers), min(numbers) + 1),) if numbers else ()


def _history(framed: Log, told: Told) -> tuple[History, int, set[int]]:
    """Decode all history records.

    Returns the history, how many of its records gave a number, and the numbers of malformed records.
    """
    buffers = [_histories(records, told) for records in (framed.whole, framed.split)]
    numbers = np.sort(np.concatenate([records.numbers for records in buffers]))
    steps = np.full(len(numbers), np.nan)
    names = NameTable(framed.whole.view)
    cells: list[Cells] = []
    malformed: set[int] = set()
    media: set[str] = set()
    for records in buffers:
        decoder = HistoryDecoder(records.view, names if records.view is framed.whole.view else NameTable(records.view))
        found = _cells(decoder, records, np.searchsorted(numbers, records.numbers))
        cells += found if decoder.names is names else [_renamed(part, decoder.names, names) for part in found]
        for rows, counted in decoder.stepped:
            steps[rows] = counted
        media |= decoder.media
        malformed.update(int(numbers[row]) for row in decoder.malformed)
    given = np.zeros(len(numbers), dtype=np.bool_)
    for part in cells:
        given[part.rows] = True
    metrics = [spelled(raw) for raw in names.raw]
    history = History(metrics, cells, numbers + 1, steps, frozenset(told.step_metrics), frozenset(media))
    return history, int(given.sum()), malformed


def _histories(records: Records, told: Told) -> Records:
    """Return the history messages among the records, and read what else they tell."""
    parts: list[NDArray[np.int64]] = []
    for low in range(0, len(records.starts), _SORTED_AT_ONCE):
        chunk = slice(low, low + _SORTED_AT_ONCE)
        part = Records(records.view, records.starts[chunk], records.ends[chunk], records.numbers[chunk])
        parts.append(_history_spans(part, told))
        records.view.release()
    table = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0), dtype=np.int64)
    return Records(records.view, table[0], table[1], table[2])


def _history_spans(records: Records, told: Told) -> NDArray[np.int64]:
    """Return start, end and record number of each history message, as three rows."""
    view = records.view
    words = view.words(records.starts)
    _, sizes, ended = varints(words >> np.uint64(8))
    numbered = (words & np.uint64(0xFF) == _NUM) & ended & (sizes <= 7)
    at = np.where(numbered, records.starts + 1 + sizes, records.starts)
    keys, starts, stops, sound = field_at(view, at, records.ends)
    plain = sound & (keys == (HISTORY << 3 | 2))
    other = np.flatnonzero(~plain & ~np.isin(keys, _SILENT))
    found = np.array(told.listen(records, other.tolist()), dtype=np.int64).reshape(-1, 3)
    direct = np.stack([starts[plain], stops[plain], records.numbers[plain]])
    table = np.concatenate([direct, found.T], axis=1)
    return table[:, np.argsort(table[2], kind="stable")]


def _cells(decoder: HistoryDecoder, records: Records, rows: Ints) -> list[Cells]:
    cells: list[Cells] = []
    for low in range(0, len(rows), _AT_ONCE):
        chunk = slice(low, low + _AT_ONCE)
        cells += decoder.cells(records.starts[chunk], records.ends[chunk], rows[chunk])
        decoder.view.release()
    return cells


def _renamed(cells: Cells, names: NameTable, target: NameTable) -> Cells:
    """Return cells whose names are numbered by another table."""
    translation = np.array([target.number(raw) for raw in names.raw], dtype=np.int32)
    return Cells(cells.rows, translation[cells.names], cells.values) if len(cells.names) else cells


READER = Reader(name="wandb-offline", recognises=recognises, read=read)
