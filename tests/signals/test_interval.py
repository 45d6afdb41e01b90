"""Intervals against scipy, and what they promise by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.signals.noises import noise

from traindx.signals import (
    bootstrap_difference,
    mcnemar,
    mean_difference,
    parting,
    proportion_difference,
    student_quantile,
    wilson,
)


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (1, 446), (45, 100), (999, 1000)])
def test_the_wilson_interval_is_that_of_scipy(hits: int, trials: int) -> None:
    theirs = stats.binomtest(hits, trials).proportion_ci(method="wilson")
    assert (wilson(hits, trials).low, wilson(hits, trials).high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@pytest.mark.parametrize(("one", "other"), [(1, 9), (0, 5), (12, 12), (0, 0), (300, 240)])
def test_mcnemars_test_is_the_exact_binomial_one(one: int, other: int) -> None:
    theirs = stats.binomtest(min(one, other), one + other).pvalue if one + other else 1.0
    assert mcnemar(one, other) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("freedom", [1, 2, 3.7, 10, 100])
def test_students_quantile_is_that_of_scipy(freedom: float) -> None:
    assert student_quantile(freedom) == pytest.approx(float(stats.t.ppf(0.975, freedom)), rel=1e-3)


def test_mean_differences_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(0, 1, 5), rng.normal(0.5, 3, 7)
    welch, pairs = mean_difference(one, other, paired=False), mean_difference(one, other[:5], paired=True)
    theirs = stats.ttest_ind(other, one, equal_var=False).confidence_interval()
    paired = stats.ttest_rel(other[:5], one).confidence_interval()
    assert welch is not None
    assert pairs is not None
    assert (welch.low, welch.high) == pytest.approx((theirs.low, theirs.high), rel=1e-3)
    assert (pairs.low, pairs.high) == pytest.approx((paired.low, paired.high), rel=1e-3)


def test_a_single_run_has_no_interval() -> None:
    assert mean_difference([1.0], [2.0], paired=True) is None
    assert mean_difference([1.0], [2.0, 3.0], paired=False) is None


def test_the_interval_of_a_difference_of_small_shares_holds_what_it_promises() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(1_000):
        before, after = rng.binomial(446, 0.004) / 446, rng.binomial(446, 0.02) / 446
        found = proportion_difference(before, after, 446, 446)
        held.append(found.low <= 0.016 <= found.high)
    assert 0.93 < np.mean(held) < 0.99


def test_the_bootstrap_of_pairs_agrees_with_the_normal_interval() -> None:
    rng = np.random.default_rng(2)
    one = rng.normal(0, 1, 400)
    other = one + rng.normal(0.1, 0.5, 400)
    found = bootstrap_difference(one, other)
    half = 1.96 * float(np.std(other - one)) / 20
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half), abs=0.01)


PARTS = [
    ("gaussian", 30, 0.02),
    ("gaussian", 200, 0.02),
    ("heavy", 200, 0.02),
    ("dependent", 200, 0.12),
    ("dependent", 2_000, 0.03),
]


@pytest.mark.parametrize(("kind", "points", "most"), PARTS)
def test_equal_curves_seldom_part(kind: str, points: int, most: float) -> None:
    rng, at = np.random.default_rng(3), np.arange(points, dtype=np.float64)
    found = [parting(at, noise(kind, points, rng), at, noise(kind, points, rng)) for _ in range(200)]
    assert np.mean([one is not None for one in found]) <= most


@pytest.mark.parametrize("kind", ["gaussian", "heavy"])
def test_curves_that_differ_from_half_way_on_part_there(kind: str) -> None:
    rng, at = np.random.default_rng(4), np.arange(2_000, dtype=np.float64)
    found = [parting(at, noise(kind, 2_000, rng), at, noise(kind, 2_000, rng) + (at > 1_000)) for _ in range(50)]
    assert sum(one is not None for one in found) >= 47
    assert np.median([one for one in found if one is not None]) == pytest.approx(1_000, rel=0.15)


def test_curves_are_compared_only_where_both_have_points() -> None:
    at = np.arange(100, dtype=np.float64)
    assert parting(at, at, at + 1_000, at) is None
    assert parting(at[:10], at[:10], at[:10], at[:10] + 5) is None
