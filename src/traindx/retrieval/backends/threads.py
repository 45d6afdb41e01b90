"""Blocks of queries counted by threads of this process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from traindx.retrieval.backends.blas import one_blas_thread
from traindx.retrieval.blockwise import Work, count_block
from traindx.retrieval.embeddings import blocks
from traindx.retrieval.tiles import Tally


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def count_by_threads(work: Work, threads: int) -> tuple[Tally, Tally | None]:
    """Return the counts of both directions; every thread has a tally of its own, and whole numbers add up in any order."""
    parts = list(blocks(len(work.queries), work.plan.query_rows))
    threads = min(threads, len(parts))
    with one_blas_thread(wanted=threads > 1):
        if threads == 1:
            return _counted(work, parts)
        shares = [parts[first::threads] for first in range(threads)]
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(lambda share: _counted(work, share), shares))
    forward, backward = found[0]
    for one, other in found[1:]:
        forward.add(one)
        if backward is not None and other is not None:
            backward.add(other)
    return forward, backward


def _counted(work: Work, parts: list[tuple[int, int]]) -> tuple[Tally, Tally | None]:
    forward = Tally.of(len(work.forward.upper))
    backward = None if work.backward is None else Tally.of(len(work.backward.upper))
    for start, stop in parts:
        count_block(work, start, stop, forward, backward)
    return forward, backward
