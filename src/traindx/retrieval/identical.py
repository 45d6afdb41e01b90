"""Items of a gallery that are the same row twice."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.embeddings import Embeddings, blocks
from traindx.retrieval.relevance import Relevance

_ROWS_AT_A_TIME = 4096


def identical_groups(side: Embeddings) -> NDArray[np.int64]:
    """Return a number for every row, the same for rows that hold the same numbers to the last bit (0 and -0 are the same)."""
    numbers: dict[bytes, int] = {}
    found = np.empty(len(side), dtype=np.int64)
    for start, stop in blocks(len(side), _ROWS_AT_A_TIME):
        rows = np.ascontiguousarray(side.read(start, stop) + 0.0)
        for place, row in enumerate(rows, start=start):
            digest = hashlib.blake2b(row.data, digest_size=16).digest()
            found[place] = numbers.setdefault(digest, len(numbers))
    return found


def with_identical_items(relevance: Relevance, gallery: Embeddings) -> Relevance:
    """Return the relevance in which every item identical to a right one is right too, with its grade (the highest, of several)."""
    groups = identical_groups(gallery)
    order = np.argsort(groups, kind="stable").astype(np.int64)
    starts = np.searchsorted(groups[order], np.arange(int(groups.max()) + 2)).astype(np.int64)
    sizes = np.diff(starts)[groups[relevance.item]]
    if int(sizes.max(initial=1)) == 1:
        return relevance
    offset = np.arange(int(sizes.sum()), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    item = order[np.repeat(starts[:-1][groups[relevance.item]], sizes) + offset]
    query = np.repeat(relevance.query, sizes)
    grades = None if relevance.grades is None else np.repeat(relevance.grades, sizes)
    order = np.lexsort((item, query) if grades is None else (-grades, item, query))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (np.diff(query[order]) != 0) | (np.diff(item[order]) != 0)
    kept = order[first]
    return Relevance(
        queries=relevance.queries,
        items=relevance.items,
        query=query[kept],
        item=item[kept],
        grades=None if grades is None else grades[kept],
        notes=(*relevance.notes, f"{len(kept) - len(relevance.item):,} items identical to a right one count as right"),
    )
