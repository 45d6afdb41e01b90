"""Blocks of queries counted by several processes, each of which opens the rows for itself."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import numpy as np

from traindx.arrays import open_array
from traindx.retrieval.backends.blas import one_blas_thread
from traindx.retrieval.backends.travel import travels_light
from traindx.retrieval.blockwise import Tallies, Work, count_all
from traindx.retrieval.embeddings import Embeddings, blocks

_ROWS_AT_A_TIME = 4096


def count_by_processes(work: Work, processes: int) -> Tallies:
    """Return the counts of both directions.

    Files are opened again by every process; rows in memory are written to a temporary file first, which all of them read from the page cache. What a process
    that was killed would have counted is counted here.
    """
    parts = list(blocks(len(work.queries), work.plan.query_rows))
    shares = [parts[first::processes] for first in range(min(processes, len(parts)))]
    with tempfile.TemporaryDirectory(prefix="traindx-") as folder:
        apart = replace(
            work,
            queries=_in_a_file(work.queries, Path(folder, "queries.npy")),
            gallery=_in_a_file(work.gallery, Path(folder, "gallery.npy")),
        )
        context = multiprocessing.get_context("spawn")  # a fork would copy the locks of threads that it does not copy
        with ProcessPoolExecutor(len(shares), mp_context=context) as pool:
            futures = [pool.submit(_count, apart, share) for share in shares]
            first, *others = [_result(future, apart, share) for future, share in zip(futures, shares, strict=True)]
    for other in others:
        first.add(other)
    return first


def _count(work: Work, parts: Sequence[tuple[int, int]]) -> Tallies:
    with one_blas_thread():
        return count_all(work, parts)


def _result(future: Future[Tallies], work: Work, parts: Sequence[tuple[int, int]]) -> Tallies:
    try:
        return future.result()
    except BrokenProcessPool:
        return _count(work, parts)


def _in_a_file(side: Embeddings, path: Path) -> Embeddings:
    if travels_light(side.source):
        return side
    first = side.read(side.first, side.first + 1)
    rows = np.lib.format.open_memmap(path, mode="w+", dtype=first.dtype, shape=(len(side), side.dim))
    for start, stop in blocks(len(side), _ROWS_AT_A_TIME):
        rows[start:stop] = side.read(side.first + start, side.first + stop)
    rows.flush()
    return replace(side, source=open_array(path))
