"""From counts to one direction of a report: every metric with chance, interval, ceiling and meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval import metrics
from traindx.retrieval.ceiling import Ceiling
from traindx.retrieval.chance import Chance, Moments, RandomRanking
from traindx.retrieval.histogram import histogram
from traindx.retrieval.ranking import Ranking, Ties
from traindx.retrieval.report import Direction, Kind, Measure
from traindx.retrieval.spread import Labels, Spread, mean_error, mean_spread, median_spread, share_spread
from traindx.retrieval.tails import fewer_hits_tail, hits_tail, mean_tail
from traindx.retrieval.words import meaning, sentence

Floats = NDArray[np.float64]
Tails = tuple[float | None, float | None]  # how often luck does as well, and as badly


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is asked of a ranking: cut-offs, ties, confidence, and which queries hang together."""

    ks: tuple[int, ...] = (1, 5, 10)
    ties: Ties = "mean"
    confidence: float = 0.95
    clusters: Labels | None = None
    ceiling: Ceiling | None = None
    without: int = 0


def direction_of(ranking: Ranking, name: str, reading: Reading) -> Direction:
    """Return everything that the counts of one direction say; queries without a right item are in none of the means."""
    positives = ranking.right_counts
    maker = _Maker(ranking, reading, RandomRanking(ranking.gallery_size, positives))
    found = tuple(maker.measures())
    return Direction(
        name=name,
        queries=ranking.queries,
        gallery_size=ranking.gallery_size,
        positives=float(positives.mean()),
        without=reading.without,
        measures=found,
        histogram=histogram(maker.hits, maker.law, ranking.queries),
        sentence=sentence(found, headline(found), ranking.gallery_size, ranking.queries),
        ranking=ranking,
        clusters=reading.clusters,
    )


def headline(measures: Sequence[Measure]) -> Measure:
    """Return the hit rate to speak of: the first cut-off, or the first that can be told from chance where it cannot."""
    rates = [m for m in measures if m.kind == "hit_rate"]
    return next((m for m in rates if not m.at_chance), rates[0])


