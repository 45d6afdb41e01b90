"""The level of a random ranking: against simulation, the closed forms, and p-values that are what they say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.retrieval_meaning.drawn import random_ranking, ranked
from traindx.baselines import any_hit_chance, average_precision_chance, first_rank_chance, multi_mrr_chance
from traindx.retrieval import metrics
from traindx.retrieval.chance import RandomRanking
from traindx.retrieval.judgement import Reading, direction_of
from traindx.retrieval.tails import hits_tail, mean_tail, upper_normal

MIXED = np.array([1, 1, 2, 5, 5, 9])


@pytest.mark.slow
@pytest.mark.parametrize("positives", [np.ones(6, np.int64), MIXED])
def test_every_chance_level_is_what_random_orders_give(positives: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    many = np.tile(positives, 4000)
    ranking = random_ranking(many, 40, rng)
    law = RandomRanking(40, many)
    for k in (1, 3, 10, 40):
        for found, chance in (
            (metrics.hit_rate(ranking, k), law.hit_rate(k)),
            (metrics.recall(ranking, k), law.recall(k)),
            (metrics.average_precision(ranking, k), law.average_precision(k)),
            (metrics.ndcg(ranking, k), law.ndcg(k)),
        ):
            assert found.mean() == pytest.approx(chance.value, abs=5 * found.std() / math.sqrt(len(found)) + 1e-12)
    first = metrics.first_ranks(ranking)
    assert (1 / first).mean() == pytest.approx(law.mrr().value, abs=5 * (1 / first).std() / math.sqrt(len(first)))
    assert first.mean() == pytest.approx(law.mean_rank().value, abs=5 * first.std() / math.sqrt(len(first)))
    assert abs(np.median(first) - law.median_rank().value) <= 1


def test_several_right_items_have_the_chance_of_the_theory() -> None:
    law = RandomRanking(1000, np.full(7, 5))
    assert law.hit_rate(10).value == pytest.approx(any_hit_chance(1000, 5, 10).value, rel=1e-9)
    assert law.mrr().value == pytest.approx(multi_mrr_chance(1000, 5).value, rel=1e-9)
    assert law.mean_rank().value == pytest.approx(first_rank_chance(1000, 5).value)
    assert law.average_precision(1000).value == pytest.approx(average_precision_chance(1000, 5).value, rel=1e-9)


def test_a_rare_hit_in_a_large_gallery_keeps_its_digits() -> None:
    assert RandomRanking(1_000_000, np.array([1, 2])).hit_rate(1).value == pytest.approx(1.5e-6, rel=1e-9)


@pytest.mark.parametrize(
    ("hits", "trials", "share"), [(1, 446, 1 / 446), (22, 890, 10 / 890), (700, 20_000, 0.03), (5, 5, 0.9)]
)
def test_the_tail_of_hits_is_scipys(hits: int, trials: int, share: float) -> None:
    assert hits_tail(hits, trials, share) == pytest.approx(float(stats.binom.sf(hits - 1, trials, share)), rel=1e-8)


def test_far_tails_keep_their_digits() -> None:
    assert hits_tail(900, 2000, 0.0005) == 0.0 or hits_tail(900, 2000, 0.0005) < 1e-300
    assert upper_normal(10.0) == pytest.approx(float(stats.norm.sf(10.0)), rel=1e-9)
    assert mean_tail(2.0, 0.6) == pytest.approx(float(stats.pearson3.sf(2.0, 0.6)), rel=0.02)


def test_p_values_of_luck_are_no_smaller_than_they_say() -> None:
    rng = np.random.default_rng(1)
    found: dict[str, list[float]] = {}
    for _ in range(400):
        way = direction_of(ranked(rng.integers(1, 301, 300), 300), "a to b", Reading())
        for measure in way.measures:
            assert measure.p_value is not None
            found.setdefault(measure.name, []).append(measure.p_value)
    for name, values in found.items():
        for level in (0.01, 0.05, 0.2):
            assert np.mean(np.array(values) <= level) <= level + 3 * math.sqrt(level / 400), (name, level)


def test_skill_is_told_from_luck() -> None:
    rng = np.random.default_rng(2)
    way = direction_of(ranked(np.floor(300 ** rng.random(300)).astype(np.int64), 300), "a to b", Reading())
    assert not any(measure.at_chance for measure in way.measures)
    assert way["R@1"].times_chance == pytest.approx(way["R@1"].value * 300)
    assert way["median rank"].times_chance > 5


def test_gains_have_the_chance_of_random_orders() -> None:
    rng = np.random.default_rng(0)
    many = np.tile(MIXED, 3000)
    ranking = random_ranking(many, 40, rng)
    grades = rng.integers(1, 4, len(ranking.above)).astype(np.float64)
    graded = replace(ranking, grades=grades)
    found = metrics.ndcg(graded, 10)
    chance = RandomRanking(40, many).graded_ndcg(10, grades, ranking.starts)
    assert found.mean() == pytest.approx(chance.value, abs=5 * found.std() / math.sqrt(len(found)))
    same = RandomRanking(40, many).graded_ndcg(10, np.ones(len(grades)), ranking.starts)
    assert same.value == pytest.approx(RandomRanking(40, many).ndcg(10).value)
