"""Metrics from counts are those of the ranked lists: averaged over every order that ties allow, and the best and worst of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.retrieval.ranked import over_orders

from traindx.baselines import mrr_chance, ndcg_chance, recall_at_k_chance
from traindx.errors import UsageError
from traindx.retrieval import Ranking, from_pairs, metrics, metrics_of, rank

ITEMS = 6
LEVELS = st.lists(st.integers(0, 3), min_size=ITEMS, max_size=ITEMS)
RIGHT = st.sets(st.integers(0, ITEMS - 1), min_size=1, max_size=4)
CUTS = (1, 2, 3, 5, 9)


def ranked(levels: list[int], right: dict[int, float]) -> Ranking:
    """One query whose scores are the given levels: items on a half circle, closer for higher ones."""
    angle = np.array([(4 - level) * 0.3 for level in levels])
    gallery = np.stack((np.cos(angle), np.sin(angle)), axis=1)
    relevance = from_pairs([(0, item) for item in right], 1, len(levels), grades=list(right.values()))
    return rank(np.array([[1.0, 0.0]]), gallery, relevance)


def of_list(name: str, order: tuple[int, ...], right: dict[int, float], k: int) -> float:
    """A metric of one ranked list, by its definition."""
    hits = [place for place, item in enumerate(order, start=1) if item in right]
    inside = [place for place in hits if place <= k]
    ideal = sum(gain / math.log2(1 + place) for place, gain in enumerate(sorted(right.values(), reverse=True)[:k], 1))
    values = {
        "hit": float(bool(inside)),
        "recall": len(inside) / len(right),
        "precision": len(inside) / k,
        "map": sum(number / place for number, place in enumerate(inside, start=1)) / len(right),
        "ndcg": sum(right[order[place - 1]] / math.log2(1 + place) for place in inside) / ideal,
        "rank": float(hits[0]),
        "mrr": 1 / hits[0],
        "mrr_cut": 1 / hits[0] if hits[0] <= k else 0.0,
    }
    return values[name]


@settings(max_examples=30, deadline=None)
@given(LEVELS, RIGHT, st.integers(0, 2**30))
def test_every_metric_is_its_mean_best_and_worst_over_all_orders(levels: list[int], right: set[int], seed: int) -> None:
    grades = np.random.default_rng(seed).integers(1, 4, len(right)).astype(float)
    gains = dict(zip(sorted(right), grades.tolist(), strict=True))
    ranking = ranked(levels, gains)
    tables = [metrics_of(ranking, ks=CUTS, ties=ties) for ties in ("mean", "optimistic", "pessimistic")]
    for name, k in [(name, k) for name in ("hit", "recall", "precision", "map", "ndcg") for k in CUTS]:
        expected = over_orders(levels, lambda order, name=name, k=k: of_list(name, order, gains, k))
        assert [table.mean(f"{name}@{k}") for table in tables] == pytest.approx(expected, abs=1e-12), (name, k)
    for name in ("map", "ndcg", "mrr"):
        expected = over_orders(levels, lambda order, name=name: of_list(name, order, gains, ITEMS))
        assert [table.mean(name) for table in tables] == pytest.approx(expected, abs=1e-12), name
    for k in CUTS:
        expected = over_orders(levels, lambda order, k=k: of_list("mrr_cut", order, gains, k))
        found = [metrics.reciprocal_rank(ranking, ties, k)[0] for ties in ("mean", "optimistic", "pessimistic")]
        assert found == pytest.approx(expected, abs=1e-12)
    mean, worst, best = over_orders(levels, lambda order: of_list("rank", order, gains, ITEMS))
    assert [table.mean("rank") for table in tables] == pytest.approx((mean, best, worst), abs=1e-12)


@pytest.mark.parametrize(("items", "right"), [(1, 1), (2, 1), (446, 1), (1000, 5), (5000, 1), (3000, 40)])
def test_a_gallery_that_is_one_tie_gives_the_levels_of_chance(items: int, right: int) -> None:
    rows = np.ones((items, 4))
    found = rank(rows[:1], rows, [list(range(right))])
    table = metrics_of(found, ks=(1, 10))
    assert table.mean("recall@1") == pytest.approx(recall_at_k_chance(items, 1).value, rel=1e-12)
    assert table.mean("recall@10") == pytest.approx(recall_at_k_chance(items, 10).value, rel=1e-12)
    if items > 10:
        missed = math.comb(items - right, 10) / math.comb(items, 10)
        assert table.mean("hit@10") == pytest.approx(1 - missed, rel=1e-9)
    assert table.mean("rank") == pytest.approx((items + 1) / (right + 1), rel=1e-12)
    harmonic = math.fsum(1 / r for r in range(1, items + 1))
    if right == 1:
        assert table.mean("mrr") == pytest.approx(mrr_chance(items).value, rel=1e-12)
        assert table.mean("ndcg") == pytest.approx(ndcg_chance(items).value, rel=1e-9)
    else:  # E[AP] of KNOWLEDGE's closed form for P of N
        expected = (right - 1) / (items - 1) + (items - right) * harmonic / (items * (items - 1))
        assert table.mean("map") == pytest.approx(expected, rel=1e-9)


def test_the_reciprocal_rank_of_a_tie_is_that_of_a_simulation() -> None:
    rng = np.random.default_rng(0)
    ranking = Ranking(above=np.array([3, 3, 3]), level=np.array([11, 11, 11]), starts=np.array([0, 3]), gallery_size=40)
    first = np.array([np.sort(rng.permutation(12)[:3])[0] for _ in range(40_000)]) + 4
    error = np.std(1 / first) / 200
    assert abs(metrics.reciprocal_rank(ranking)[0] - np.mean(1 / first)) < 4 * error


def test_a_cut_off_below_one_is_refused() -> None:
    ranking = Ranking(above=np.array([0]), level=np.array([0]), starts=np.array([0, 1]), gallery_size=3)
    for bad in ((0,), (5, -1)):
        with pytest.raises(UsageError, match="k must be 1 or more"):
            metrics_of(ranking, ks=bad)


def test_the_median_rank_is_that_of_expected_ranks() -> None:
    ranking = Ranking(above=np.array([0, 4, 9]), level=np.array([0, 2, 0]), starts=np.arange(4), gallery_size=20)
    assert [metrics_of(ranking, ties=ties).median_rank for ties in ("mean", "optimistic", "pessimistic")] == [6, 5, 7]


def test_harmonic_numbers_are_exact_on_both_sides_of_the_table() -> None:
    from traindx.retrieval.tie_groups import harmonic

    for n in (0, 1, 2, 1023, 1024, 1025, 5000, 100_000):
        assert harmonic(np.array([n]))[0] == pytest.approx(math.fsum(1 / r for r in range(1, n + 1)), rel=1e-15)
