"""TensorBoard event files: every scalar, in both of its forms, and the settings beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from traindx.readers.byteview import ByteView, Ints
from traindx.readers.contract import Reader
from traindx.readers.event_columns import PointColumns
from traindx.readers.event_points import EventDecoder, Points, in_order
from traindx.readers.event_rows import Block, RowDecoder
from traindx.readers.event_settings import settings_of
from traindx.readers.logfile import LogFile
from traindx.readers.names import NameTable
from traindx.readers.tfrecord import HEADER, Frames, frames, is_record_file, sound_rows
from traindx.run import Run, Series, Skip, Source

_AT_ONCE = 1 << 15  # records decoded together: their columns stay in the processor's cache
_CHUNKS_HELD = 4  # between two times that the file's pages are given back
_STAMP = re.compile(r"tfevents\.(\d{1,20})")


def recognises(log: LogFile) -> bool:
    """Whether the name or the first record says event file."""
    if "tfevents" in log.name:
        return True
    return log.head[HEADER : HEADER + 1] == b"\x09" and is_record_file(log.head[:HEADER])


def read(log: LogFile) -> list[Run]:
    """Return the one run of an event file.

    Checksums: those of all lengths, and in bulk those of all payloads up to 1,024 bytes. A record that fails is
    skipped and counted; after damage to a length, reading goes on at the next length that holds.
    """
    view = ByteView(log.data)
    framed = frames(view)
    view.release()
    decoder = EventDecoder(view, NameTable(view))
    rows = RowDecoder(decoder)
    columns = PointColumns(len(framed.starts))
    damaged: list[int] = []
    for first in range(0, len(framed.starts), _AT_ONCE):
        points, bad = _decode(decoder, rows, framed.starts[first : first + _AT_ONCE], first)
        columns.add(points)
        damaged += bad
        if first % (_AT_ONCE * _CHUNKS_HELD) == 0:
            view.release()
    view.release()
    skips = _skips(framed, damaged, decoder)
    lost = len({*damaged, *decoder.malformed, *decoder.hollow})
    source = Source(
        path=log.path,
        format="tensorboard",
        unit="record",
        rows=columns.rows,
        skipped=skips,
        ignored=max(len(framed.starts) - columns.rows - lost, 0),
        incomplete="; ".join(filter(None, (framed.incomplete, log.truncated))),
    )
    run = Run(
        name=log.name,
        series=columns.series(decoder.names.names),
        sources=(source,),
        settings=tuple(settings_of(decoder.texts, log.path)),
        notes=tuple(_session_notes(decoder.session_starts, log.path)),
    )
    return [run]


def _decode(decoder: EventDecoder, rows: RowDecoder, starts: Ints, first: int) -> tuple[Points, list[int]]:
    """Decode records whose checksums hold; return their points, and the numbers of the damaged ones."""
    view = decoder.view
    lengths = view.words(starts).view(np.int64)
    damaged = np.zeros(len(starts), dtype=np.bool_)
    payloads = starts + HEADER
    records = np.arange(first, first + len(starts), dtype=np.int64)
    block = Block(len(starts))
    for members, words in sound_rows(view, starts, lengths, damaged):
        rows.decode(words, int(lengths[members[0]]), payloads[members], members, block)
    points = block.points(records)
    left = np.flatnonzero(~(damaged | block.done))
    if left.size:
        others = decoder.points(payloads[left], payloads[left] + lengths[left], records[left])
        points = in_order([points, others]) if len(others.records) else points
    return points, (first + np.flatnonzero(damaged)).tolist()


def _skips(framed: Frames, damaged: list[int], decoder: EventDecoder) -> tuple[Skip, ...]:
    passed = sum(size for _, size in framed.damage)
    places = [count for count, _ in framed.damage]
    reasons: tuple[tuple[str, Iterable[int]], ...] = (
        (f"damaged places between records ({passed} bytes passed over)", places),
        ("the record contradicts its checksum", damaged),
        ("the record is not an event message", set(decoder.malformed)),
        ("a scalar without its number", set(decoder.hollow)),
    )
    return tuple(
        Skip(reason, len(records), min(records) + 1)
        for reason, records in ((text, list(found)) for text, found in reasons)
        if records
    )


def _session_notes(starts: Iterable[tuple[int, int]], path: str) -> list[str]:
    """Tell where a writer asked TensorBoard to forget what it had logged from some step on."""
    return [
        f"{path}:{record + 1}: a session starts at step {step}: earlier points from this step on are void"
        for record, step in starts
        if step > 0
    ]


def merge_event_files(runs: Sequence[Run]) -> Run:
    """Join the event files of one run, in the order in which they were begun.

    The first wall time of each file decides, then the time in its name. Series of one name are put one behind the
    other: where a resumed file goes back to earlier steps, the steps go back, and nothing is dropped.
    """
    ordered = sorted(runs, key=_begun)
    series: dict[str, list[Series]] = {}
    files = 0
    for run in ordered:
        for one in run.series.values():
            moved = replace(one, files=one.files + np.int32(files)) if files else one
            series.setdefault(one.name, []).append(moved)
        files += len(run.sources)
    return Run(
        name=ordered[0].name,
        series={name: _one_behind_the_other(parts) for name, parts in series.items()},
        sources=tuple(source for run in ordered for source in run.sources),
        settings=tuple(dict.fromkeys(setting for run in ordered for setting in run.settings)),
        checkpoints=tuple(dict.fromkeys(checkpoint for run in ordered for checkpoint in run.checkpoints)),
        notes=tuple(note for run in ordered for note in run.notes),
    )


def _begun(run: Run) -> tuple[float, float]:
    clocks = [float(one.wall_times[0]) for one in run.series.values() if len(one) and np.isfinite(one.wall_times[0])]
    stamps = [float(found[1]) for source in run.sources if (found := _STAMP.search(source.path))]
    stamp = min(stamps, default=float("inf"))
    return min(clocks, default=stamp), stamp


def _one_behind_the_other(parts: list[Series]) -> Series:
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        values=np.concatenate([part.values for part in parts]),
        steps=np.concatenate([part.steps for part in parts]),
        epochs=np.concatenate([part.epochs for part in parts]),
        wall_times=np.concatenate([part.wall_times for part in parts]),
        records=np.concatenate([part.records for part in parts]),
        files=np.concatenate([part.files for part in parts]),
    )


READER = Reader(name="tensorboard", recognises=recognises, read=read)
