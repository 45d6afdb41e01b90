"""How an array is cut into jobs: by its own size alone, so that every engine adds up the same pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from traindx.dataset.engines.job import Job
from traindx.dataset.statistics.columns import Column
from traindx.dataset.statistics.selection import Grouping, Mask

_LEAST_JOB, _MOST_JOB = 256 << 20, 1 << 30  # bytes: what a job costs by itself (10 ms) is little beside measuring them
_JOBS: Final = 64  # of an array, between those limits
_BLOCK: Final = 2 << 20  # bytes read at a time: they stay in the third-level cache until they are measured
_LARGE_CHUNK: Final = (
    1  # blocks that a chunk may be long, to be read whole: parts of one are measured where they were decoded
)


def bundles(columns: Sequence[Column]) -> Iterator[tuple[Column, ...]]:
    """Yield the columns that are read together: those of one table, and every other one by itself."""
    tables: dict[tuple[str, int], list[Column]] = {}
    for number, column in enumerate(columns):
        table = column.source.table
        tables.setdefault((table or f"\0{number}", len(column.source)), []).append(column)
    yield from (tuple(bundle) for bundle in tables.values())


def jobs(
    columns: tuple[Column, ...],
    mask: Mask | None = None,
    groups: Grouping | None = None,
    *,
    block_bytes: int = _BLOCK,
    least_bytes: int = _LEAST_JOB,
) -> Iterator[Job]:
    """Yield the jobs of columns that are read together, in blocks of at most some ``block_bytes``, and of at least ``least_bytes`` each."""
    total = len(columns[0].source)
    row_bytes = sum(column.row_bytes for column in columns)
    rows = _rows_at_once(columns, max(1, min(_BLOCK, block_bytes) // row_bytes))
    size = min(max(total * row_bytes // _JOBS, least_bytes), _MOST_JOB)
    chunk = max(1, *(column.source.block_rows for column in columns))
    step = max(1, round(size / row_bytes / chunk)) * chunk
    uses_mask = any(column.masked for column in columns)
    uses_groups = any(column.groups for column in columns)
    for start in range(0, total, step):
        yield Job(
            columns=columns,
            start=start,
            stop=min(start + step, total),
            rows=rows,
            mask=mask if uses_mask else None,
            groups=groups if uses_groups else None,
        )


def _rows_at_once(columns: Sequence[Column], rows: int) -> int:
    """Return how many of the ``rows`` that fit are read at a time: whole chunks, or a chunk in equal parts."""
    chunk = max(1, *(column.source.chunk_end(0) for column in columns))
    if chunk <= rows:
        return rows // chunk * chunk
    return chunk if chunk <= _LARGE_CHUNK * rows else -(-chunk // -(-chunk // rows))
