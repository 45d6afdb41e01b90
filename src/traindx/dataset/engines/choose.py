"""Engines by name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Protocol

from traindx.dataset.engines.cluster import OnDask
from traindx.dataset.engines.job import Job, Measured, Step
from traindx.dataset.engines.local import InOnePiece, InProcesses, InThreads
from traindx.errors import UsageError, unknown_name

_LOCAL = ("one", "threads", "processes")


class Engine(Protocol):
    """Measures jobs, several at a time, and yields what they gave in the order of the jobs."""

    @property
    def workers(self) -> int:
        """How many jobs it measures at a time."""
        ...

    def run(self, jobs: Sequence[Job], step: Step) -> Iterator[Measured]:
        """Yield what each job gave; ``step`` is told of every piece that is done."""
        ...


def engine_named(name: str, workers: int | None = None) -> Engine:
    """Return the engine of this name: ``one``, ``threads``, ``processes``, ``dask://host:port`` or ``dask://local``.

    ``workers`` is how many threads or processes (default: one for each processor). Raises ``UsageError`` for another name.

    >>> engine_named("threads", 4).workers
    4
    """
    count = workers if workers is not None else processors()
    if count < 1:
        raise UsageError(f"{count} workers can do no work", hint="give a number of at least 1")
    if name.startswith("dask://"):
        return OnDask(name.removeprefix("dask://"), count)
    if name not in _LOCAL:
        raise unknown_name("engine", name, (*_LOCAL, "dask://local", "dask://host:port"))
    if name == "one":
        return InOnePiece()
    return InThreads(count) if name == "threads" else InProcesses(count)


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
