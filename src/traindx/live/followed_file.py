"""One file of a growing run: what is new in it is read, and what was known is kept."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, final

import numpy as np

from traindx.live.accumulated import Accumulated
from traindx.readers import Continuation, GrowingLog
from traindx.run import Run, Series, Source

# A table that has grown so much is read whole once more: which of its columns count is chosen by all of its rows. What this
# costs over the life of a file is about one reading of the file.
# Records of event files stand for themselves.
_DOUBLED: Final = 2.0
_CUT: Final = re.compile(
    r"the last (?:record|line \((\d+)\)) is cut off"
)  # what a writer leaves in the middle of a write


@final
class FollowedFile:
    """The runs in one file, as reading it afresh gives them each time, for the cost of what is new where the format allows it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._log = GrowingLog(path)
        self._held: Accumulated | None = None
        self._identity: tuple[int, int] | None = None
        self._limit = 0.0  # bytes, from which on the file is read whole again
        self.read_whole = 0  # how often, for those who want to know what following costs

    def runs(self) -> list[Run]:
        """Return the runs in the file as it is now. Raises ``UnreadableLogError``, and forgets what it knew."""
        identity, size = _identity(self._path)
        held, self._held = self._held, None  # forgotten, should anything below raise
        known = self._log.end_record
        if held is not None and known is not None and identity == self._identity and size < self._limit:
            more = self._log.beyond()
            run = None if more is None else _continued(held, more, known, self._log.end_record or 0)
            if run is not None:
                self._held = held
                return [run]
        return self._whole(identity, size)

    def _whole(self, identity: tuple[int, int] | None, size: int) -> list[Run]:
        runs = self._log.whole()
        self.read_whole += 1
        self._identity = identity
        known = self._log.end_record
        if known is not None and _is_whole(runs[0].sources[0]):
            self._held = Accumulated(_up_to(runs[0], known))
            self._limit = _DOUBLED * size if runs[0].sources[0].unit == "line" else float("inf")
        return runs


def _identity(path: str) -> tuple[tuple[int, int] | None, int]:
    try:
        found = os.stat(path)
    except OSError:
        return None, 0  # the reading says what is wrong
    return (found.st_dev, found.st_ino), found.st_size


def _is_whole(source: Source) -> bool:
    """Whether the file was read to its end, or to a last record that is still being written."""
    return not source.incomplete or _CUT.fullmatch(source.incomplete) is not None


def _continued(held: Accumulated, more: Continuation, before: int, after: int) -> Run | None:
    """Return the run with what is new, the records from ``before`` to ``after``; None where all must be read.

    That is so where more is new than points of known series: the reading of the whole may then make something else of it.
    """
    read = more.read.sources[0]
    rows, rest = _rows(more.run.series), _rows(more.rest.series)
    strange = more.read.settings or more.read.notes or read.skipped or not _is_whole(read)
    if more.read.series and _rows(more.read.series) != read.rows:
        return None  # rows that gave no point: how many of them were known cannot be told
    if strange or not (held.takes(more.run) and held.takes(more.rest)):
        return None
    known = held.run.sources[0]
    if after > before:
        known = replace(known, rows=known.rows + rows, ignored=known.ignored + after - before - rows)
        held.add(more.run.series, known)
    if not rest and not read.incomplete:
        return held.run
    return held.with_rest(
        more.rest.series, replace(known, rows=known.rows + rest, incomplete=_counted(read.incomplete, after))
    )


def _counted(incomplete: str, whole_lines: int) -> str:
    """Count the line that is cut off in the whole file, where it was counted in what was read of it."""
    found = _CUT.fullmatch(incomplete)
    return incomplete.replace(found[1], str(whole_lines + 1)) if found and found[1] else incomplete


def _rows(series: Mapping[str, Series]) -> int:
    """Return how many lines or records gave these points."""
    if not series:
        return 0
    return len(np.unique(np.concatenate([one.records for one in series.values()])))


def _up_to(run: Run, record: int) -> Run:
    """Leave out what stands in a last line without its end: it is read again when it has one."""
    series = {name: one.take(one.records <= record) for name, one in run.series.items()}
    cut = any(len(series[name]) < len(one) for name, one in run.series.items())
    source = replace(run.sources[0], rows=run.sources[0].rows - cut, incomplete="")
    return replace(run, series=series if cut else run.series, sources=(source,))
