"""Which queries hang together: those that share an item, as captions of one image do."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from traindx.errors import UsageError
from traindx.retrieval.relevance import Relevance

Labels = NDArray[np.int64]
_ROUNDS = 100


def shared_items(relevance: Relevance) -> tuple[Labels, Labels] | None:
    """Return labels of queries and items that are joined by right pairs; None where each item is right for one query only, or all hang together.

    The least row number spreads along the pairs until nothing changes.
    """
    if len(np.unique(relevance.item)) == len(relevance.item) and len(np.unique(relevance.query)) == len(
        relevance.query
    ):
        return None
    queries = np.arange(relevance.queries, dtype=np.int64)
    items = np.full(relevance.items, relevance.queries, dtype=np.int64)
    for _ in range(_ROUNDS):
        before = queries.copy()
        np.minimum.at(items, relevance.item, queries[relevance.query])
        np.minimum.at(queries, relevance.query, items[relevance.item])
        if np.array_equal(before, queries):
            break
    largest = int(np.bincount(queries).max())
    return None if largest > relevance.queries // 2 else (queries, items)


def told_clusters(clusters: ArrayLike, relevance: Relevance) -> tuple[Labels, Labels]:
    """Return labels of the queries as told, and of the items by the first query that each is right for."""
    names = np.asarray(clusters)
    if names.shape != (relevance.queries,):
        raise UsageError(
            f"{len(names) if names.ndim else 0:,} cluster ids for {relevance.queries:,} queries",
            hint="one id for each query",
        )
    labels = np.unique(names, return_inverse=True)[1].reshape(-1).astype(np.int64)
    items = np.full(relevance.items, len(labels), dtype=np.int64)
    np.minimum.at(items, relevance.item, labels[relevance.query])
    return labels, items


def of_ranked(labels: Labels, rows: NDArray[np.int64]) -> Labels | None:
    """Return labels from 0 on of the rows that were ranked; None where each row stands alone."""
    found = np.unique(labels[rows], return_inverse=True)[1].reshape(-1).astype(np.int64)
    return None if int(found.max(initial=-1)) + 1 == len(found) else found
