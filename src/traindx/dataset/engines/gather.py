"""What all jobs gave, put together in the order of the jobs."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.dataset.engines.choose import Engine
from traindx.dataset.engines.job import Job, Step, Unread
from traindx.dataset.statistics.columns import State, merge_into


def gathered(engine: Engine, work: Sequence[Job], step: Step) -> tuple[dict[int, State], dict[int, list[Unread]]]:
    """Return the state of each source of the jobs (by its identity), and the rows of it that could not be read."""
    sources = {id(column.source): column for job in work for column in job.columns}
    states = {key: column.new_state() for key, column in sources.items()}
    unread: dict[int, list[Unread]] = {key: [] for key in sources}
    for job, result in zip(work, engine.run(work, step), strict=True):
        for column, state in zip(job.columns, result.states, strict=True):
            merge_into(states[id(column.source)], state)
        for lost in result.unread:
            unread[id(job.columns[lost.column].source)].append(lost)
    return states, unread
