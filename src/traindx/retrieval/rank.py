"""Rank a gallery for every query by counting: no score is sorted, and none is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, cast, overload

from numpy.typing import ArrayLike

from traindx.arrays import ArraySource, has_numba
from traindx.errors import UsageError
from traindx.retrieval.backends.choice import check_threads, counted, counting
from traindx.retrieval.backends.threads import usable_cores
from traindx.retrieval.blockwise import BLOCK_BYTES, Work, plan
from traindx.retrieval.direction import Quest, quest
from traindx.retrieval.embeddings import Embeddings, embeddings
from traindx.retrieval.exclusion import Excluded, excluded_pairs, without
from traindx.retrieval.identical import with_identical_items
from traindx.retrieval.ranking import Ranking, Similarity
from traindx.retrieval.relevance import Relevance, by_row, from_lists, from_pairs
from traindx.retrieval.targets import TIE_TOLERANCE, pair_scores

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
    exclude: Excluded = None,
    duplicates: bool = False,
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
    exclude: Excluded = None,
    duplicates: bool = False,
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
    exclude: Excluded = None,
    duplicates: bool = False,
) -> Ranking | tuple[Ranking, Ranking]:
    """Count, for every right item of every query, the items of the gallery above it and level with it.

    ``queries`` (N, D) and ``gallery`` (M, D) are arrays, tensors or sources; ``relevant`` is a ``Relevance``, an array of pairs
    (query, item) or a list of right items for each query, and by default row i is right for row i. With ``both``, the pair of rankings
    of the gallery for the queries and of the queries for the gallery comes out of the same product.

    ``exclude`` names items that are not ranked for a query: ``"self"`` (queries and gallery are the same rows) or pairs. With ``duplicates``,
    gallery rows identical to a right item are right too. ``backend`` is "numpy", "numba" (both in ``threads``), "torch" ("torch:cuda"),
    "processes" or "dask://host:port"; "auto" stays in this process, on the GPU where both sides are tensors there. ``block_bytes`` is
    the working memory of each thread; ``tie_tolerance`` what counts as level, as a share of the lengths of the query and the right item.

    The counts are those of the scores in float64, summed in a fixed order: the blockwise product in float32 only decides what its
    error bound lets it decide, and the rest is computed by definition. So the order of the rows, the size of the tiles, the number
    of threads and the backend change nothing. Raises ``UsageError`` for rows that cannot be ranked.

    >>> import numpy as np
    >>> rank(np.eye(3), np.eye(3)[[0, 2, 1]]).above.tolist()
    [0, 1, 1]
    """
    _check(similarity, tie_tolerance, block_bytes)
    count = counting(backend, (queries, gallery))
    threads = usable_cores() if threads is None else check_threads(threads)
    left, right = _sides(queries, gallery, similarity)
    left_out = excluded_pairs(exclude, len(left), len(right))
    relevance = without(relevance_of(relevant, len(left), len(right)), left_out)
    there, back = _directions(left, right, relevance, left_out, tie_tolerance, both=both, duplicates=duplicates)
    work = Work(
        queries=left,
        gallery=right,
        forward=there.aim,
        backward=None if back is None else back.aim,
        plan=plan(len(left), len(right), left.dim, block_bytes, threads),
        compiled=has_numba(),
    )
    tallies = counted(work, count, threads)
    if back is None or tallies.backward is None:
        return there.ranking(tallies.forward)
    return there.ranking(tallies.forward), back.ranking(tallies.backward)


def _directions(
    left: Embeddings,
    right: Embeddings,
    relevance: Relevance,
    left_out: Relevance | None,
    tie_tolerance: float,
    *,
    both: bool,
    duplicates: bool,
) -> tuple[Quest, Quest | None]:
    """The direction from the queries and, where both are wanted, the one from the gallery: they share the scores of their pairs.

    Identical items are right in the gallery that is searched, so that they make pairs of each direction's own.
    """
    wider, backward = relevance, relevance.turned() if both else None
    turned = left_out.turned() if both and left_out is not None else None
    scores = None
    if duplicates:
        wider = without(with_identical_items(relevance, right), left_out)
        backward = None if backward is None else without(with_identical_items(backward, left), turned)
    else:
        scores = pair_scores(left, right, relevance.query, relevance.item)
    there = quest(left, right, wider, left_out, tie_tolerance, scores)
    if backward is None:
        return there, None
    mirrored = None if scores is None else scores[relevance.turning()]
    return there, quest(right, left, backward, turned, tie_tolerance, mirrored)


def _sides(queries: Table, gallery: Table, similarity: Similarity) -> tuple[Embeddings, Embeddings]:
    left = embeddings(queries, similarity, what="queries")
    right = embeddings(gallery, similarity, what="gallery")
    if left.dim != right.dim:
        raise UsageError(
            f"queries have {left.dim:,} dimensions and the gallery {right.dim:,}",
            hint="both must come from the same embedding space",
        )
    return left, right


def _check(similarity: str, tie_tolerance: float, block_bytes: int) -> None:
    if similarity not in {"cosine", "dot"}:
        raise UsageError(f"unknown similarity {similarity!r}", hint="cosine or dot")
    if not (math.isfinite(tie_tolerance) and tie_tolerance >= 0):
        raise UsageError(f"the tie tolerance must be 0 or more, and not {tie_tolerance}")
    if block_bytes < 1:
        raise UsageError(f"the bytes of a block must be 1 or more, and not {block_bytes}")


def relevance_of(relevant: Right | None, queries: int, items: int) -> Relevance:
    """Return what is right for what, from any of the forms that ``rank`` takes."""
    if relevant is None:
        if queries != items:
            raise UsageError(
                f"{queries:,} queries and {items:,} items are not matched row by row",
                hint="say which items are right for which query: --relevant FILE, or relevant= in Python",
            )
        return by_row(queries)
    if isinstance(relevant, Relevance):
        if (relevant.queries, relevant.items) != (queries, items):
            raise UsageError(
                f"relevance is of {relevant.queries:,} queries and {relevant.items:,} items, "
                f"and there are {queries:,} and {items:,}"
            )
        return relevant
    lists = _lists(relevant)
    return from_pairs(relevant, queries, items) if lists is None else from_lists(lists, queries, items)


def _lists(relevant: object) -> Sequence[Sequence[int]] | None:
    """A list of lists is one of right items, unless it is one of tuples of two: those are pairs."""
    if not isinstance(relevant, list | tuple):
        return None
    rows = cast("Sequence[Sequence[int]]", relevant)
    pairs = len(rows) > 0 and all(isinstance(row, tuple) and len(row) == 2 for row in rows)
    return None if pairs else rows
