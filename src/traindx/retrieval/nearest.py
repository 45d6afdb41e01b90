"""What a sample of queries retrieves first, by either similarity, and how far from its own row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.embeddings import Embeddings, blocks

Counts = NDArray[np.int64]

_PRODUCTS = 2e10  # multiplications that the look may cost: about a second of one core
_MOST, _LEAST = 1024, 64
_NUMBERS = 1 << 22  # that a block of items, or of scores, may hold
_RUN = 64  # rows of a sample that follow each other in the file: a shift of rows shows in runs


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """``queries`` of the sample, and the item that each puts first under cosine and under the dot product."""

    queries: Counts
    cosine: Counts
    dot: Counts


def nearest(queries: Embeddings, items: Embeddings, most: int = _MOST) -> Nearest:
    """Return the first items of a sample of queries among the whole gallery."""
    wanted = int(_PRODUCTS / (len(items) * items.dim))
    which = runs(len(queries), min(most, max(wanted, _LEAST), max(_NUMBERS // items.dim, _LEAST)))
    rows = queries.rows(which).astype(np.float32)
    best = {"cosine": np.full(len(which), -np.inf), "dot": np.full(len(which), -np.inf)}
    first = {"cosine": np.zeros(len(which), np.int64), "dot": np.zeros(len(which), np.int64)}
    step = max(1, _NUMBERS // max(len(which), items.dim))
    for start, stop in blocks(len(items), step):
        dots = rows @ items.read(start, stop).astype(np.float32).T
        for name, scores in (("dot", dots), ("cosine", dots / items.lengths[start:stop].astype(np.float32))):
            at = scores.argmax(axis=1)
            top = scores[np.arange(len(at)), at].astype(np.float64)
            better = top > best[name]
            best[name][better], first[name][better] = top[better], at[better] + start
    return Nearest(queries=which, cosine=first["cosine"], dot=first["dot"])


def runs(total: int, wanted: int) -> Counts:
    """Return row numbers in evenly spread runs of neighbours; all of them where ``wanted`` is no less.

    >>> runs(5, 10).tolist()
    [0, 1, 2, 3, 4]
    """
    if wanted >= total:
        return np.arange(total, dtype=np.int64)
    pieces = max(wanted // _RUN, 1)
    begins = np.linspace(0, total - _RUN, pieces).astype(np.int64) if total > _RUN else np.zeros(1, np.int64)
    return np.unique(begins[:, None] + np.arange(min(_RUN, total))).astype(np.int64)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How many of ``rows`` queries put the item first that stands ``offset`` rows from their own; ``straight`` their own, ``mirrored`` the one as far on the other side."""

    offset: int
    rows: int
    found: int
    straight: int
    mirrored: int


def shift(rows: Counts, first: Counts, furthest: int = 64) -> Shift:
    """Return the commonest offset but zero between a query's row and that of its first item."""
    apart = first - rows
    counts = np.bincount(apart[np.abs(apart) <= furthest] + furthest, minlength=2 * furthest + 1)
    straight = int(counts[furthest])
    counts[furthest] = 0
    at = int(counts.argmax())
    mirrored = int(counts[2 * furthest - at])
    return Shift(offset=at - furthest, rows=len(rows), found=int(counts[at]), straight=straight, mirrored=mirrored)
