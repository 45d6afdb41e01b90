"""The statistics of every array of a file, directory or in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from traindx.arrays import ArraySource, MemorySource, format_of, open_arrays
from traindx.dataset.statistics.numbers import features_of
from traindx.dataset.statistics.numeric import NumberState
from traindx.dataset.statistics.summaries import column_summaries, column_summary
from traindx.dataset.statistics.tiles import pooled
from traindx.dataset.summary import ArraySummary, Profile
from traindx.errors import UnreadableDataError

_BLOCK_BYTES = 2 << 20


def profile(path_or_array: str | Path | NDArray[Any] | ArraySource, *, arrays: Sequence[str] = ()) -> Profile:
    """Return the statistics of a file's arrays (of those named in ``arrays``, or all)."""
    path, form, sources = _sources(path_or_array, arrays)
    return Profile(path=path, format=form, arrays=tuple(_measured(source) for source in sources.values()))


def _sources(given: str | Path | NDArray[Any] | ArraySource, only: Sequence[str]) -> tuple[str, str, Mapping[str, ArraySource]]:
    if isinstance(given, str | Path):
        return str(given), format_of(given), open_arrays(given, only=only)
    source = given if isinstance(given, ArraySource) else MemorySource(given)
    return source.where, "memory", {source.name: source}


def _measured(source: ArraySource) -> ArraySummary:
    state = NumberState(features_of(source.shape))
    rows = max(1, _BLOCK_BYTES // max(1, source.row_bytes))
    unread: list[str] = []
    lost = 0
    for start in range(0, len(source), rows):
        stop = min(start + rows, len(source))
        try:
            state.update(source.read(start, stop), None, start)
        except UnreadableDataError as error:
            unread.append(str(error))
            lost += stop - start
    states = state.moments.state()
    return ArraySummary(
        name=source.name,
        where=source.where,
        shape=source.shape,
        dtype=source.dtype.name,
        whole=column_summary("whole", pooled(states)[:, 0]),
        features=column_summaries(states),
        unread=tuple(unread),
        unread_rows=lost,
    )
