"""Rank a gallery for every query by counting: no score is sorted, and none is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from traindx.arrays import ArraySource
from traindx.arrays.compiled import has_numba
from traindx.errors import UsageError
from traindx.retrieval.aim import Aim, aim
from traindx.retrieval.backends.threads import count_by_threads, usable_cores
from traindx.retrieval.blockwise import BLOCK_BYTES, Work, plan
from traindx.retrieval.embeddings import Embeddings, embeddings
from traindx.retrieval.ranking import Ranking, Similarity
from traindx.retrieval.relevance import Relevance, by_row, from_lists, from_pairs
from traindx.retrieval.targets import TIE_TOLERANCE, Targets, pair_scores, targets
from traindx.retrieval.tiles import Tally

Table = ArraySource | ArrayLike
Right = Relevance | ArrayLike | Sequence[Sequence[int]]


@overload
def rank(
    queries: Table,
    gallery: Table,
    relevant: Right | None = None,
    *,
    similarity: Similarity = "cosine",
    both: Literal[False] = False,
    backend: str = "auto",
    threads: int | None = None,
    block_bytes: int = BLOCK_BYTES,
    tie_tolerance: float = TIE_TOLERANCE,
) -> Ranking: ...
@overload
def rank(
    queries: Table,
    gallery: Table,
    relevant: Right | None = None,
    *,
    similarity: Similarity = "cosine",
    both: Literal[True],
    backend: str = "auto",
    threads: int | None = None,
    block_bytes: int = BLOCK_BYTES,
    tie_tolerance: float = TIE_TOLERANCE,
) -> tuple[Ranking, Ranking]: ...
def rank(
    queries: Table,
    gallery: Table,
    relevant: Right | None = None,
    *,
    similarity: Similarity = "cosine",
    both: bool = False,
    backend: str = "auto",
    threads: int | None = None,
    block_bytes: int = BLOCK_BYTES,
    tie_tolerance: float = TIE_TOLERANCE,
) -> Ranking | tuple[Ranking, Ranking]:
    """Count, for every right item of every query, the items of the gallery above it and level with it.

    ``queries`` (N, D) and ``gallery`` (M, D) are arrays, tensors or sources; ``relevant`` is a ``Relevance``, an array of pairs
    (query, item) or a list of right items for each query, and by default row i is right for row i. With ``both``, the pair of rankings
    of the gallery for the queries and of the queries for the gallery comes out of the same product.

    The counts are those of the scores in float64, summed in a fixed order: the blockwise product in float32 only decides what its
    error bound lets it decide, and the rest is computed by definition. So the order of the rows, the size of the tiles, the number of threads
    and the backend change nothing. Raises ``UsageError`` for rows that cannot be ranked.
    """
    left, right = embeddings(queries, similarity, what="queries"), embeddings(gallery, similarity, what="gallery")
    if left.dim != right.dim:
        raise UsageError(f"queries have {left.dim:,} dimensions and the gallery {right.dim:,}")
    relevance = _relevance(relevant, len(left), len(right))
    threads = usable_cores() if threads is None else threads
    scores = pair_scores(left, right, relevance.query, relevance.item)
    there = _Direction(left, right, relevance, scores, tie_tolerance)
    back = _Direction(right, left, relevance.turned(), scores[relevance.turning()], tie_tolerance) if both else None
    work = Work(
        queries=left,
        gallery=right,
        forward=there.aim,
        backward=None if back is None else back.aim,
        plan=plan(len(left), len(right), left.dim, block_bytes, threads),
        compiled=backend != 'numpy' and has_numba(),
    )
    forward, backward = count_by_threads(work, threads)
    if back is None or backward is None:
        return there.ranking(forward)
    return there.ranking(forward), back.ranking(backward)


class _Direction:
    """One direction: what is counted, and how counts become a ranking."""

    def __init__(
        self,
        queries: Embeddings,
        gallery: Embeddings,
        relevance: Relevance,
        scores: NDArray[np.float64],
        tie_tolerance: float,
    ) -> None:
        self.relevance, self.gallery_size = relevance, len(gallery)
        self.exponent = queries.exponent + gallery.exponent
        self.targets, self.order = targets(queries, gallery, relevance, scores, tie_tolerance)
        self.aim: Aim = aim(queries, gallery, self.targets)

    def ranking(self, tally: Tally) -> Ranking:
        counts = np.diff(self.relevance.starts)
        kept = np.flatnonzero(counts)
        missing = len(counts) - len(kept)
        notes = self.relevance.notes
        if missing:
            notes = (*notes, f"{missing:,} of {len(counts):,} queries have no right item and were left out")
        right_above, right_level = _among_right_items(self.targets)
        grades = self.relevance.grades
        return Ranking(
            above=tally.above,
            level=tally.level,
            starts=np.concatenate(([0], np.cumsum(counts[kept]))).astype(np.int64),
            gallery_size=self.gallery_size,
            right_above=right_above,
            right_level=right_level,
            query_rows=kept.astype(np.int64),
            items=self.targets.item,
            scores=np.ldexp(self.targets.score, self.exponent),
            grades=None if grades is None else grades[self.order],
            notes=notes,
        )


def _among_right_items(found: Targets) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many right items of the same query are above each right item, and how many level with it."""
    above, level = np.zeros(len(found.item), dtype=np.int64), np.zeros(len(found.item), dtype=np.int64)
    for start, stop in zip(found.starts[:-1].tolist(), found.starts[1:].tolist(), strict=True):
        if stop - start > 1:
            rising = found.score[start:stop][::-1]
            higher = stop - start - np.searchsorted(rising, found.high[start:stop], side="right")
            at_least = stop - start - np.searchsorted(rising, found.low[start:stop], side="left")
            above[start:stop], level[start:stop] = higher, at_least - higher - 1
    return above, level


def _relevance(relevant: Right | None, queries: int, items: int) -> Relevance:
    if isinstance(relevant, Relevance):
        if (relevant.queries, relevant.items) != (queries, items):
            raise UsageError(
                f"relevance is of {relevant.queries:,} queries and {relevant.items:,} items, "
                f"and there are {queries:,} and {items:,}"
            )
        return relevant
    if relevant is None:
        if queries != items:
            raise UsageError(
                f"{queries:,} queries and {items:,} items are not matched row by row",
                hint="say which items are right for which query",
            )
        return by_row(queries)
    if isinstance(relevant, Sequence) and not isinstance(relevant, str) and not _is_pairs(relevant):
        return from_lists(relevant, queries, items)  # pyright: ignore
    return from_pairs(relevant, queries, items)  # pyright: ignore


def _is_pairs(relevant: Sequence[object]) -> bool:
    """A list of tuples is one of pairs; a list of lists is one of right items."""
    return len(relevant) > 0 and all(isinstance(row, tuple) and len(row) == 2 for row in relevant)
