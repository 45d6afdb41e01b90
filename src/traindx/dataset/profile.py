"""The statistics of every array of a file, a directory or in memory, in one pass and bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from traindx.arrays import ArraySource
from traindx.dataset.engines import engine_named
from traindx.dataset.engines.gather import gathered
from traindx.dataset.engines.job import Job, Step, Unread
from traindx.dataset.inputs import grouping_of, mask_of, sources_of
from traindx.dataset.jobs import bundles, jobs
from traindx.dataset.statistics.columns import Column, State
from traindx.dataset.statistics.look import plans
from traindx.dataset.statistics.numbers import measured_type
from traindx.dataset.statistics.selection import Grouping, Mask
from traindx.dataset.statistics.summaries import array_summary, empty_summary
from traindx.dataset.summary import ArraySummary, Profile

Progress = Callable[[int, int], None]
"""Is told how many bytes are done, and how many there are."""
_WORTH_COMPILING: Final = 48 << 20  # bytes of numbers: numpy takes as long for them as the import of numba takes
_SHOWN_LOSSES: Final = 100  # named one by one; the rest is counted
_BUFFERS: Final = 4  # of a worker: block, mask, and what a conversion needs


def profile(
    path_or_array: object,
    *,
    arrays: Sequence[str] = (),
    mask: object = None,
    group: object = None,
    quantiles: bool = True,
    threads: int | None = None,
    engine: str = "threads",
    progress: Progress | None = None,
    max_bytes: int = 64 << 20,
) -> Profile:
    """Return the statistics of a file's arrays (of those named in ``arrays``, or all), or of an array in memory.

    ``path_or_array`` is a path, an array, a tensor, an ``ArraySource``, or a mapping of names to them. ``mask`` and ``group`` are a
    name inside the file, an array or a source; a mask may also be a function from a block to a boolean array (for processes and
    clusters one that can be imported). A mask is true for what counts, and has a value for each element or each row; arrays
    that it does not fit are measured whole, and say so where it fits none. Groups are told apart by the value that ``group`` has in each row. ``quantiles``
    adds histograms, commonest values and shares of squares. ``threads`` is how many workers there are, ``engine`` one of ``one``,
    ``threads``, ``processes``, ``dask://host:port`` and ``dask://local``: the answer is the same. ``max_bytes`` bounds the blocks in memory.

    Rows that cannot be read are left out, counted and named. Raises ``UnreadableDataError`` where nothing can be opened, and ``UsageError`` for
    names that do not exist.
    """
    path, form, sources = sources_of(path_or_array, arrays)
    masking = mask_of(mask, path_or_array, sources)
    grouped = grouping_of(group, path_or_array, sources)
    worker = engine_named(engine, threads)
    columns, refused = _columns(list(sources.values()), masking, grouped)
    numbers = [column for column in columns if column.source.kind == "number"]
    if sum(len(column.source) * column.row_bytes for column in numbers) < _WORTH_COMPILING:
        columns = [replace(column, by_machine_code=False) for column in columns]
    if quantiles:
        columns = _planned(columns, masking)
    block = max(1, max_bytes // (worker.workers * _BUFFERS))
    work = [job for bundle in bundles(columns) for job in jobs(bundle, masking, grouped, block_bytes=block)]
    by_source = {id(column.source): column for column in columns}
    states, unread = gathered(worker, work, _stepper(progress, work))
    unfit = _unfit(columns, masking, grouped)
    found = {key: _summary(column, states[key], unread[key], grouped, unfit) for key, column in by_source.items()}
    summaries = (found.get(id(source)) or refused[id(source)] for source in sources.values())
    return Profile(path=path, format=form, arrays=tuple(summaries))


def _columns(
    sources: Sequence[ArraySource], mask: Mask | None, groups: Grouping | None
) -> tuple[list[Column], dict[int, ArraySummary]]:
    """Return what can be measured, and a summary that says why for what cannot."""
    columns: list[Column] = []
    refused: dict[int, ArraySummary] = {}
    for source in {id(source): source for source in sources}.values():  # one may stand under two names
        reason = _reason_against(source)
        if reason:
            refused[id(source)] = replace(empty_summary(source), limits=(reason,))
            continue
        masked = mask is not None and source is not mask.source and mask.fits(source.shape)
        grouped = groups is not None and source is not groups.source and len(groups.source) == len(source)
        kept = len(groups.labels) if groups is not None and grouped and source.kind == "number" else 0
        columns.append(Column(source, masked=masked, groups=kept))
    return columns, refused


def _reason_against(source: ArraySource) -> str:
    if not len(source) or 0 in source.shape:
        return "holds no values"
    if source.kind == "number" and measured_type(source.dtype) is None:
        return f"values of type {source.dtype.name} are not measured"
    return ""


def _planned(columns: Sequence[Column], mask: Mask | None) -> list[Column]:
    plan_of = {
        id(column): plan
        for bundle in bundles(columns)
        for column, plan in zip(bundle, plans(bundle, mask), strict=True)
    }
    return [replace(column, plan=plan_of[id(column)]) for column in columns]


def _stepper(progress: Progress | None, work: Sequence[Job]) -> Step:
    """Return what adds up the bytes that are done, and tells ``progress``."""
    total, done = sum(job.size for job in work), 0

    def step(size: int) -> None:
        nonlocal done
        done += size
        if progress is not None:
            progress(done, total)

    step(0)
    return step


def _unfit(columns: Sequence[Column], mask: Mask | None, groups: Grouping | None) -> tuple[str, ...]:
    """Say of a mask and of groups that they fit none of the arrays. Where they fit one, the others were not meant."""
    limits: list[str] = []
    if mask is not None and mask.source is not None and not any(column.masked for column in columns):
        limits.append(f"the mask of shape {mask.source.shape} does not fit: all values were measured")
    if groups is not None and not any(
        len(groups.source) == len(column.source) for column in columns if column.source is not groups.source
    ):
        limits.append(f"the {len(groups.source):,} rows of the grouping column do not fit: no groups were told apart")
    return tuple(limits)


def _summary(
    column: Column, state: State, unread: Sequence[Unread], groups: Grouping | None, unfit: tuple[str, ...]
) -> ArraySummary:
    summary = array_summary(column, state, groups)
    named = [one.why for one in unread[:_SHOWN_LOSSES]]
    if len(unread) > _SHOWN_LOSSES:
        named.append(f"and {len(unread) - _SHOWN_LOSSES:,} more places")
    return replace(
        summary,
        unread=tuple(named),
        unread_rows=sum(one.stop - one.start for one in unread),
        limits=(*summary.limits, *unfit),
    )
