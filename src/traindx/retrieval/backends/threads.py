"""Blocks of queries counted by threads of this process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from traindx.retrieval.backends.blas import one_blas_thread
from traindx.retrieval.blockwise import Tallies, Work, count_all
from traindx.retrieval.embeddings import blocks


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def count_by_threads(work: Work, threads: int) -> Tallies:
    """Return the counts of both directions; every thread has tallies of its own."""
    parts = list(blocks(len(work.queries), work.plan.query_rows))
    threads = min(threads, len(parts))
    with one_blas_thread():
        if threads == 1:
            return count_all(work, parts)
        with ThreadPoolExecutor(threads) as pool:
            first, *others = pool.map(partial(count_all, work), [parts[share::threads] for share in range(threads)])
    for other in others:
        first.add(other)
    return first
