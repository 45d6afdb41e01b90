"""Equal rows are found, all of them and no others, within a budget and in linear time."""

from __future__ import annotations

import time
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from traindx.arrays import MemorySource
from traindx.dataset.overlap import duplicate_groups
from traindx.dataset.overlap.content import alike, content
from traindx.dataset.overlap.exact import equality
from traindx.dataset.overlap.hashing import MIX_1, MIX_2, PLACE, hash_words
from traindx.dataset.overlap.matching import equal_hashes, matching_rows
from traindx.errors import UsageError


def objects(values: list[object]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def as_sets(groups) -> set[frozenset[int]]:
    return {frozenset(groups.members[a:b].tolist()) for a, b in zip(groups.starts[:-1], groups.starts[1:], strict=True)}


def expected(rows: np.ndarray) -> set[frozenset[int]]:
    found: dict[bytes, list[int]] = {}
    for at, row in enumerate(rows):
        found.setdefault((row + 0.0).tobytes(), []).append(at)
    return {frozenset(some) for some in found.values() if len(some) > 1}


@given(arrays.arrays(np.int8, st.tuples(st.integers(0, 60), st.integers(1, 3)), elements=st.integers(0, 2)))
@settings(max_examples=100, deadline=None)
def test_the_groups_are_those_of_brute_force(rows: np.ndarray) -> None:
    assert as_sets(duplicate_groups(MemorySource(rows))) == expected(rows)


def test_planted_copies_are_found_and_none_are_invented() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(50_000, 8)).astype(np.float32)
    assert len(duplicate_groups(MemorySource(rows))) == 0
    rows[1000:1100] = rows[40_000:40_100]
    found = duplicate_groups(MemorySource(rows))
    assert as_sets(found) == {frozenset({1000 + i, 40_000 + i}) for i in range(100)}


def test_a_small_budget_parts_the_rows_on_disk_with_the_same_answer() -> None:
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 3000, size=(20_000, 1)).astype(np.float64)
    whole = duplicate_groups(MemorySource(rows))
    parts = list(matching_rows(content(MemorySource(rows)), budget_bytes=50_000))
    parted = duplicate_groups(MemorySource(rows), budget_bytes=50_000, threads=2)
    assert len(parts) >= 8
    assert parted.members.tolist() == whole.members.tolist()
    assert parted.starts.tolist() == whole.starts.tolist()


def _unmixed(value: int) -> int:
    """The inverse of the mixing of a word."""
    mask, first, second = (1 << 64) - 1, int(MIX_1), int(MIX_2)
    value ^= value >> 33
    value = value * pow(second, -1, 1 << 64) & mask
    value ^= value >> 33
    value = value * pow(first, -1, 1 << 64) & mask
    return value ^ (value >> 33)


def test_rows_that_only_share_the_hash_are_never_called_equal() -> None:
    mask, place = (1 << 64) - 1, int(PLACE)
    total = 0x1234567
    rows = []
    for k in range(6):  # words whose mixed values add up to the same total
        first = 0xABCDEF * (k // 2 + 1)  # and each such row twice
        rows.append([(_unmixed(first) - place) & mask, (_unmixed((total - first) & mask) - 2 * place) & mask])
    table = np.array(rows, dtype=np.uint64)
    assert len(set(hash_words(table).tolist())) == 1
    assert as_sets(duplicate_groups(MemorySource(table))) == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5})}


def test_hashes_that_agree_only_in_their_upper_bits_are_parted() -> None:
    hashes = np.array([5, 1, 5, 2, 1, 1], dtype=np.uint64)
    assert as_sets(equal_hashes(hashes)) == {frozenset({0, 2}), frozenset({1, 4, 5})}


@pytest.mark.slow
def test_a_million_identical_rows_take_linear_time() -> None:
    rows = np.zeros((1_000_000, 4))
    duplicate_groups(MemorySource(rows[:10]))
    start = time.process_time()
    found = duplicate_groups(MemorySource(rows))
    assert found.sizes.tolist() == [1_000_000]
    assert time.process_time() - start < 3


def test_identical_rows_beyond_the_budget_are_compared_in_slices() -> None:
    found = duplicate_groups(MemorySource(np.zeros((5000, 4))), budget_bytes=1 << 16)
    assert found.sizes.tolist() == [5000]


