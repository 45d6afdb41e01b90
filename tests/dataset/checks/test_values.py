"""Groups, tails, constant features, values that are no numbers, sentinels; and healthy data, of which no check speaks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.checks.made import found, only, rng, subject
from traindx.dataset.checks import VALUE_CHECKS, is_there
from traindx.dataset.checks.constant_features import ConstantFeatures
from traindx.dataset.checks.heavy_tails import HeavyTails
from traindx.dataset.checks.not_finite import NotFinite
from traindx.dataset.checks.pooled_groups import PooledGroups
from traindx.dataset.checks.sentinel_values import SentinelValues
from traindx.dataset.tails import gaussian_largest, gaussian_top_share
from traindx.diagnosis import Severity

ROWS = 6_000


def grouped(deviations: np.ndarray, means: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    group = rng(seed).integers(0, len(deviations), ROWS)
    return {"u": rng(seed + 1).normal(means[group], deviations[group]), "system": group}


def test_groups_of_different_scale_are_told_with_their_ratio_and_their_weight() -> None:
    arrays = grouped(np.array([0.1, 1.0, 50.0]), np.zeros(3))
    finding = only(PooledGroups, subject(arrays, group="system", targets=("u",)))
    assert finding.evidence[0].measured == pytest.approx(500, rel=0.05)
    assert "1 of 3 groups (2) carry" in finding.why  # 50² against 1² and 0.1²
    assert finding.evidence[1].measured == pytest.approx(2500 / 2501.01, rel=1e-3)


def test_groups_of_different_level_are_told_by_their_share_of_the_variance() -> None:
    arrays = grouped(np.ones(4), np.array([-3.0, -1.0, 1.0, 3.0]))
    finding = only(PooledGroups, subject(arrays, group="system"))
    assert finding.evidence[0].measured == pytest.approx(5 / 6, abs=0.02)  # variance of the means 5, within 1


@pytest.mark.parametrize("spread", [1.0, 3.0])
def test_groups_of_nearly_one_scale_are_left_alone(spread: float) -> None:
    assert found(PooledGroups, subject(grouped(np.linspace(1, spread, 8), np.zeros(8)), group="system")) == []


def test_many_small_groups_of_one_distribution_are_no_finding() -> None:
    assert found(PooledGroups, subject(grouped(np.ones(1_500), np.zeros(1_500)), group="system")) == []


def test_without_a_group_the_check_is_not_asked() -> None:
    assert not is_there(subject({"u": rng().standard_normal(100)}), PooledGroups.needs)


def test_a_heavy_tail_is_told_as_the_share_that_one_value_in_a_thousand_decides() -> None:
    y = rng(3).standard_t(1.5, 50_000)
    finding = only(HeavyTails, subject({"y": y}, targets=("y",)))
    squares = np.sort((y - y.mean()) ** 2)
    assert finding.evidence[0].measured == pytest.approx(squares[-50:].sum() / squares.sum(), rel=0.05)
    assert "one value in a thousand decides" in finding.why


def test_one_value_54_deviations_out_is_found_in_few_rows() -> None:
    x = rng().standard_normal(900)
    x[7] = 54.0
    finding = only(HeavyTails, subject({"x": x}))
    assert "holds" in finding.headline
    assert finding.evidence[1].expected == pytest.approx(gaussian_largest(900))


@pytest.mark.parametrize("make", ["normal", "uniform", "laplace", "logistic", "exponential"])
def test_light_and_exponential_tails_are_left_alone(make: str) -> None:
    assert found(HeavyTails, subject({"x": getattr(rng(), make)(size=20_000)})) == []


def test_tails_that_come_from_pooling_are_said_to() -> None:
    arrays = grouped(np.array([1.0] * 59 + [200.0]), np.zeros(60))
    finding = only(HeavyTails, subject(arrays, group="system"))
    assert "pooling" in finding.why
    assert finding.do[0] == "scale each group by its own deviation first"


def test_the_top_thousandth_of_gaussian_values_holds_what_theory_says() -> None:
    squares = np.sort(rng().standard_normal(1_000_000) ** 2)
    assert squares[-1_000:].sum() / squares.sum() == pytest.approx(gaussian_top_share(), rel=0.01)


@pytest.mark.parametrize("count", [10, 100, 1_000, 10_000])
def test_the_largest_of_gaussian_values_is_what_theory_says(count: int) -> None:
    largest = np.abs(rng().standard_normal((400, count))).max(1).mean()
    assert largest == pytest.approx(gaussian_largest(count), rel=0.02)


def test_a_constant_feature_is_told_with_what_a_divisor_of_1e_8_makes_of_its_rounding() -> None:
    x = rng().standard_normal((500, 4)).astype(np.float32)
    x[:, 2] = 5.1
    finding = only(ConstantFeatures, subject({"x": x}))
    assert "1 of 4 features of x never varies (2)" in finding.headline
    rest = 5.1 * 2**-24 / 1e-8
    assert f"{rest:.4g}" in finding.why


def test_a_constant_target_is_an_error_and_constant_zeros_are_worth_a_note() -> None:
    assert only(ConstantFeatures, subject({"y": np.full(50, 3.0)}, targets=("y",))).severity is Severity.ERROR
    x = rng().standard_normal((50, 4))
    x[:, 3] = 0
    assert only(ConstantFeatures, subject({"x": x})).severity is Severity.INFO


def test_a_small_but_real_variation_is_left_alone() -> None:
    assert found(ConstantFeatures, subject({"x": 1000 + rng().standard_normal(500) * 0.01})) == []


def test_nan_and_infinity_are_counted_and_told_as_a_share_of_batches() -> None:
    x = rng().standard_normal((10_000, 2))
    x[:10, 1] = np.nan
    x[10, 0] = np.inf
    finding = only(NotFinite, subject({"x": x}))
    assert "10 NaN and 1 infinite values" in finding.headline
    assert f"{100 * (1 - 0.999**256):.1f} %" in finding.why
    assert found(NotFinite, subject({"x": x[11:]})) == []


def test_a_sentinel_is_told_with_the_deviation_that_remains_without_it() -> None:
    x = rng().standard_normal(5_000)
    clean = x.copy()
    x[::100] = -999.0
    finding = only(SentinelValues, subject({"x": x}))
    assert "1 % of x is -999" in finding.headline
    rest = clean[np.arange(5_000) % 100 != 0]
    assert finding.evidence[1].expected == pytest.approx(rest.std(), rel=1e-6)
    assert finding.evidence[0].expected == pytest.approx(rest.mean(), rel=1e-6)


def test_a_common_value_inside_the_range_and_a_lone_odd_one_are_no_sentinels() -> None:
    x = rng().normal(-900, 100, 5_000)
    x[::100] = -999.0
    assert found(SentinelValues, subject({"x": x})) == []
    zeros = rng().standard_normal(5_000)
    zeros[::3] = 0.0
    assert found(SentinelValues, subject({"x": zeros})) == []


def healthy(seed: int, rows: int, columns: int) -> dict[str, Any]:
    source = rng(seed)
    group = source.integers(0, 3, rows)
    return {
        "x": source.standard_normal((rows, columns)) * source.uniform(0.3, 3, columns)
        + source.uniform(-0.8, 0.8, columns),
        "y": source.standard_normal(rows),
        "label": source.integers(0, 4, rows),
        "system": group,
    }


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.sampled_from([60, 256, 1_000, 5_000]), columns=st.integers(1, 12))
def test_no_check_speaks_of_healthy_data(seed: int, rows: int, columns: int) -> None:
    one = subject(healthy(seed, rows, columns), group="system", targets=("y",), num_classes=4)
    assert [f.headline for check in VALUE_CHECKS for f in found(check, one)] == []


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.sampled_from([300, 4_000]))
def test_stored_statistics_that_were_applied_raise_no_alarm(seed: int, rows: int) -> None:
    raw = rng(seed).normal(7.0, 30.0, (rows, 3))
    z = (raw - raw.mean(0)) / raw.std(0)
    one = subject({"u": z, "u_mean": raw.mean(0), "u_std": raw.std(0)}, targets=("u",))
    assert [f.headline for check in VALUE_CHECKS for f in found(check, one)] == []
