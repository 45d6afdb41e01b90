"""All metrics of a ranking in one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.retrieval import metrics
from traindx.retrieval.ranking import Ranking, Ties
from traindx.retrieval.tie_groups import Floats

KS = (1, 5, 10)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RankTable:
    """The metrics of every query, each an array over queries in the order of the ranking; ``mean`` gives their average by name.

    ``values`` holds ``hit@K``, ``recall@K``, ``precision@K``, ``mrr``, ``rank``, ``map``, ``map@K``, ``ndcg`` and ``ndcg@K``.
    With one right item each, hit rate and recall are the same R@K.
    """

    ties: Ties
    ks: tuple[int, ...]
    values: dict[str, Floats]

    def mean(self, name: str) -> float:
        """Return the average of a metric over the queries."""
        return float(np.mean(self.values[name]))

    @property
    def median_rank(self) -> float:
        """The median over queries of the rank of the first right item (of expected ranks, where ties are broken at random)."""
        return float(np.median(self.values["rank"]))


def metrics_of(ranking: Ranking, ks: Sequence[int] = KS, ties: Ties = "mean") -> RankTable:
    """Return every metric of every query.

    >>> one = np.array([0, 2]), np.array([0, 0])
    >>> table = metrics_of(Ranking(above=one[0], level=one[1], starts=np.array([0, 1, 2]), gallery_size=9), ks=(1,))
    >>> table.mean("hit@1"), round(table.mean("mrr"), 4), table.median_rank
    (0.5, 0.6667, 2.0)
    """
    cuts = metrics.check_ks(ks)
    alone = ranking.one_right_item_each and ranking.grades is None
    values = {"rank": metrics.first_ranks(ranking, ties), "mrr": metrics.reciprocal_rank(ranking, ties)}
    values["map"] = values["mrr"] if alone else metrics.average_precision(ranking, None, ties)
    values["ndcg"] = metrics.ndcg(ranking, None, ties)
    for k in cuts:
        values |= _one_right_item(ranking, k, ties) if alone else _several_right_items(ranking, k, ties)
        values[f"ndcg@{k}"] = metrics.ndcg(ranking, k, ties)
    return RankTable(ties=ties, ks=cuts, values=values)


def _several_right_items(ranking: Ranking, k: int, ties: Ties) -> dict[str, Floats]:
    return {
        f"hit@{k}": metrics.hit_rate(ranking, k, ties),
        f"recall@{k}": metrics.recall(ranking, k, ties),
        f"precision@{k}": metrics.precision(ranking, k, ties),
        f"map@{k}": metrics.average_precision(ranking, k, ties),
    }


def _one_right_item(ranking: Ranking, k: int, ties: Ties) -> dict[str, Floats]:
    """The same where every query has one right item: a hit is all its recall, and its reciprocal rank its average precision."""
    found = metrics.recall(ranking, k, ties)
    return {
        f"hit@{k}": found,
        f"recall@{k}": found,
        f"precision@{k}": found / k,
        f"map@{k}": metrics.reciprocal_rank(ranking, ties, k),
    }