@final
@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the metrics of one direction."""

    ranking: Ranking
    reading: Reading
    law: RandomRanking

    @property
    def clusters(self) -> Labels | None:
        return self.reading.clusters

    @property
    def mean_rank(self) -> float:
        return float(metrics.first_ranks(self.ranking, self.reading.ties).mean())

    def hits(self, k: int) -> Floats:
        return metrics.hit_rate(self.ranking, k, self.reading.ties)

    def measures(self) -> Iterator[Measure]:
        for k in self.reading.ks:
            yield self._hit_rate(k)
        if not self.law.single:
            for k in self.reading.ks:
                values = metrics.recall(self.ranking, k, self.reading.ties)
                yield self._mean("recall", f"recall fraction@{k}", values, self.law.recall(k), k=k)
        yield self._reciprocal()
        yield self._median()
        yield self._mean_rank()
        last = max(self.reading.ks)
        yield self._graded("map", last, metrics.average_precision, self.law.average_precision, _precision)
        yield self._graded("ndcg", last, metrics.ndcg, self._ndcg_chance, _discount)

    def _hit_rate(self, k: int) -> Measure:
        values = self.hits(k)
        chance = self.law.hit_rate(k)
        sure = chance.value >= 1
        spread = Spread(1.0, 1.0, "certain") if sure else share_spread(values, self.clusters, self.reading.confidence)
        effect = mean_error(values, self.clusters).effect
        tails = _hit_tails(values, effect, chance.value)
        top = None if self.reading.ceiling is None else self.reading.ceiling.hit_rate(k)
        return self._made("hit_rate", f"R@{k}", values, spread, chance, tails, k=k, top=top)

    def _reciprocal(self) -> Measure:
        values = metrics.reciprocal_rank(self.ranking, self.reading.ties)
        top = None if self.reading.ceiling is None else self.reading.ceiling.mrr
        luck = self.law.of_first_rank(np.reciprocal)
        return self._mean("mrr", "MRR", values, self.law.mrr(), luck=luck, top=top)

    def _median(self) -> Measure:
        ranks = metrics.first_ranks(self.ranking, self.reading.ties)
        chance = self.law.median_rank()
        spread = median_spread(ranks, self.clusters, self.reading.confidence)
        at = int(chance.value)
        below = self.hits(at)
        effect = mean_error(below, self.clusters).effect
        tails = _hit_tails(below, effect, self.law.hit_rate(at).value)
        return self._made("median_rank", "median rank", ranks, spread, chance, tails, value=float(np.median(ranks)))

    def _mean_rank(self) -> Measure:
        ranks = metrics.first_ranks(self.ranking, self.reading.ties)
        luck = self.law.of_first_rank(np.negative)
        return self._mean("mean_rank", "mean rank", ranks, self.law.mean_rank(), luck=luck, ranks=True)

    def _ndcg_chance(self, k: int) -> Chance:
        grades = self.ranking.grades
        return self.law.ndcg(k) if grades is None else self.law.graded_ndcg(k, grades, self.ranking.starts)

    def _graded(
        self,
        kind: Kind,
        k: int,
        scores: Callable[[Ranking, int | None, Ties], Floats],
        chance: Callable[[int], Chance],
        of_rank: Callable[[int], Callable[[Floats], Floats]],
    ) -> Measure:
        values = scores(self.ranking, k, self.reading.ties)
        luck = self.law.of_first_rank(of_rank(k)) if self.law.single else None
        return self._mean(kind, {"map": "mAP", "ndcg": "nDCG"}[kind] + f"@{k}", values, chance(k), luck=luck, k=k)

    def _mean(
        self,
        kind: Kind,
        name: str,
        values: Floats,
        chance: Chance,
        *,
        luck: Moments | None = None,
        k: int | None = None,
        top: float | None = None,
        ranks: bool = False,
    ) -> Measure:
        size = float(self.ranking.gallery_size)
        ends = (1.0, size) if ranks else (1 / size if kind == "mrr" else 0.0, 1.0)
        spread = mean_spread(values, self.clusters, self.reading.confidence, least=ends[0], most=ends[1])
        tails: Tails = (None, None)
        if luck is not None and luck.deviation > 0:
            effect = mean_error(values, self.clusters).effect ** 0.5
            apart = float(values.mean()) * (-1 if ranks else 1) - luck.mean
            z, skewness = apart / (luck.deviation * effect), luck.skewness * effect
            tails = (mean_tail(z, skewness), mean_tail(-z, -skewness))
        return self._made(kind, name, values, spread, chance, tails, k=k, top=top)

    def _made(
        self,
        kind: Kind,
        name: str,
        values: Floats,
        spread: Spread,
        chance: Chance,
        tails: Tails,
        *,
        value: float | None = None,
        k: int | None = None,
        top: float | None = None,
    ) -> Measure:
        measured = float(values.mean()) if value is None else value
        return Measure(
            name=name,
            kind=kind,
            k=k,
            value=measured,
            low=spread.low,
            high=spread.high,
            interval=spread.by,
            chance=chance.value,
            formula=chance.formula,
            p_value=tails[0],
            p_worse=tails[1],
            ceiling=top,
            meaning=meaning(kind, measured, self.ranking.gallery_size, k, self.mean_rank),
        )


def _hit_tails(values: Floats, effect: float, chance: float) -> Tails:
    hits, trials = float(values.sum()) / effect, len(values) / effect
    return hits_tail(hits, trials, chance), fewer_hits_tail(hits, trials, chance)


def _precision(k: int) -> Callable[[Floats], Floats]:
    return lambda ranks: np.where(ranks <= k, 1 / ranks, 0.0)


def _discount(k: int) -> Callable[[Floats], Floats]:
    return lambda ranks: np.where(ranks <= k, 1 / np.log2(1 + ranks), 0.0)
