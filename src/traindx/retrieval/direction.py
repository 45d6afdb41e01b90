"""One direction of a ranking: what is counted, and how counts become a ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.aim import Aim, aim
from traindx.retrieval.embeddings import Embeddings
from traindx.retrieval.exclusion import sizes_left, take_out
from traindx.retrieval.ranking import Ranking
from traindx.retrieval.relevance import Relevance
from traindx.retrieval.targets import Targets, pair_scores, targets
from traindx.retrieval.tiles import Tally

_FEW = 8
"""Right items of a query that are compared each with each; more are searched in their sorted scores."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Quest:
    """Queries that look for their right items in a gallery, ready to be counted.

    ``order`` is that of the targets among the pairs of ``relevance``.
    """

    queries: Embeddings
    gallery: Embeddings
    relevance: Relevance
    excluded: Relevance | None
    order: NDArray[np.int64]
    aim: Aim

    def ranking(self, tally: Tally) -> Ranking:
        """Return the ranking that the counts of all tiles make, without the queries that have no right item."""
        goals = self.aim.targets
        if self.excluded is not None:
            take_out(tally, goals, self.queries, self.gallery, self.excluded)
        counts = np.diff(goals.starts)
        kept = np.flatnonzero(counts).astype(np.int64)
        sizes = None if self.excluded is None else sizes_left(self.excluded)[kept]
        largest = len(self.gallery) if sizes is None else int(sizes.max())
        right_above, right_level = _among_right_items(goals)
        grades = self.relevance.grades
        return Ranking(
            above=tally.above,
            level=tally.level,
            starts=np.concatenate(([0], np.cumsum(counts[kept]))).astype(np.int64),
            gallery_size=largest,
            right_above=right_above,
            right_level=right_level,
            sizes=sizes if sizes is not None and bool(np.any(sizes != largest)) else None,
            query_rows=kept,
            items=goals.item,
            scores=np.ldexp(goals.score, self.queries.exponent + self.gallery.exponent),
            grades=None if grades is None else grades[self.order],
            notes=self._notes(len(counts) - len(kept), len(counts)),
        )

    def _notes(self, missing: int, queries: int) -> tuple[str, ...]:
        notes = self.relevance.notes
        if not missing:
            return notes
        return (*notes, f"{missing:,} of {queries:,} queries have no right item and were left out")


def quest(
    queries: Embeddings,
    gallery: Embeddings,
    relevance: Relevance,
    excluded: Relevance | None,
    tie_tolerance: float,
    scores: NDArray[np.float64] | None = None,
) -> Quest:
    """Return a direction with the ``scores`` of its right items (computed where not given) and what counts as level with them."""
    if scores is None:
        scores = pair_scores(queries, gallery, relevance.query, relevance.item)
    found, order = targets(queries, gallery, relevance, scores, tie_tolerance)
    return Quest(
        queries=queries,
        gallery=gallery,
        relevance=relevance,
        excluded=excluded,
        order=order,
        aim=aim(queries, gallery, found),
    )


def _among_right_items(found: Targets) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many right items of the same query are above each right item, and how many level with it."""
    counts = np.diff(found.starts)
    above, level = np.zeros(len(found.item), dtype=np.int64), np.zeros(len(found.item), dtype=np.int64)
    _compare_few(found, np.flatnonzero((counts > 1) & (counts <= _FEW)), above, level)
    for query in np.flatnonzero(counts > _FEW).tolist():
        inside = slice(int(found.starts[query]), int(found.starts[query + 1]))
        rising = found.score[inside][::-1]
        higher = counts[query] - np.searchsorted(rising, found.high[inside], side="right")
        at_least = counts[query] - np.searchsorted(rising, found.low[inside], side="left")
        above[inside], level[inside] = higher, at_least - higher - 1
    return above, level


def _compare_few(
    found: Targets, queries: NDArray[np.int64], above: NDArray[np.int64], level: NDArray[np.int64]
) -> None:
    """Compare every right item with every other of its query, one pair of places at a time for all queries."""
    counts = np.diff(found.starts)[queries]
    for mine in range(int(counts.max(initial=0))):
        for other in range(int(counts.max(initial=0))):
            some = queries[(counts > mine) & (counts > other)]
            target, against = found.starts[some] + mine, found.starts[some] + other
            if mine != other and len(some):
                high = found.score[against] > found.high[target]
                above[target] += high
                level[target] += ~high & (found.score[against] >= found.low[target])
