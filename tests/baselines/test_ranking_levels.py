"""Ranking metrics: chance by simulation, bounds by search, counts by brute force."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traindx import baselines as b
from traindx.errors import UsageError

DRAWS = 60_000


def _first_ranks(n: int, positives: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.array([rng.choice(n, positives, replace=False).min() + 1 for _ in range(8000)])


@pytest.mark.parametrize("n", [100, 446, 1000])
def test_random_ranks_meet_every_single_positive_level(n: int) -> None:
    ranks = np.random.default_rng(1).integers(1, n + 1, DRAWS)
    for k in (1, 5, 10):
        assert b.recall_at_k_chance(n, k).value == pytest.approx((ranks <= k).mean(), abs=4 * math.sqrt(k / n / DRAWS))
    spread = b.reciprocal_rank_std(n)
    assert b.mrr_chance(n).value == pytest.approx((1 / ranks).mean(), abs=4 * spread / math.sqrt(DRAWS))
    assert spread == pytest.approx((1 / ranks).std(), rel=0.1)
    assert b.mean_rank_chance(n).value == pytest.approx(ranks.mean(), rel=0.02)
    assert b.median_rank_chance(n).value == pytest.approx(np.median(ranks), rel=0.04)
    gains = 1 / np.log2(1 + ranks)
    assert b.ndcg_chance(n).value == pytest.approx(gains.mean(), abs=4 * gains.std() / math.sqrt(DRAWS))
    assert b.ndcg_chance(n, 10).value == pytest.approx(np.where(ranks <= 10, gains, 0).mean(), abs=0.005)


def test_huge_galleries_are_summed_without_a_long_loop() -> None:
    exact = sum(1 / math.log2(1 + r) for r in range(1, 300_001)) / 300_000
    assert b.ndcg_chance(300_000).value == pytest.approx(exact, rel=1e-8)
    assert b.mrr_chance(10**9).value == pytest.approx((math.log(1e9) + 0.5772156649) / 1e9)
    assert b.ndcg_chance(10**9).value < 0.05


@pytest.mark.parametrize(("n", "p"), [(100, 5), (50, 1), (30, 10)])
def test_random_ranks_meet_every_multi_positive_level(n: int, p: int) -> None:
    first = _first_ranks(n, p)
    assert b.any_hit_chance(n, p, 10).value == pytest.approx((first <= 10).mean(), abs=0.025)
    assert b.first_rank_chance(n, p).value == pytest.approx(first.mean(), rel=0.05)
    assert b.multi_mrr_chance(n, p).value == pytest.approx((1 / first).mean(), abs=0.015)
    rng = np.random.default_rng(2)
    precisions, found = [], []
    for _ in range(4000):
        ranks = np.sort(rng.choice(n, p, replace=False)) + 1
        precisions.append((np.arange(1, p + 1) / ranks).mean())
        found.append((ranks <= 10).mean())
    error = float(np.std(precisions)) / math.sqrt(4000)
    assert b.average_precision_chance(n, p).value == pytest.approx(float(np.mean(precisions)), abs=4 * error)
    assert b.recall_fraction_chance(n, 10).value == pytest.approx(float(np.mean(found)), abs=0.03)
    assert b.precision_at_k_chance(n, p).value == p / n


def test_one_positive_is_the_single_positive_case() -> None:
    assert b.multi_mrr_chance(500, 1).value == pytest.approx(b.mrr_chance(500).value)
    assert b.any_hit_chance(500, 1, 7).value == pytest.approx(7 / 500)
    assert b.average_precision_chance(500, 1).value == pytest.approx(b.mrr_chance(500).value)
    assert b.any_hit_chance(10, 10, 1).value == pytest.approx(1.0)


@pytest.mark.parametrize("margin", [0.0, 1.5, 2.5])
def test_recall_at_another_gallery_is_what_a_margin_simulation_gives(margin: float) -> None:
    rng = np.random.default_rng(3)
    right = rng.normal(margin, 1, 3000)
    rivals = rng.normal(0, 1, (3000, 499))
    small, large = (right > rivals[:, :31].max(axis=1)).mean(), (right > rivals.max(axis=1)).mean()
    assert b.margin_recall(margin, 32) == pytest.approx(small, abs=0.035)
    assert b.margin_recall(margin, 500) == pytest.approx(large, abs=0.035)
    exact = b.margin_recall(margin, 32)
    assert b.recall_at_other_gallery(exact, 32, 500).value == pytest.approx(b.margin_recall(margin, 500), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=80))
def test_any_ranks_lie_within_the_bounds_of_their_recalls(ranks: list[int]) -> None:
    array = np.array(ranks)
    recalls = {k: float((array <= k).mean()) for k in (1, 5, 10)}
    low, high = b.mrr_bounds(recalls, 60)
    assert low - 1e-9 <= (1 / array).mean() <= high + 1e-9
    low, high = b.mean_rank_bounds(recalls, 60)
    assert low - 1e-9 <= array.mean() <= high + 1e-9
    first, last = b.median_rank_bounds(recalls, 60)
    assert first <= np.sort(array)[(array.size - 1) // 2] <= last
    low, high = b.mean_rank_given_mrr(float((1 / array).mean()), 60)
    assert low - 1e-6 <= array.mean() <= high + 1e-6


def test_the_bounds_refute_an_impossible_average_rank() -> None:
    recalls = {1: 0.1245, 5: 0.3122, 10: 0.4218}
    assert b.mean_rank_bounds(recalls, 446)[0] > 4.6
    low, high = b.mrr_bounds(recalls, 446)
    assert low < 0.2156 < high
    assert b.median_rank_bounds(recalls, 446)[0] > 10


def test_recalls_that_fall_with_k_are_refused() -> None:
    with pytest.raises(UsageError, match="cannot fall"):
        b.mrr_bounds({1: 0.5, 5: 0.4}, 100)


@pytest.mark.parametrize("percentages", [(0.22, 1.57, 2.47), (12.45, 31.22, 42.18), (33.3,)])
def test_sizes_are_those_that_exact_rounding_allows(percentages: tuple[float, ...]) -> None:
    decimals = 1 if percentages == (33.3,) else 2
    unit = Fraction(1, 10**decimals)

    def fits(p: float, n: int) -> bool:
        exact = Fraction(str(p))
        return any(abs(Fraction(100 * k, n) - exact) <= unit / 2 for k in range(n + 1))

    expected = tuple(n for n in range(1, 500) if all(fits(p, n) for p in percentages))
    assert b.compatible_sizes(percentages, decimals, 499) == expected


def test_hits_come_back_from_their_percentages() -> None:
    sizes = b.compatible_sizes((0.22, 1.57, 2.47), 2, 1000)
    assert sizes == (445, 446, 889, 890, 891, 892)
    assert b.hit_counts((0.22, 1.57, 2.47), 446) == (1, 7, 11)
    assert b.compatible_sizes((12.45, 31.22, 42.18), 2, 1405) == ()


def test_the_chance_of_a_fit_is_what_random_percentages_show() -> None:
    rng = np.random.default_rng(4)
    grid = rng.integers(0, 10_001, 20_000) / 100
    share = np.mean([446 in b.compatible_sizes((p,), 2, 446) for p in grid[:600]])
    assert b.chance_of_fit((50.0,), 2, 446) == pytest.approx(share, abs=0.03)
    assert b.chance_of_fit((1.0, 2.0), 2, 20_000) == 1.0


def test_sizes_beyond_reason_are_refused() -> None:
    with pytest.raises(UsageError):
        b.compatible_sizes((1.0,), 2, 10**9)
    with pytest.raises(UsageError, match="percentages"):
        b.compatible_sizes((101.0,), 2, 10)


def test_the_bounds_for_any_gallery_enclose_those_of_every_gallery() -> None:
    recalls = {1: 0.2, 5: 0.5, 10: 0.6}
    low, high = b.mrr_bounds_any_gallery(recalls)
    bounds = [b.mrr_bounds(recalls, size) for size in (11, 100, 10**6)]
    assert all(low <= one[0] and one[1] <= high + 1e-12 for one in bounds)
    assert (low, high) == pytest.approx(bounds[-1], abs=1e-6)
