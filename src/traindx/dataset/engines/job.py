"""A range of rows of one or several columns that are read together, and what measuring them gave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import Lost, read_around
from traindx.dataset.statistics.columns import Column, State
from traindx.dataset.statistics.numeric import NumberState
from traindx.dataset.statistics.selection import Grouping, Mask
from traindx.dataset.statistics.wire import pack, unpack
from traindx.errors import UnreadableDataError

Step = Callable[[int], None]
"""Is told how many more bytes were measured."""

_MOST_TABLES: Final = (
    128  # histograms of 2 MiB that are kept while counting; with more columns, each is given back at once
)


@final
@dataclass(frozen=True, slots=True)
class Unread:
    """Rows of the column of that number which could not be read, and why."""

    column: int
    start: int
    stop: int
    why: str


@final
@dataclass(frozen=True, slots=True)
class Measured:
    """The state of each column of a job."""

    states: Sequence[State]
    unread: Sequence[Unread]

    def to_bytes(self) -> bytes:
        """Return states and losses as bytes."""
        lost = [[one.column, one.start, one.stop, one.why] for one in self.unread]
        return pack({"what": "measured", "states": [state.to_bytes() for state in self.states], "unread": lost})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The rows from ``start`` to before ``stop`` of ``columns``, to be read ``rows`` at a time."""

    columns: tuple[Column, ...]
    start: int
    stop: int
    rows: int
    mask: Mask | None = None
    groups: Grouping | None = None

    @property
    def size(self) -> int:
        """How many bytes there are to measure."""
        return (self.stop - self.start) * sum(column.row_bytes for column in self.columns)

    def restored(self, data: bytes) -> Measured:
        """Return what a worker sent."""
        found = unpack(data, "measured")
        states = [column.restored(state) for column, state in zip(self.columns, found["states"], strict=True)]
        return Measured(states, [Unread(*one) for one in cast("list[tuple[int, int, int, str]]", found["unread"])])


def measured(job: Job, step: Step = lambda size: None) -> Measured:  # noqa: ARG005 -- by default nobody is told
    """Return the states of the job's columns, and what could not be read."""
    states = [column.new_state() for column in job.columns]
    unread: list[Unread] = []
    buffers = [_buffer(column, min(job.rows, job.stop - job.start)) for column in job.columns]
    for start in range(job.start, job.stop, job.rows):
        stop = min(start + job.rows, job.stop)
        try:
            mask = None if job.mask is None else job.mask.rows(start, stop)
            ids = None if job.groups is None else job.groups.ids(start, stop)
        except UnreadableDataError as error:  # which rows count is not known
            unread += [Unread(number, start, stop, str(error)) for number in range(len(states))]
            continue
        for number, column in enumerate(job.columns):
            state = states[number]
            unread += _measure(job, number, state, (start, stop), (mask, ids), buffers[number])
            if len(states) > _MOST_TABLES and isinstance(state, NumberState) and state.sketch is not None:
                state.sketch.rest()
            step((stop - start) * column.row_bytes)
    for state in states:
        if isinstance(state, NumberState):
            state.rest()
    return Measured(states, unread)


def measured_as_bytes(job: Job) -> bytes:
    """Return what was measured as bytes: for workers elsewhere."""
    return measured(job).to_bytes()


def _measure(
    job: Job,
    number: int,
    state: State,
    span: tuple[int, int],
    chosen: tuple[NDArray[np.bool_] | None, NDArray[np.int64] | None],
    buffer: NDArray[Any] | None,
) -> list[Unread]:
    column, unread = job.columns[number], list[Unread]()
    mask, ids = chosen
    for part in read_around(column.source, *span, out=buffer):
        if isinstance(part, Lost):
            unread.append(Unread(number, part.start, part.stop, str(part.error)))
            continue
        first, block = part
        rows = slice(first - span[0], first - span[0] + len(block))
        keep = job.mask.of(block, None if mask is None else mask[rows]) if job.mask and column.masked else None
        column.update(state, block, keep, ids[rows] if ids is not None and column.groups else None, first)
    return unread


def _buffer(column: Column, rows: int) -> NDArray[Any] | None:
    """Return memory to read blocks into, where they are numbers."""
    source = column.source
    return np.empty((rows, *source.shape[1:]), source.dtype) if source.kind == "number" else None
