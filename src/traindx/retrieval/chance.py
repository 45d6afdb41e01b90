"""What a random ranking of this gallery would score, averaged over queries with different numbers of right items."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.baselines import (
    Baseline,
    mean_rank_chance,
    median_rank_chance,
    mrr_chance,
    ndcg_chance,
    recall_at_k_chance,
)

Floats = NDArray[np.float64]
_NEGLIGIBLE = 1e-16


@final
@dataclass(frozen=True, slots=True)
class Chance:
    """The level of a random ranking, with its formula."""

    value: float
    formula: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What luck gives the mean of a value over queries: its mean, its standard deviation, its skewness."""

    mean: float
    deviation: float
    skewness: float


@final
class RandomRanking:
    """The law of a random ranking: ``gallery_size`` items, of which ``positives[i]`` are right for query ``i``."""

    def __init__(self, gallery_size: int, positives: NDArray[np.int64]) -> None:
        counts, times = np.unique(positives[positives > 0], return_counts=True)
        self.gallery_size = gallery_size
        self.counts = [int(count) for count in counts]
        self.weights: Floats = times / max(int(times.sum()), 1)
        self.queries = int(times.sum())

    @property
    def single(self) -> bool:
        """Whether every query has one right item."""
        return self.counts == [1]

    def hit_rate(self, k: int) -> Chance:
        """Return the chance that a right item is among the first ``k``."""
        if self.single:
            return _of(recall_at_k_chance(self.gallery_size, k))
        return Chance(self._mean(lambda p: self._any_hit(p, k)), "mean of 1 - C(N-P, K)/C(N, K)")

    def recall(self, k: int) -> Chance:
        """Return the mean share of the right items that are among the first ``k``."""
        return _of(recall_at_k_chance(self.gallery_size, k))

    def mrr(self) -> Chance:
        """Return the mean reciprocal rank of the first right item."""
        if self.single:
            return _of(mrr_chance(self.gallery_size))
        return Chance(self.of_first_rank(np.reciprocal).mean, "mean of Σ C(N-r, P-1)/(r·C(N, P))")

    def mean_rank(self) -> Chance:
        """Return the mean rank of the first right item."""
        if self.single:
            return _of(mean_rank_chance(self.gallery_size))
        return Chance(self._mean(lambda p: (self.gallery_size + 1) / (p + 1)), "mean of (N + 1)/(P + 1)")

    def median_rank(self) -> Chance:
        """Return the median, over queries, of the rank of the first right item."""
        if self.single:
            return _of(median_rank_chance(self.gallery_size))
        low, high = 1, self.gallery_size
        while low < high:
            middle = (low + high) // 2
            at = middle
            low, high = (low, middle) if self._mean(lambda p: self._any_hit(p, at)) >= 0.5 else (middle + 1, high)  # noqa: B023 - called at once
        return Chance(float(low), "where half of the queries meet a right item")

    def average_precision(self, k: int) -> Chance:
        """Return average precision at ``k``, over all P right items: [H_K + (P-1)/(N-1) (K - H_K)]/N."""
        n, cut = self.gallery_size, min(k, self.gallery_size)
        harmonic = float(np.sum(1 / np.arange(1, cut + 1)))

        def one(p: int) -> float:
            more = (p - 1) / (n - 1) if n > 1 else 0.0
            return (harmonic + more * (cut - harmonic)) / n

        return Chance(self._mean(one), "(H(K) + (P-1)/(N-1)·(K - H(K)))/N")

    def ndcg(self, k: int) -> Chance:
        """Return nDCG at ``k``: the discounts of the first K ranks times P/N, over those of min(P, K) right items."""
        single = ndcg_chance(self.gallery_size, k)
        if self.single:
            return _of(single)
        discounts = 1 / np.log2(np.arange(2, k + 2))
        return Chance(
            self._mean(lambda p: single.value * p / float(np.sum(discounts[:p]))), "P/N·Σ 1/log2(1+r) / ideal"
        )

    def graded_ndcg(self, k: int, grades: Floats, starts: NDArray[np.int64]) -> Chance:
        """Return nDCG at ``k`` for right items with gains: their sum times the discounts of K ranks over N, over the best order's."""
        query = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        falling = grades[np.lexsort((-grades, query))]
        place = np.arange(len(grades)) - np.repeat(starts[:-1], np.diff(starts))
        ideal = np.bincount(query, weights=np.where(place < k, falling / np.log2(2.0 + place), 0.0))
        sums = np.bincount(query, weights=grades)
        discounts = ndcg_chance(self.gallery_size, k).value
        return Chance(float(np.mean(sums * discounts / ideal)), "Σ gains/N·Σ 1/log2(1+r) / ideal")

    def of_first_rank(self, function: Callable[[Floats], Floats]) -> Moments:
        """Return what luck gives the mean over queries of a function of the first right item's rank."""
        moments: list[tuple[float, float, float]] = []
        for p in self.counts:
            law = self._first_rank(p)
            values = function(np.arange(1, len(law) + 1, dtype=np.float64))
            mean = float(law @ values)
            moments.append((mean, float(law @ (values - mean) ** 2), float(law @ (values - mean) ** 3)))
        mean, variance, third = (float(x) for x in self.weights @ np.array(moments))
        deviation = math.sqrt(variance / self.queries) if self.queries else 0.0
        skewness = third / variance**1.5 / math.sqrt(self.queries) if variance > 0 else 0.0
        return Moments(mean=mean, deviation=deviation, skewness=skewness)

    def _first_rank(self, p: int) -> Floats:
        """Return the probability of each rank of the first of ``p`` right items, up to where it is negligible."""
        n = self.gallery_size
        if p == 1:
            return np.full(n, 1 / n)
        last = min(n - p + 1, int(40 * n / p) + 1)
        ranks = np.arange(last, dtype=np.float64)
        later = np.exp(np.concatenate(([0.0], np.cumsum(np.log1p(-p / (n - ranks[:-1]))))))
        found = later * p / (n - ranks)
        return found / max(float(found.sum()), _NEGLIGIBLE)

    def _any_hit(self, p: int, k: int) -> float:
        n = self.gallery_size
        if k > n - p:
            return 1.0
        return float(-np.expm1(np.sum(np.log1p(-p / (n - np.arange(k))))))

    def _mean(self, function: Callable[[int], float]) -> float:
        return float(self.weights @ np.array([function(p) for p in self.counts]))


def _of(baseline: Baseline) -> Chance:
    return Chance(baseline.value, baseline.formula)
