"""The hash of a row depends on its content and on nothing else, and is the same with and without compiled loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from traindx.dataset.overlap import hashing
from traindx.dataset.overlap.hashing import float_words, hash_floats, hash_pieces, hash_words, packed


@pytest.fixture
def plain_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "has_numba", lambda: False)


def _both_ways(monkeypatch: pytest.MonkeyPatch, work) -> tuple[list[int], list[int]]:
    compiled = work().tolist()
    monkeypatch.setattr(hashing, "has_numba", lambda: False)
    return compiled, work().tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", [1, 2, 3, 8, 17])
def test_floats_hash_alike_in_both_ways(monkeypatch: pytest.MonkeyPatch, dtype: type, width: int) -> None:
    values = np.random.default_rng(width).normal(size=(200, width)).astype(dtype)
    values[3, 0], values[5, -1], values[7, 0], values[9, 0] = -0.0, np.nan, np.inf, -np.inf
    compiled, plain = _both_ways(monkeypatch, lambda: hash_floats(values))
    assert compiled == plain
    assert len(set(compiled)) == 200


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.int64, np.bool_])
def test_whole_numbers_hash_alike_in_both_ways(monkeypatch: pytest.MonkeyPatch, dtype: type) -> None:
    values = np.random.default_rng(0).integers(0, 2, size=(50, 5)).astype(dtype)
    compiled, plain = _both_ways(monkeypatch, lambda: hash_words(packed(values)))
    assert compiled == plain


@given(st.lists(st.binary(max_size=40), max_size=20))
@settings(max_examples=50, deadline=None)
def test_byte_strings_hash_alike_in_both_ways(pieces: list[bytes]) -> None:
    compiled = hash_pieces(pieces).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "has_numba", lambda: False)
        assert hash_pieces(pieces).tolist() == compiled
    assert len(set(compiled)) == len(set(pieces))


@given(arrays.arrays(np.float32, (4, 3), elements=st.floats(width=32)))
@settings(max_examples=50, deadline=None)
def test_equal_floats_have_equal_hashes_and_others_do_not(values: np.ndarray) -> None:
    found = hash_floats(values)
    for i in range(4):
        for j in range(4):
            same = np.array_equal(values[i], values[j], equal_nan=True)  # -0.0 equals 0.0 here
            assert (found[i] == found[j]) == same


def test_one_zero_and_one_nan() -> None:
    odd_nan = np.array([0x7FC00001], dtype=np.uint32).view(np.float32)[0]
    values = np.array([[0.0, np.nan], [-0.0, odd_nan], [0.0, -np.nan]], dtype=np.float32)
    assert len(set(hash_floats(values).tolist())) == 1
    assert (float_words(values) == float_words(values)[0]).all()


def test_the_order_of_the_values_matters() -> None:
    rows = np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 3.0, 4.0], [3.0, 4.0, 1.0, 2.0]])
    assert len(set(hash_floats(rows).tolist())) == 3


def test_hashes_are_spread_evenly_whatever_the_rows() -> None:
    counters = hash_words(np.arange(1 << 16, dtype=np.uint64)[:, None])
    for shift in (0, 20, 40, 56):
        counts = np.bincount((counters >> np.uint64(shift)).astype(np.int64) & 255, minlength=256)
        assert (
            (counts - 256) ** 2 / 256
        ).sum() < 350  # chi-square with 255 degrees of freedom: 330 at one in a thousand


def test_rows_without_values_are_equal() -> None:
    assert len(set(hash_floats(np.empty((3, 0))).tolist())) == 1
    assert len(hash_floats(np.empty((0, 4)))) == 0
