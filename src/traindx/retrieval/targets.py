"""What every score of a query is held against: the scores of its right items, and how near counts as level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.embeddings import Embeddings
from traindx.retrieval.pairwise import pair_dots
from traindx.retrieval.relevance import Relevance

TIE_TOLERANCE = 2.0**-23
"""Two scores are level when they differ by no more than this, times the lengths of the query and of the right item.

Reason: rounding in float32 moves a number by up to 2^-24 of itself, so the scores of two items that are equal up to the rounding of
their numbers differ by up to 2 * 2^-24 of |q||g| (Cauchy-Schwarz). A collapsed model is then one tie, as it should be."""

_PAIRS_AT_A_TIME = 1 << 14


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The right items of every query, those of one query in falling order of their score.

    An item is above the right item where its score is above ``high``, level with it from ``low`` to ``high``; ``item`` is the right item
    itself, which is neither. ``starts`` says where each query's begin.
    """

    starts: NDArray[np.int64]
    item: NDArray[np.int64]
    score: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def query(self) -> NDArray[np.int64]:
        """The query of each target."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.starts))

    def part(self, start: int, stop: int) -> Targets:
        """Return those of the queries from ``start`` to before ``stop``."""
        inside = slice(int(self.starts[start]), int(self.starts[stop]))
        return Targets(
            starts=self.starts[start : stop + 1] - self.starts[start],
            item=self.item[inside],
            score=self.score[inside],
            high=self.high[inside],
            low=self.low[inside],
        )


def pair_scores(
    queries: Embeddings, gallery: Embeddings, query: NDArray[np.int64], item: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the score of each pair as it is defined: a dot product in float64 in a fixed order, for cosine divided by both lengths.

    Dot products are divided by two to the exponents of both sides, as in the blockwise product.
    """
    found = np.empty(len(query), dtype=np.float64)
    for start in range(0, len(query), _PAIRS_AT_A_TIME):
        part = slice(start, start + _PAIRS_AT_A_TIME)
        left, left_rows = _rows_of(queries, query[part])
        right, right_rows = _rows_of(gallery, item[part])
        found[part] = to_scores(
            pair_dots(left, right, left_rows, right_rows), queries, gallery, query[part], item[part]
        )
    return found


def to_scores(
    dots: NDArray[np.float64],
    queries: Embeddings,
    gallery: Embeddings,
    query: NDArray[np.int64],
    item: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return dot products as scores: one multiplication and one division, the same from both sides."""
    if queries.similarity == "dot":
        return np.ldexp(dots, -(queries.exponent + gallery.exponent))
    return dots / (queries.lengths_of(query) * gallery.lengths_of(item))


def _rows_of(side: Embeddings, which: NDArray[np.int64]) -> tuple[NDArray[np.generic], NDArray[np.int64]]:
    """The rows needed, and where each stands in them: those that are in memory are not copied."""
    if side.in_memory:
        return side.read(0, len(side)), which
    needed, places = np.unique(which, return_inverse=True)
    return side.rows(needed), places.reshape(-1).astype(np.int64)


def targets(
    queries: Embeddings, gallery: Embeddings, relevance: Relevance, scores: NDArray[np.float64], tie_tolerance: float
) -> tuple[Targets, NDArray[np.int64]]:
    """Return the targets of every query, and the order in which they stand among the pairs of ``relevance``."""
    reach = tie_tolerance * queries.weights[relevance.query] * gallery.weights[relevance.item]
    order = np.arange(len(scores), dtype=np.int64)
    if len(relevance.query) > len(np.unique(relevance.query)):
        order = np.lexsort((relevance.item, reach, -scores, relevance.query)).astype(np.int64)
    kept, near = scores[order], reach[order]
    found = Targets(starts=relevance.starts, item=relevance.item[order], score=kept, high=kept + near, low=kept - near)
    return found, order
