"""Pairs of blocks counted by the workers of a Dask cluster."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource, MemorySource
from traindx.errors import MissingExtraError, UsageError
from traindx.retrieval.backends.blas import one_blas_thread
from traindx.retrieval.backends.travel import travels_light
from traindx.retrieval.blockwise import Tallies, Work, count_all
from traindx.retrieval.embeddings import Embeddings, blocks
from traindx.retrieval.tiles import InexactProductError, Tally

_BLOCK_BYTES = 8 << 20
"""Rows that travel at a time: below the 10 MB from which Dask warns of its scheduler's memory, which holds them for the case that a worker dies."""

_WAIT_SECONDS = 20
"""How long a cluster may take to answer before it is said not to."""


def count_by_dask(work: Work, address: str) -> Tallies:
    """Return the counts of both directions, counted by the cluster whose scheduler listens at ``address`` (``host:port``).

    A task depends on nothing but its blocks, so that one whose worker died is counted again elsewhere with the same result. Files are read by the workers,
    which must see them under the same path; rows in memory are sent.
    """
    with _client(address) as client:
        tallies = Tallies(Tally.of(len(work.forward.upper)), work.backward and Tally.of(len(work.backward.upper)))
        left, right = list(_blocks(work.queries)), list(_blocks(work.gallery))
        queries = [_sent(client, work.queries, *part) for part in left]
        items = [_sent(client, work.gallery, *part) for part in right]
        places = {
            client.submit(_count, _piece(work, mine, theirs), rows, others, pure=False): (mine, theirs)
            for mine, rows in zip(left, queries, strict=True)
            for theirs, others in zip(right, items, strict=True)
        }
        for future, found in _finished(client, list(places)):
            _add(tallies, found, work, *places.pop(future))
    return tallies


def _count(work: Work, queries: NDArray[Any] | None, items: NDArray[Any] | None) -> Tallies | None:
    """Count a pair of blocks; an inexact product comes back as None, for the client to decide."""
    whole = replace(work, queries=_with(work.queries, queries), gallery=_with(work.gallery, items))
    try:
        with one_blas_thread():
            return count_all(whole, [(s + work.queries.first, e + work.queries.first) for s, e in _tasks(work)])
    except InexactProductError:
        return None


def _tasks(work: Work) -> Iterator[tuple[int, int]]:
    return blocks(len(work.queries), work.plan.query_rows)


def _with(side: Embeddings, rows: NDArray[Any] | None) -> Embeddings:
    return side if rows is None else replace(side, source=MemorySource(rows, where=side.source.where))


def _piece(work: Work, mine: tuple[int, int], theirs: tuple[int, int]) -> Work:
    backward = None if work.backward is None else work.backward.part(*theirs).alone()
    return replace(
        work,
        queries=_light(work.queries, *mine),
        gallery=_light(work.gallery, *theirs),
        forward=work.forward.part(*mine).alone(),
        backward=backward,
    )


def _light(side: Embeddings, start: int, stop: int) -> Embeddings:
    if travels_light(side.source):
        return side.part(start, stop)
    nothing: ArraySource = MemorySource(np.empty((0, side.dim), dtype=np.float32), where=side.source.where)
    return side.part(start, stop, nothing)


def _sent(client: Any, side: Embeddings, start: int, stop: int) -> Any:
    """The rows as a task of their own: should their worker die, the scheduler has them still."""
    if travels_light(side.source):
        return None
    return client.submit(_same, np.ascontiguousarray(side.read(start, stop)), pure=False)


def _same(rows: NDArray[Any]) -> NDArray[Any]:
    return rows


def _blocks(side: Embeddings) -> Iterator[tuple[int, int]]:
    wide = side.read(0, 1).dtype.itemsize
    return blocks(len(side), max(1, _BLOCK_BYTES // (side.dim * wide)))


def _finished(client: Any, futures: list[Any]) -> Iterator[tuple[Any, Tallies]]:
    library = importlib.import_module("distributed")
    for future, found in library.as_completed(futures, loop=client.loop, with_results=True):
        if found is None:
            raise InexactProductError
        yield future, found


def _add(total: Tallies, found: Tallies, work: Work, mine: tuple[int, int], theirs: tuple[int, int]) -> None:
    starts = work.forward.targets.starts
    _add_part(total.forward, found.forward, int(starts[mine[0]]))
    if total.backward is not None and found.backward is not None and work.backward is not None:
        _add_part(total.backward, found.backward, int(work.backward.targets.starts[theirs[0]]))


def _add_part(total: Tally, found: Tally, first: int) -> None:
    inside = slice(first, first + len(found.above))
    total.above[inside] += found.above
    total.level[inside] += found.level


def _client(address: str) -> Any:
    try:
        library = importlib.import_module("distributed")
    except ImportError as error:
        raise MissingExtraError("ranking on a Dask cluster", package="distributed", extra="dask") from error
    try:
        return library.Client(f"tcp://{address}", timeout=_WAIT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {address}", hint="start one: dask scheduler, and dask worker HOST:PORT"
        ) from error