def test_rows_of_nan_are_equal_and_zeros_have_no_sign() -> None:
    rows = np.array([[np.nan, 1.0], [np.nan, 1.0], [0.0, 2.0], [-0.0, 2.0], [1.0, np.nan]])
    assert as_sets(duplicate_groups(MemorySource(rows))) == {frozenset({0, 1}), frozenset({2, 3})}


@pytest.mark.parametrize("rows", [np.empty((0, 3)), np.zeros((1, 3)), np.empty((0,)), np.zeros(1)])
def test_nothing_and_a_single_row_have_no_duplicates(rows: np.ndarray) -> None:
    assert len(duplicate_groups(MemorySource(rows))) == 0


@pytest.mark.parametrize("dtype", [np.float16, np.complex64, ">f4", ">i8", np.bool_, "datetime64[s]"])
def test_every_kind_of_number_is_compared(dtype: object) -> None:
    rows = np.array([0, 1, 0, 1]).astype(dtype)
    assert as_sets(duplicate_groups(MemorySource(rows))) == {frozenset({0, 2}), frozenset({1, 3})}


def test_texts_are_equal_whatever_their_form_case_and_spacing() -> None:
    composed = unicodedata.normalize("NFC", "Café au lait")
    texts = objects(["café  AU lait", composed, unicodedata.normalize("NFD", composed), "cafe au lait", "", " \n"])
    assert as_sets(duplicate_groups(MemorySource(texts, kind="text"))) == {frozenset({0, 1, 2}), frozenset({4, 5})}


def test_bytes_and_images_are_equal_where_every_byte_is() -> None:
    blobs = MemorySource(objects([b"ab", b"ab\0", b"ab"]), kind="bytes")
    assert as_sets(duplicate_groups(blobs)) == {frozenset({0, 2})}
    black = np.zeros((4, 6, 3), dtype=np.uint8)
    images = MemorySource(objects([black, black.reshape(6, 4, 3), black.copy()]), kind="image")
    assert as_sets(duplicate_groups(images)) == {frozenset({0, 2})}  # the shape counts


def test_rows_of_several_columns_are_equal_where_all_columns_are() -> None:
    numbers = MemorySource(np.array([1, 1, 1, 2]), name="x")
    texts = MemorySource(objects(["a", "b", "A", "a"]), name="t", kind="text")
    assert as_sets(duplicate_groups([numbers, texts])) == {frozenset({0, 2})}


def test_a_copy_in_another_precision_agrees() -> None:
    single = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
    double = np.random.default_rng(1).normal(size=(50, 4))
    widened = single[:10].astype(np.float64)
    rounded = MemorySource(double.astype(np.float32))
    assert equality(*alike([MemorySource(single)], [MemorySource(widened)])).leaked == 10
    assert equality(*alike([MemorySource(double)], [rounded])).leaked == 50
    whole = MemorySource(np.arange(6).reshape(3, 2))
    assert equality(*alike([whole], [MemorySource(whole.array.astype(np.float32))])).leaked == 3


@given(
    arrays.arrays(np.int8, st.integers(0, 40), elements=st.integers(0, 6)),
    arrays.arrays(np.int8, st.integers(0, 40), elements=st.integers(0, 6)),
)
@settings(max_examples=100, deadline=None)
def test_what_two_splits_share_is_counted_as_by_brute_force(train: np.ndarray, other: np.ndarray) -> None:
    found = equality(*alike([MemorySource(train)], [MemorySource(other)]))
    assert found.leaked == np.isin(other, train).sum()
    assert found.leaked_train == np.isin(train, other).sum()
    assert found.shared == len(np.intersect1d(train, other))
    assert found.train_copies == len(train) - len(np.unique(train))
    assert found.other_copies == len(other) - len(np.unique(other))
    sizes = np.unique(train, return_counts=True)[1]
    assert sum(size * groups for size, groups in found.train_sizes) == sizes[sizes > 1].sum() == found.train_twins
    assert all(train[mine] == other[theirs] for mine, theirs in found.examples)
    for group in found.largest:
        assert len({*train[list(group.train_rows)].tolist(), *other[list(group.other_rows)].tolist()}) == 1


def test_rows_of_different_widths_are_not_compared() -> None:
    with pytest.raises(UsageError, match="cannot be compared"):
        alike([MemorySource(np.zeros((2, 3)))], [MemorySource(np.zeros((2, 4)))])
    with pytest.raises(UsageError, match="3 rows stand beside 2"):
        content([MemorySource(np.zeros(2)), MemorySource(np.zeros(3))])
