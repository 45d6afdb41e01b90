"""Where definitions agree, scikit-learn's scalers give the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import RobustScaler, StandardScaler

from traindx.dataset import Normalizer


@pytest.fixture(scope="module")
def table() -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.standard_t(4, size=(1500, 5)) * 10.0 ** np.arange(-2, 3) + np.array([0, 1e3, -5, 1e5, 7])


def test_standard_is_that_of_sklearn(table: np.ndarray) -> None:
    assert np.allclose(
        Normalizer.fit(table).transform(table), StandardScaler().fit_transform(table), rtol=1e-10, atol=1e-10
    )


def test_standard_leaves_nan_out_as_sklearn_does(table: np.ndarray) -> None:
    table = table.copy()
    table[::7, 2] = np.nan
    found, expected = Normalizer.fit(table).transform(table), StandardScaler().fit_transform(table)
    assert np.array_equal(np.isnan(found), np.isnan(table))
    assert np.allclose(found, expected, rtol=1e-10, atol=1e-10, equal_nan=True)


def test_robust_is_that_of_sklearn_with_unit_variance(table: np.ndarray) -> None:
    expected = RobustScaler(unit_variance=True).fit_transform(table)
    found = Normalizer.fit(table, method="robust")
    assert found.fitted.rank_error == 0
    assert np.allclose(found.transform(table), expected, rtol=1e-9, atol=1e-9)


def test_asinh_is_the_robust_scale_under_arcsinh(table: np.ndarray) -> None:
    expected = np.arcsinh(RobustScaler(unit_variance=True).fit_transform(table))
    assert np.allclose(Normalizer.fit(table, method="asinh").transform(table), expected, rtol=1e-9, atol=1e-9)


def test_a_large_mean_in_float32_costs_no_accuracy() -> None:
    exact = np.random.default_rng(2).normal(1e4, 0.05, size=(4096, 2))
    single = exact.astype(np.float32)
    expected = StandardScaler().fit_transform(single.astype(np.float64))
    assert np.allclose(Normalizer.fit(single).transform(single), expected, rtol=1e-5, atol=1e-5)


def test_a_constant_feature_keeps_its_units_and_a_millionth_of_noise_is_not_blown_up() -> None:
    rng = np.random.default_rng(3)
    table = np.stack([np.full(500, 7.25), 1e4 + rng.normal(0, 1e-3, 500), rng.normal(0, 1e-12, 500)], axis=1)
    normalizer = Normalizer.fit(table)
    assert normalizer.constant.tolist() == [True, True, False]
    assert normalizer.scale[:2].tolist() == [1, 1]
    found = normalizer.transform(table)
    assert np.all(found[:, 0] == 0)
    assert np.abs(found[:, 1]).max() < 0.01
    assert found[:, 2].std() == pytest.approx(1)


def test_where_half_of_the_values_are_one_the_robust_scale_is_the_deviation_about_it() -> None:
    column = np.concatenate([np.zeros(800), np.random.default_rng(4).normal(0, 50, 200)])[:, None]
    normalizer = Normalizer.fit(column, method="robust")
    assert not normalizer.constant[0]
    assert normalizer.scale[0] == pytest.approx(np.sqrt(np.mean(column**2)))


def test_quantiles_of_a_long_stream_stay_within_the_error_that_is_stated() -> None:
    values = np.random.default_rng(5).standard_t(2, size=400_000)
    normalizer = Normalizer.fit(values, method="robust")
    assert 0 < normalizer.fitted.rank_error < 0.01
    share_below = np.mean(values < normalizer.center[0])
    assert abs(share_below - 0.5) <= normalizer.fitted.rank_error + 1e-5
    low, high = np.quantile(values, [0.25, 0.75])
    assert normalizer.scale[0] == pytest.approx((high - low) / 1.3489795, rel=0.02)
