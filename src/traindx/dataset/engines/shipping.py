"""Jobs made ready for another process: what lies in memory is sent for their rows alone, what lies in a file not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, cast, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.engines.job import Job
from traindx.errors import UsageError

_LITTLE: Final = 1 << 16  # bytes of arrays that a source may carry: places and names of its chunks


@final
class Part(ArraySource):
    """The rows of an array from ``first`` on, under their own numbers."""

    def __init__(self, source: ArraySource, first: int, stop: int) -> None:
        self.name, self.where, self.kind, self.table = source.name, source.where, source.kind, source.table
        self.shape, self.dtype = source.shape, source.dtype
        self.block_rows = source.block_rows
        self._first, self._rows = first, source.read(first, stop)

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:  # noqa: ARG002
        """Return a view of the rows."""
        return self._rows[start - self._first : stop - self._first]


def shipped(job: Job) -> Job:
    """Return the job with the rows that it needs of arrays in memory. Raises ``UsageError`` where something cannot be sent."""
    columns = tuple(replace(column, source=_part(column.source, job)) for column in job.columns)
    mask, groups = job.mask, job.groups
    if mask is not None and mask.source is not None:
        mask = replace(mask, source=_part(mask.source, job))
    if groups is not None:
        groups = replace(groups, source=_part(groups.source, job))
    return replace(job, columns=columns, mask=mask, groups=groups)


def check_sendable(job: Job) -> None:
    """Raise ``UsageError`` where the mask is a function that another process cannot import."""
    function = job.mask.function if job.mask is not None else None
    if "<" in getattr(function, "__qualname__", ""):  # <lambda>, <locals>
        raise UsageError(
            "the mask function cannot be sent to another process",
            hint="define it at the top of a module, or use threads",
        )


def _part(source: ArraySource, job: Job) -> ArraySource:
    return Part(source, job.start, job.stop) if _carried(source) > _LITTLE else source


def _carried(source: ArraySource) -> int:
    """Return how many bytes of arrays would be sent with the source: its own, and those of the sources that it reads."""
    total = 0
    for held in cast("dict[str, object]", vars(source)).values():
        if isinstance(held, np.ndarray):
            total += held.nbytes
        elif isinstance(held, ArraySource):
            total += _carried(held)
    return total
