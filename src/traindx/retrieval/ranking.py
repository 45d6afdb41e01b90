"""Where the right items stand: counts from which every ranking metric follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

Ties = Literal["mean", "optimistic", "pessimistic"]
Similarity = Literal["cosine", "dot"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """For each query and each of its right items, how many items of the gallery are scored above and how many level.

    Right item ``j`` of query ``i`` stands at ``starts[i] + j`` of the flat arrays, the right items of a query in falling order of
    their score. ``above`` counts items of the gallery with a higher score (other right items among them), ``level`` other items
    with the same score. Its rank is ``above + 1`` at best and ``above + 1 + level`` at worst; under random tie-breaking every rank
    between is equally likely. ``gallery_size`` is the number of items that were ranked for each query (the most, where some
    queries leave items out: ``sizes`` then holds each query's own).

    What ``rank()`` adds for those who need more (None in a ranking made by hand): ``right_above`` and ``right_level``, how many of
    ``above`` and of ``level`` are right items themselves; ``query_rows``, the row that each query had before those without a right item were
    left out; ``items``, the row of each right item in the gallery; ``scores``, its similarity; ``grades``, its gain where
    relevance has grades. ``notes`` says in words what was left out or removed.
    """

    above: NDArray[np.int64]
    level: NDArray[np.int64]
    starts: NDArray[np.int64]
    gallery_size: int
    right_above: NDArray[np.int64] | None = None
    right_level: NDArray[np.int64] | None = None
    sizes: NDArray[np.int64] | None = None
    query_rows: NDArray[np.int64] | None = None
    items: NDArray[np.int64] | None = None
    scores: NDArray[np.float64] | None = None
    grades: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()

    @property
    def queries(self) -> int:
        """How many queries were ranked."""
        return len(self.starts) - 1

    @property
    def right_counts(self) -> NDArray[np.int64]:
        """How many right items each query has."""
        return np.diff(self.starts)

    @property
    def one_right_item_each(self) -> bool:
        """Whether every query has exactly one right item."""
        return len(self.above) == self.queries and bool(np.all(self.right_counts == 1))

    @property
    def query_of(self) -> NDArray[np.int64]:
        """The query, counted from 0 among those ranked, to which each entry of the flat arrays belongs."""
        return np.repeat(np.arange(self.queries, dtype=np.int64), self.right_counts)

    @property
    def place(self) -> NDArray[np.int64]:
        """The place of each right item among those of its query, from 0 for the one with the highest score."""
        return np.arange(len(self.above), dtype=np.int64) - np.repeat(self.starts[:-1], self.right_counts)

    def right_among(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many of ``above`` and of ``level`` are right items: as counted, or where not counted, those of equal counts are level."""
        if self.right_above is not None and self.right_level is not None:
            return self.right_above, self.right_level
        return _right_by_equal_counts(self)


def _right_by_equal_counts(ranking: Ranking) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Right items of one query with the same counts share a tie: its first place is how many are above, its size less one how many are level."""
    if not len(ranking.above):
        return ranking.above, ranking.level
    keys = np.stack((ranking.query_of, ranking.above, ranking.level))
    fresh = np.concatenate(([True], np.any(keys[:, 1:] != keys[:, :-1], axis=0)))
    first = np.flatnonzero(fresh)
    group = np.cumsum(fresh) - 1
    size = np.diff(np.append(first, len(fresh)))
    return ranking.place[first][group], np.minimum((size - 1)[group], ranking.level)
