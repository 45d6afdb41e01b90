"""There and back again: the bound that is promised, on any numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from traindx.dataset import Normalizer
from traindx.errors import UsageError

_UNITS = {"float64": 4, "float32": 8}


def _bound(normalizer: Normalizer, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    units = _UNITS[x.dtype.name] + (4 * np.abs(z.astype(np.float64)) if normalizer.method == "asinh" else 0)
    limits = np.finfo(x.dtype)
    size = np.maximum(np.abs(x.astype(np.float64)), np.abs(normalizer.center))
    return units * float(limits.eps) * size + normalizer.scale * float(limits.tiny)


@settings(max_examples=150, deadline=None)
@given(
    method=st.sampled_from(["standard", "robust", "asinh"]),
    exponents=st.lists(st.integers(-60, 60), min_size=3, max_size=3),
    centers=st.lists(st.floats(-100, 100), min_size=3, max_size=3),
    noise=hnp.arrays(np.float64, (40, 3), elements=st.floats(-1e3, 1e3)),
)
def test_float64_comes_back_within_a_few_units_of_rounding(
    method: str, exponents: list[int], centers: list[float], noise: np.ndarray
) -> None:
    x = (noise + centers) * 10.0 ** np.array(exponents)
    _holds(method, x)


@settings(max_examples=150, deadline=None)
@given(
    method=st.sampled_from(["standard", "robust", "asinh"]),
    exponents=st.lists(st.integers(-14, 14), min_size=3, max_size=3),
    centers=st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3),
    noise=hnp.arrays(np.float32, (40, 3), elements=st.floats(-1e3, 1e3, width=32)),
)
def test_float32_comes_back_within_eight_units_of_rounding(
    method: str, exponents: list[int], centers: list[float], noise: np.ndarray
) -> None:
    x = ((noise + centers) * 10.0 ** np.array(exponents)).astype(np.float32)
    _holds(method, x)


def _holds(method: str, x: np.ndarray) -> None:
    try:
        normalizer = Normalizer.fit(x, method=method)  # type: ignore[arg-type]
        z = normalizer.transform(x, verify=False)
    except UsageError as error:  # numbers whose squares or whose scale the dtype cannot hold
        if "range of float" in str(error):
            return
        raise
    assert z.dtype == x.dtype
    back = normalizer.inverse(z)
    assert back.dtype == x.dtype
    assert np.all(np.abs(back.astype(np.float64) - x.astype(np.float64)) <= _bound(normalizer, x, z))


def test_nan_and_infinities_pass_through_and_are_counted() -> None:
    x = np.array([[1.0], [2.0], [3.0], [np.nan], [np.inf], [-np.inf]])
    for method in ("standard", "robust", "asinh"):
        normalizer = Normalizer.fit(x, method=method)  # type: ignore[arg-type]
        assert normalizer.fitted.moments.count[0, 0] == 3
        assert np.array_equal(normalizer.transform(x)[3:], x[3:], equal_nan=True)
        assert np.allclose(normalizer.inverse(normalizer.transform(x)), x, equal_nan=True)


@pytest.mark.parametrize("dtype", ["float16", "uint8", "int16", "int64"])
def test_halves_come_back_as_halves_and_whole_numbers_as_floats(dtype: str) -> None:
    x = np.arange(200).reshape(100, 2).astype(dtype)
    normalizer = Normalizer.fit(x)
    z = normalizer.transform(x)
    assert z.dtype == {"float16": np.float16, "int64": np.float64}.get(dtype, np.float32)
    assert np.allclose(normalizer.inverse(z).astype(np.float64), x, rtol=1e-2 if dtype == "float16" else 1e-6, atol=0.1)


def test_a_scale_that_float32_cannot_hold_is_refused_and_not_rounded_to_zero() -> None:
    normalizer = Normalizer.fit(np.array([[1e-60], [-1e-60]]))
    with pytest.raises(UsageError, match="outside the range of float32"):
        normalizer.transform(np.zeros((2, 1), dtype=np.float32), verify=False)


def test_the_data_are_left_as_they_were() -> None:
    x = np.random.default_rng(0).normal(size=(300, 3))
    kept = x.copy()
    x.setflags(write=False)
    Normalizer.fit(x).transform(x)
    assert np.array_equal(x, kept)
