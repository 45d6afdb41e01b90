"""Distances and their tails, against scipy and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from scipy.spatial import distance

from traindx.dataset.drift import distances as d
from traindx.dataset.drift import tails
from traindx.dataset.drift.effective import effective_rows


@pytest.mark.parametrize("freedom", [1, 2, 9, 49, 500])
@pytest.mark.parametrize("factor", [0.01, 0.5, 1.0, 1.5, 4.0, 30.0])
def test_the_chi_square_tail_is_scipys(freedom: int, factor: float) -> None:
    value = freedom * factor
    assert tails.chi_square_tail(value, freedom) == pytest.approx(stats.chi2.sf(value, freedom), rel=1e-9, abs=1e-300)


def test_the_chi_square_quantile_is_scipys() -> None:
    for freedom in (1, 9, 49):
        assert tails.chi_square_quantile(0.99, freedom) == pytest.approx(stats.chi2.ppf(0.99, freedom), rel=1e-9)


@pytest.mark.parametrize("t", [0.2, 0.5, 0.9, 0.9999, 1.0001, 1.5, 3.0, 10.0])
def test_the_kolmogorov_tail_is_scipys_in_large_samples(t: float) -> None:
    rows = 1e12
    gap = t / math.sqrt(rows / 2)
    assert tails.kolmogorov_tail(gap, rows, rows) == pytest.approx(stats.kstwobign.sf(t), rel=1e-4, abs=1e-80)


@pytest.mark.parametrize(("n", "m"), [(20, 30), (100, 80), (1000, 50)])
def test_the_kolmogorov_tail_is_near_the_exact_one_in_small_samples(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    for shift in (0.0, 0.3, 0.6):
        a, b = np.sort(rng.normal(size=n)), np.sort(rng.normal(shift, size=m))
        exact = stats.ks_2samp(a, b, method="exact")
        assert d.largest_gap(a, b) == pytest.approx(exact.statistic, abs=1e-12)
        assert tails.kolmogorov_tail(exact.statistic, n, m) == pytest.approx(exact.pvalue, rel=0.35, abs=0.05)


@given(
    arrays.arrays(np.int64, st.integers(12, 40), elements=st.integers(0, 5)),
    arrays.arrays(np.int64, st.integers(12, 40), elements=st.integers(0, 5)),
)
@settings(max_examples=100, deadline=None)
def test_the_largest_gap_is_scipys_with_ties(a: np.ndarray, b: np.ndarray) -> None:
    assert d.largest_gap(np.sort(a), np.sort(b)) == pytest.approx(
        stats.ks_2samp(a, b, method="asymp").statistic, abs=1e-12
    )


@given(
    arrays.arrays(np.float64, st.integers(1, 40), elements=st.sampled_from([-np.inf, -1.0, 0.0, 0.5, np.inf])),
    arrays.arrays(np.float64, st.integers(1, 40), elements=st.sampled_from([-np.inf, -1.0, 0.0, 0.5, np.inf])),
)
@settings(max_examples=50, deadline=None)
def test_the_largest_gap_is_the_same_without_compiled_loops(a: np.ndarray, b: np.ndarray) -> None:
    compiled = d.largest_gap(np.sort(a), np.sort(b))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(d, "has_numba", lambda: False)
        assert d.largest_gap(np.sort(a), np.sort(b)) == pytest.approx(compiled, abs=1e-15)


def test_no_row_makes_no_gap() -> None:
    assert math.isnan(d.largest_gap(np.empty(0), np.ones(3)))
    assert math.isnan(tails.kolmogorov_tail(float("nan"), 5, 5))


def test_jensen_shannon_is_scipys() -> None:
    p, q = [5, 0, 3, 2], [1, 4, 0, 5]
    assert d.jensen_shannon(p, q) == pytest.approx(distance.jensenshannon(p, q) ** 2, rel=1e-12)
    assert d.jensen_shannon(p, p) == 0


def test_homogeneity_is_scipys_where_every_bin_is_filled() -> None:
    a, b = [50, 30, 20], [70, 60, 20]
    value, freedom = d.homogeneity(a, b)
    exact = stats.chi2_contingency([a, b], correction=False)
    assert value == pytest.approx(exact.statistic, rel=1e-12)
    assert freedom == exact.dof


def test_rare_bins_are_pooled() -> None:
    assert d.homogeneity([500, 480, 2, 1, 1], [490, 500, 0, 2, 1])[1] == 2
    assert d.homogeneity([10], [20]) == pytest.approx((float("nan"), 0), nan_ok=True)
    assert math.isnan(d.homogeneity([0, 0], [3, 4])[0])


def test_adjusted_p_values_are_scipys() -> None:
    p = np.random.default_rng(0).random(50) ** 3
    assert tails.adjusted(p.tolist()) == pytest.approx(stats.false_discovery_control(p).tolist(), rel=1e-12)
    assert tails.adjusted([]) == []


@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (5000, 500), (100_000, 5000)])
def test_the_stability_index_of_equal_distributions_is_as_foretold(n: int, m: int) -> None:
    rng = np.random.default_rng(7)
    shares = np.full(10, 0.1)
    found = np.array([d.stability_index(rng.multinomial(n, shares), rng.multinomial(m, shares)) for _ in range(3000)])
    mean, limit = d.stability_null(10, n, m)
    assert found.mean() == pytest.approx(mean, rel=0.04)
    assert np.quantile(found, 0.99) == pytest.approx(limit, rel=0.08)


@pytest.mark.parametrize("correlation", [0.0, 0.2, 0.8])
def test_effective_rows_foretell_the_scatter_of_means(correlation: float) -> None:
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(60), rng.integers(1, 30, 60))
    means, worth = [], []
    for _ in range(400):
        shared, own = rng.normal(size=60)[groups], rng.normal(size=len(groups))
        values = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own
        means.append(values.mean())
        worth.append(effective_rows(values, groups))
    assert np.median(worth) == pytest.approx(1 / np.var(means), rel=0.2)


def test_degenerate_groups_have_an_answer() -> None:
    values = np.arange(6.0)
    assert effective_rows(values, None) == 6
    assert effective_rows(values, np.arange(6)) == 6  # every row its own group
    assert effective_rows(values, np.zeros(6, np.int64)) == 1  # one group tells as much as one row
    assert effective_rows(np.ones(6), np.array([0, 0, 0, 1, 1, 1])) == 6
