"""Moments are those of exact arithmetic and of SciPy, and do not depend on how the rows were cut."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from traindx.dataset.statistics.features import column_summary
from traindx.dataset.statistics.fields import (
    COUNT,
    HIGHEST,
    LOWEST,
    M2,
    M3,
    M4,
    MEAN,
    NAN,
    NEGATIVE,
    POSITIVE,
    ZEROS,
    tile_rows,
)
from traindx.dataset.statistics.moments import Moments
from traindx.dataset.statistics.tiles import merge, tile_states
from traindx.errors import UnreadableDataError, UsageError

RNG = np.random.default_rng(7)


def state_of(values: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    moments = Moments(values.shape[-1] if values.ndim > 1 else 1)
    moments.update(values, mask)
    return moments.state()


def exact(values: np.ndarray) -> tuple[float, float, float, float]:
    """Mean and central sums in rational arithmetic."""
    numbers = [Fraction(value) for value in values.astype(np.float64).tolist()]
    mean = sum(numbers) / len(numbers)
    powers = [sum((number - mean) ** power for number in numbers) for power in (2, 3, 4)]
    return (float(mean), *(float(power) for power in powers))


@pytest.mark.parametrize("offset", [0.0, 1e4, 1e6, 1e8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moments_far_from_zero_are_those_of_exact_arithmetic(offset: float, dtype: type) -> None:
    values = (RNG.gamma(2.0, size=3000) + offset).astype(dtype)
    mean, m2, m3, m4 = exact(values)
    state = state_of(values)[:, 0]
    assert state[MEAN] == pytest.approx(mean, rel=1e-15)
    assert state[M2] == pytest.approx(m2, rel=1e-12)
    assert state[M3] == pytest.approx(m3, rel=1e-12, abs=1e-12 * m2**1.5 / len(values) ** 0.5)
    assert state[M4] == pytest.approx(m4, rel=1e-12)


@pytest.mark.parametrize("features", [1, 3, 64, 300])
def test_deviation_skewness_and_kurtosis_agree_with_scipy(features: int) -> None:
    values = RNG.gamma(1.5, size=(40_000 // features, features))
    state = state_of(values)
    for feature in range(features):
        summary = column_summary("x", state[:, feature])
        column = values[:, feature]
        assert summary.deviation == pytest.approx(column.std(), rel=1e-12)
        assert summary.skewness == pytest.approx(scipy.stats.skew(column), rel=1e-11)
        assert summary.kurtosis == pytest.approx(scipy.stats.kurtosis(column, fisher=False), rel=1e-11)
        assert (summary.minimum, summary.maximum) == (column.min(), column.max())


def test_a_float32_deviation_at_mean_ten_thousand_is_one_and_not_eight() -> None:
    values = (RNG.normal(size=200_000) + 1e4).astype(np.float32)
    state = state_of(values)[:, 0]
    assert (state[M2] / state[COUNT]) ** 0.5 == pytest.approx(values.astype(np.longdouble).std(), rel=1e-12)


def test_a_long_column_keeps_its_mean_to_the_last_digits() -> None:
    moments, block = Moments(1), np.full(1 << 16, 0.1)
    for _ in range(64):
        moments.update(block)
    state = moments.state()[:, 0]
    assert state[COUNT] == 64 << 16
    assert state[MEAN] == 0.1
    assert state[M2] == 0


def odd_values() -> dict[str, np.ndarray]:
    return {
        "denormal": np.array([5e-324, 1e-310, -3e-320]),
        "single denormal": np.array([1e-45, 3e-44], np.float32),
        "huge": np.array([1e308, -1e308, 1.7e308]),
        "constant": np.full(1000, 0.1),
        "one value": np.array([3.5]),
        "int64 extremes": np.array([np.iinfo(np.int64).min, np.iinfo(np.int64).max, 0]),
        "uint64 extremes": np.array([0, np.iinfo(np.uint64).max], np.uint64),
        "bool": np.array([True, False, True]),
        "uint8": np.array([0, 255, 7], np.uint8),
        "int8": np.array([-128, 127], np.int8),
        "float16": np.array([1.5, 65504, -0.1], np.float16),
        "long double": np.array([1, 2, 4], np.longdouble),
        "negative zero": np.array([-0.0, 0.0, 1.0]),
    }


@pytest.mark.parametrize("name", odd_values())
@pytest.mark.parametrize("use_numba", [True, False])
def test_odd_values_have_the_mean_extremes_and_zeros_of_exact_arithmetic(name: str, use_numba: bool) -> None:
    values = odd_values()[name]
    wide = values.astype(np.float32 if values.dtype.itemsize < 4 else np.float64)
    state = tile_states(wide.reshape(1, -1, 1), None, use_numba=use_numba)[0, :, 0]
    numbers = [Fraction(value) for value in values.astype(np.float64).tolist()]
    assert state[MEAN] == pytest.approx(float(sum(numbers) / len(numbers)), rel=1e-14, abs=0)
    assert (state[LOWEST], state[HIGHEST]) == (float(min(numbers)), float(max(numbers)))
    assert state[ZEROS] == sum(number == 0 for number in numbers)
    assert np.array_equal(state_of(values)[:6, 0], state[:6])


def test_a_constant_column_has_no_variance_at_all() -> None:
    state = state_of(np.full((70_000, 3), 0.1, np.float32))
    assert (state[[M2, M3, M4]] == 0).all()
    assert (state[MEAN] == np.float32(0.1)).all()


def test_nothing_finite_has_no_moments_and_says_what_there_was() -> None:
    summary = column_summary("x", state_of(np.array([np.nan, np.inf, np.inf, -np.inf]))[:, 0])
    assert (summary.count, summary.nan, summary.positive_infinite, summary.negative_infinite) == (0, 1, 2, 1)
    assert summary.rows == 4
    assert summary.not_finite == 4
    assert all(math.isnan(value) for value in (summary.mean, summary.minimum, summary.deviation, summary.skewness))


def test_no_rows_are_no_values() -> None:
    assert column_summary("x", state_of(np.empty((0, 1)))[:, 0]).rows == 0


def test_values_that_are_not_finite_are_counted_and_left_out() -> None:
    values = RNG.normal(size=(5000, 7))
    for odd in (np.nan, np.inf, -np.inf):
        values[RNG.random(values.shape) < 0.1] = odd
    state = state_of(values)
    good = np.where(np.isfinite(values), values, np.nan)
    assert np.allclose(state[MEAN], np.nanmean(good, 0), rtol=1e-13)
    assert np.allclose(state[M2] / state[COUNT], np.nanvar(good, 0), rtol=1e-12)
    assert np.array_equal(state[NAN], np.isnan(values).sum(0))
    assert np.array_equal(state[POSITIVE], (values == np.inf).sum(0))
    assert np.array_equal(state[NEGATIVE], (values == -np.inf).sum(0))
    assert np.array_equal(state[LOWEST], np.nanmin(good, 0))


@pytest.mark.parametrize("shape", [(4000, 5), (4000,), (200, 20, 5)])
def test_a_mask_leaves_out_what_numpy_would(shape: tuple[int, ...]) -> None:
    values = RNG.normal(size=shape) + 3
    for mask in (RNG.random(shape) < 0.4, RNG.random(shape[:1]) < 0.4):
        full = np.broadcast_to(mask.reshape(mask.shape + (1,) * (len(shape) - mask.ndim)), shape)
        state = state_of(values, mask)
        rows, kept = values.reshape(-1, state.shape[1]), full.reshape(-1, state.shape[1])
        for feature in range(state.shape[1]):
            column = rows[kept[:, feature], feature]
            assert state[COUNT, feature] == len(column)
            assert state[MEAN, feature] == pytest.approx(column.mean(), rel=1e-13)
            assert state[M4, feature] == pytest.approx(((column - column.mean()) ** 4).sum(), rel=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("features", [1, 3, 64, 700])
@pytest.mark.parametrize("masked", [False, True])
def test_machine_code_and_numpy_agree(dtype: type, features: int, masked: bool) -> None:
    tiles = (RNG.normal(size=(3, 64 * 5 + 3, features)) * 1e3 + 1e5).astype(dtype)
    tiles[1, ::50] = np.nan
    keep = RNG.random(tiles.shape) < 0.7 if masked else None
    ours, plain = (tile_states(tiles, keep, use_numba=way) for way in (True, False))
    assert np.allclose(ours, plain, rtol=1e-12, atol=1e-12 * plain[:, M4].max() ** 0.75)


def test_merging_by_machine_code_and_by_numpy_gives_the_same_bits() -> None:
    states = tile_states(RNG.normal(size=(6, 200, 9)) * 10.0 ** RNG.integers(-3, 4, size=(6, 1, 9)), None)
    states[0, COUNT] = 0
    left, right = states[:3], states[3:]
    assert np.array_equal(merge(left, right, use_numba=True), merge(left, right, use_numba=False))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_cuts_in_any_order_give_the_same_bits(data: st.DataObject) -> None:
    features = data.draw(st.sampled_from([1, 2, 5, 64, 200]))
    rows = data.draw(st.integers(1, 4 * tile_rows(features) if features > 4 else 70_000))
    values = np.random.default_rng(rows).normal(size=(rows, features)).astype(np.float32)
    values[:: max(1, rows // 3)] = np.nan
    mask = np.random.default_rng(features).random((rows, features)) < 0.8 if data.draw(st.booleans()) else None
    cuts = sorted(data.draw(st.sets(st.integers(1, rows), max_size=6)) | {0, rows})
    parts = []
    for start, stop in pairwise(cuts):
        part = Moments(features)
        part.update(values[start:stop], None if mask is None else mask[start:stop], start=start)
        parts.append(Moments.from_bytes(part.to_bytes()))
    random.Random(rows).shuffle(parts)
    whole = parts[0]
    for part in parts[1:]:
        whole.merge(part)
    assert np.array_equal(whole.state(), state_of(values, mask))


def test_one_stream_of_odd_blocks_gives_the_bits_of_the_whole() -> None:
    values = RNG.normal(size=(5000, 33))
    moments, start = Moments(33), 0
    while start < len(values):
        size = int(RNG.integers(1, 900))
        moments.update(values[start : start + size])
        start += size
    assert np.array_equal(moments.state(), state_of(values))


def test_rows_that_are_missing_leave_the_rest_right() -> None:
    values = RNG.normal(size=(50_000, 2))
    moments = Moments(2)
    moments.update(values[:10_100], start=0)
    moments.update(values[30_007:], start=30_007)
    kept = np.concatenate([values[:10_100], values[30_007:]])
    state = moments.state()
    assert np.array_equal(state[COUNT], [len(kept)] * 2)
    assert np.allclose(state[MEAN], kept.mean(0), rtol=1e-12)
    assert np.allclose(state[M2], kept.var(0) * len(kept), rtol=1e-12)


def test_the_same_rows_twice_are_refused() -> None:
    moments = Moments(2)
    moments.update(np.ones((10, 2)), start=0)
    with pytest.raises(UsageError, match="same rows"):
        moments.update(np.ones((10, 2)), start=5)


def test_other_features_are_refused() -> None:
    with pytest.raises(UsageError, match="3 features"):
        Moments(2).update(np.ones((4, 3)))
    with pytest.raises(UsageError, match="3 features"):
        Moments(2).merge(Moments(3))


@pytest.mark.parametrize("dtype", [np.complex64, "M8[s]", "U3", object])
def test_what_has_no_moments_is_refused_with_a_hint(dtype: object) -> None:
    with pytest.raises(UnreadableDataError, match="have no moments"):
        Moments(1).update(np.zeros(4, dtype))


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x81\xa4what\xa3pie", b"\xff" * 40])
def test_bytes_of_something_else_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableDataError, match="hold no state"):
        Moments.from_bytes(data)


def test_a_state_that_was_cut_off_is_refused() -> None:
    moments = Moments(3)
    moments.update(np.ones((2000, 3)))
    data = moments.to_bytes()
    for size in range(0, len(data), max(1, len(data) // 40)):
        with pytest.raises(UnreadableDataError):
            Moments.from_bytes(data[:size])
