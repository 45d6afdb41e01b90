"""Rows that cannot be ranked are named; nothing is ranked around them."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.arrays import MemorySource
from traindx.errors import UsageError
from traindx.retrieval import rank

GOOD = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)


def spoilt(rows: list[int], value: float) -> np.ndarray:
    bad = GOOD.copy()
    bad[rows, 3] = value
    return bad


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_rows_with_nan_are_named_and_counted(similarity: str) -> None:
    rows = [2, 5, 9, 11, 40, 41, 60]
    with pytest.raises(UsageError, match=r"7 of 64 rows of gallery hold NaN: rows 2, 5, 9, 11, 40, \.\.\."):
        rank(GOOD, spoilt(rows, np.nan), similarity=similarity)


def test_infinities_and_zero_rows_are_told_apart() -> None:
    bad = spoilt([4], -np.inf)
    bad[7] = 0
    with pytest.raises(
        UsageError, match=r"1 of 64 rows of queries hold an infinity: row 4; 1 of 64 .* are zero: row 7"
    ):
        rank(bad, GOOD)


def test_embeddings_that_are_all_nan_are_no_model_at_chance() -> None:
    with pytest.raises(UsageError, match="64 of 64 rows of queries hold NaN"):
        rank(np.full_like(GOOD, np.nan), GOOD)


def test_an_infinity_of_float16_is_found() -> None:
    wide = GOOD.astype(np.float16)
    wide[3, 3] = np.float16(np.inf)
    with pytest.raises(UsageError, match="hold an infinity: row 3"):
        rank(GOOD, wide)


def test_rows_longer_than_float64_are_named() -> None:
    huge = GOOD.astype(np.float64)
    huge[1] = 1e200
    with pytest.raises(UsageError, match="are too long for float64: row 1"):
        rank(huge, GOOD)


@pytest.mark.parametrize(
    ("queries", "gallery", "problem"),
    [
        (GOOD[:, :7], GOOD, "queries have 7 dimensions and the gallery 8"),
        (GOOD[:0], GOOD, r"queries: empty \(0 rows of 8 numbers\)"),
        (GOOD, GOOD[:, :0], r"gallery: empty \(64 rows of 0 numbers\)"),
        (GOOD[0], GOOD, "queries: must have two axes, rows and dimensions, and not the shape \\(8,\\)"),
        (GOOD[None], GOOD, "queries: must have two axes, rows and dimensions, and not the shape \\(1, 64, 8\\)"),
        (GOOD.astype(complex), GOOD, "type complex128 is not numbers"),
        (np.array([["a", "b"]]), GOOD, "queries hold text, not numbers"),
        (np.array([[None, 1.0]], dtype=object), GOOD, "not numbers"),
        ("embeddings.npy", GOOD, "no array"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(queries: object, gallery: np.ndarray, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        rank(queries, gallery)  # type: ignore[arg-type]


def test_errors_name_the_file() -> None:
    source = MemorySource(spoilt([1], np.nan), where="clips.h5:audio")
    with pytest.raises(UsageError, match=r"clips.h5:audio: 1 of 64 rows of queries hold NaN: row 1"):
        rank(source, GOOD)


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ({"similarity": "euclid"}, "unknown similarity 'euclid'"),
        ({"tie_tolerance": -1.0}, "tie tolerance must be 0 or more"),
        ({"tie_tolerance": float("nan")}, "tie tolerance must be 0 or more"),
        ({"threads": 0}, "threads must be 1 or more"),
        ({"block_bytes": 0}, "bytes of a block must be 1 or more"),
        ({"backend": "numpi"}, "unknown backend 'numpi'.*did you mean numpy"),
        ({"backend": "torch:nowhere"}, "torch has no device 'nowhere' here"),
        ({"exclude": "me"}, "cannot leave out 'me'"),
        ({"exclude": [(0, 64)]}, "name an item that does not exist"),
    ],
)
def test_options_that_mean_nothing_are_refused(option: dict, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        rank(GOOD, GOOD, **option)


def test_leaving_out_every_right_item_is_refused() -> None:
    with pytest.raises(UsageError, match="every right item is one of those left out"):
        rank(GOOD, GOOD, exclude="self")


def test_a_jax_array_of_bfloat16_is_ranked_by_its_values() -> None:
    import jax.numpy as jnp

    rows = jnp.asarray(GOOD, dtype=jnp.bfloat16)
    plain = rank(np.asarray(rows, dtype=np.float32), GOOD)
    assert np.array_equal(rank(rows, GOOD).scores, plain.scores)
