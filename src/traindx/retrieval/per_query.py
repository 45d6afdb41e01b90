"""Scores of each query."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.ranking import Ranking, Ties

Floats = NDArray[np.float64]


def _place(ranking: Ranking, ties: Ties):
    a, l = ranking.above.astype(float), ranking.level.astype(float)
    if ties == "optimistic":
        l = l * 0
    if ties == "pessimistic":
        a, l = a + l, l * 0
    return a, l


def hit_rate(ranking: Ranking, k: int, ties: Ties = "mean") -> Floats:
    a, l = _place(ranking, ties)
    a, l = a[ranking.starts[:-1]], l[ranking.starts[:-1]]
    return np.clip((k - a) / (l + 1), 0, 1)


recall = hit_rate


def first_rank(ranking: Ranking, ties: Ties = "mean") -> Floats:
    a, l = _place(ranking, ties)
    return (a + 1 + l / 2)[ranking.starts[:-1]]


def reciprocal_rank(ranking: Ranking, ties: Ties = "mean") -> Floats:
    return 1 / first_rank(ranking, ties)


def average_precision(ranking: Ranking, k: int, ties: Ties = "mean") -> Floats:
    r = first_rank(ranking, ties)
    return np.where(r <= k, 1 / r, 0)


def ndcg(ranking: Ranking, k: int, ties: Ties = "mean") -> Floats:
    r = first_rank(ranking, ties)
    return np.where(r <= k, 1 / np.log2(1 + r), 0)
