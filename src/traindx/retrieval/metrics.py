"""Ranking metrics of each query, from counts: nothing is ranked a second time.

Under ties, ``mean`` is the exact expectation over random orders of every tie (the median rank alone is the median of expected ranks),
``optimistic`` puts the right items of a tie first, ``pessimistic`` last.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UsageError
from traindx.retrieval import tie_groups
from traindx.retrieval.ranking import Ranking, Ties
from traindx.retrieval.tie_groups import Floats


def first_ranks(ranking: Ranking, ties: Ties = "mean") -> Floats:
    """Return the rank, from 1, of the first right item of each query."""
    if ties == "mean":
        return tie_groups.first_place(*_first_tie(ranking))
    return _ranks(ranking, ties)[ranking.starts[:-1]]


def right_ranks(ranking: Ranking, ties: Ties = "mean") -> Floats:
    """Return the rank, from 1, of every right item, in the order of the ranking's flat arrays."""
    return ranking.above + 1 + ranking.level / 2 if ties == "mean" else _ranks(ranking, ties)


def hit_rate(ranking: Ranking, k: int, ties: Ties = "mean") -> Floats:
    """Return whether (under ties: how probably) at least one right item is among the first k: R@K as most papers mean it."""
    _check_k(k)
    if ties == "mean":
        return tie_groups.any_within(*_first_tie(ranking), k)
    return (first_ranks(ranking, ties) <= k).astype(np.float64)


def recall(ranking: Ranking, k: int, ties: Ties = "mean") -> Floats:
    """Return the share of a query's right items that is among the first k."""
    return _summed(ranking, _within(ranking, k, ties)) / ranking.right_counts


def precision(ranking: Ranking, k: int, ties: Ties = "mean") -> Floats:
    """Return the share of the first k that is right; k places, also where the gallery is smaller."""
    return _summed(ranking, _within(ranking, k, ties)) / k


def reciprocal_rank(ranking: Ranking, ties: Ties = "mean", k: int | None = None) -> Floats:
    """Return one over the rank of the first right item (0 where a ``k`` is given and it is beyond): their mean is MRR."""
    if k is not None:
        _check_k(k)
    if ties == "mean":
        before, size, right = _first_tie(ranking)
        return tie_groups.reciprocal_first_place(before, size, right, k)
    ranks = first_ranks(ranking, ties)
    return np.where(ranks <= (np.inf if k is None else k), 1.0 / ranks, 0.0)


def average_precision(ranking: Ranking, k: int | None = None, ties: Ties = "mean") -> Floats:
    """Return the average, over all right items of a query, of the precision at the rank of each; those beyond k count 0.

    Divided by the number of right items, as trec_eval does, also where it exceeds k.
    """
    cut = _cut(ranking, k)
    if ties == "mean":
        right_above, right_level = ranking.right_among()
        terms = tie_groups.precision_at_places(ranking.above, ranking.level + 1, right_above, right_level, cut)
    else:
        ranks = _ranks(ranking, ties)
        terms = np.where(ranks <= cut, (ranking.place + 1) / ranks, 0.0)
    return _summed(ranking, terms) / ranking.right_counts


def ndcg(ranking: Ranking, k: int | None = None, ties: Ties = "mean") -> Floats:
    """Return the discounted cumulative gain of the first k over that of the best order; gains are grades, else 1, discounts 1/log2(1 + rank)."""
    cut = _cut(ranking, k)
    gains = np.ones(len(ranking.above)) if ranking.grades is None else ranking.grades
    sums = tie_groups.discounts(int(max(ranking.gallery_size, ranking.right_counts.max(initial=1))))
    if ties == "mean":
        last = np.clip(ranking.above + ranking.level + 1, 0, cut)
        first = np.minimum(ranking.above, last)
        terms = gains * (sums[last] - sums[first]) / (ranking.level + 1)
    else:
        ranks = _ranks(ranking, ties)
        inside = ranks <= cut
        terms = np.where(inside, _arranged(ranking, gains, ties) / np.log2(1.0 + ranks), 0.0)
    return _summed(ranking, terms) / _ideal(ranking, gains, cut)


def _arranged(ranking: Ranking, gains: Floats, ties: Ties) -> Floats:
    """The gains as they stand inside each tie: the largest first, or last."""
    right_above, _ = ranking.right_among()
    falling = gains if ties == "pessimistic" else -gains
    return gains[np.lexsort((falling, right_above, ranking.query_of))]


def _ideal(ranking: Ranking, gains: Floats, cut: int) -> Floats:
    falling = gains[np.lexsort((-gains, ranking.query_of))]
    place = ranking.place
    return _summed(ranking, np.where(place < cut, falling / np.log2(2.0 + place), 0.0))


def _first_tie(ranking: Ranking) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The tie that holds each query's first right item: how many are before it, its size, and how many of it are right."""
    first = ranking.starts[:-1]
    _, right_level = ranking.right_among()
    return ranking.above[first], ranking.level[first] + 1, right_level[first] + 1


def _ranks(ranking: Ranking, ties: Ties) -> Floats:
    """The rank of every right item where those of a tie stand first, or last: wrong items before it, and its place among the right ones."""
    right_above, right_level = ranking.right_among()
    wrong = ranking.above - right_above
    if ties == "pessimistic":
        wrong = wrong + ranking.level - right_level
    return (wrong + ranking.place + 1).astype(np.float64)


def _within(ranking: Ranking, k: int, ties: Ties) -> Floats:
    _check_k(k)
    if ties == "mean":
        return tie_groups.share_within(ranking.above, ranking.level + 1, k)
    return (_ranks(ranking, ties) <= k).astype(np.float64)


def _summed(ranking: Ranking, terms: Floats) -> Floats:
    return np.add.reduceat(terms, ranking.starts[:-1]) if len(terms) else np.zeros(ranking.queries)


def _cut(ranking: Ranking, k: int | None) -> int:
    if k is None:
        return ranking.gallery_size
    _check_k(k)
    return min(k, ranking.gallery_size)


def _check_k(k: int) -> None:
    if k < 1:
        raise UsageError(f"k must be 1 or more, and not {k}")


def check_ks(ks: Sequence[int]) -> tuple[int, ...]:
    """Return the cut-offs in rising order, each once; raises ``UsageError`` where one is below 1."""
    for k in ks:
        _check_k(k)
    return tuple(sorted(set(ks)))
