"""Items that are not ranked for a query: itself, where queries are searched for among themselves."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from traindx.errors import UsageError
from traindx.retrieval.embeddings import Embeddings
from traindx.retrieval.relevance import Relevance, by_row, from_pairs
from traindx.retrieval.targets import Targets, pair_scores
from traindx.retrieval.tiles import Tally

Excluded = Literal["self"] | ArrayLike | Relevance | None


def excluded_pairs(given: Excluded, queries: int, items: int) -> Relevance | None:
    """Return the pairs (query, item) that are not ranked; ``self`` means item i for query i."""
    if given is None or isinstance(given, Relevance):
        return given
    if isinstance(given, str):
        if given != "self" or queries != items:
            raise UsageError(
                f"cannot leave out {given!r} of {queries:,} queries and {items:,} items",
                hint='exclude="self" where both are the same rows, else pairs of query and item',
            )
        return by_row(queries)
    return from_pairs(given, queries, items)


def without(relevance: Relevance, excluded: Relevance | None) -> Relevance:
    """Return the relevance without the pairs that are not ranked."""
    if excluded is None:
        return relevance
    keys = relevance.query * relevance.items + relevance.item
    kept = ~np.isin(keys, excluded.query * excluded.items + excluded.item)
    removed = int((~kept).sum())
    if not removed:
        return relevance
    if not kept.any():
        raise UsageError(
            "every right item is one of those left out", hint="which items are right, besides the query itself?"
        )
    return Relevance(
        queries=relevance.queries,
        items=relevance.items,
        query=relevance.query[kept],
        item=relevance.item[kept],
        grades=None if relevance.grades is None else relevance.grades[kept],
        notes=(*relevance.notes, f"{removed:,} right items are among those left out for their query"),
    )


def take_out(tally: Tally, targets: Targets, queries: Embeddings, gallery: Embeddings, excluded: Relevance) -> None:
    """Take the excluded items out of the counts of their queries, comparing them as every open score is compared."""
    scores = pair_scores(queries, gallery, excluded.query, excluded.item)
    sizes = np.diff(targets.starts)[excluded.query]
    offset = np.arange(int(sizes.sum()), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    target = np.repeat(targets.starts[:-1][excluded.query], sizes) + offset
    spread = np.repeat(scores, sizes)
    high = spread > targets.high[target]
    level = ~high & (spread >= targets.low[target])
    np.subtract.at(tally.above, target[high], 1)
    np.subtract.at(tally.level, target[level], 1)


def sizes_left(excluded: Relevance) -> NDArray[np.int64]:
    """Return how many items are left for each query."""
    return excluded.items - np.bincount(excluded.query, minlength=excluded.queries).astype(np.int64)
