"""What duplicates cost, against simulated batches and rankings and against scipy's hypergeometric distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from traindx import baselines as b
from traindx.errors import UsageError

SIZES = [2] * 30 + [5] * 8 + [40]
ITEMS = 300


def _labels() -> np.ndarray:
    labels = np.repeat(np.arange(len(SIZES)), SIZES)
    return np.concatenate((labels, np.arange(len(SIZES), len(SIZES) + ITEMS - len(labels))))


@pytest.mark.parametrize("batch", [2, 16, 64, 300])
def test_the_floor_is_what_random_batches_cost_a_perfect_model(batch: int) -> None:
    rng, labels = np.random.default_rng(0), _labels()
    losses, pairs = [], []
    for _ in range(3000):
        drawn = rng.choice(labels, batch, replace=False)
        counts = np.unique(drawn, return_counts=True)[1]
        losses.append((counts * np.log(counts)).sum() / batch)  # the best softmax gives each of m copies 1/m
        pairs.append((counts * (counts - 1)).sum())
    error = 4 * np.std(losses) / math.sqrt(len(losses)) + 1e-12
    assert b.sampled_duplicates_floor(SIZES, ITEMS, batch).value == pytest.approx(np.mean(losses), abs=error)
    error = 4 * np.std(pairs) / math.sqrt(len(pairs)) + 1e-9
    assert b.duplicates_per_batch(SIZES, ITEMS, batch).value == pytest.approx(np.mean(pairs), abs=error)


@pytest.mark.parametrize(("size", "items", "batch"), [(2, 100, 10), (700, 1000, 256), (50_000, 1_000_000, 4096)])
def test_the_floor_is_the_hypergeometric_mean(size: int, items: int, batch: int) -> None:
    counts = np.arange(0, min(size, batch))
    exact = size / items * (np.log1p(counts) * stats.hypergeom(items - 1, size - 1, batch - 1).pmf(counts)).sum()
    assert b.sampled_duplicates_floor([size], items, batch).value == pytest.approx(exact, rel=1e-6)


def test_one_batch_of_everything_agrees_with_the_floor_of_its_groups() -> None:
    single = [1] * (ITEMS - sum(SIZES))
    exact = b.duplicate_groups_floor(SIZES + single).value
    assert b.sampled_duplicates_floor(SIZES, ITEMS, ITEMS).value == pytest.approx(exact, rel=1e-9)
    assert b.sampled_duplicates_floor(SIZES, ITEMS, 10 * ITEMS).value == pytest.approx(exact, rel=1e-9)


def test_many_equally_frequent_captions_come_near_the_binomial_floor() -> None:
    exact = b.expected_duplicates_floor(256, 1000).value
    assert b.sampled_duplicates_floor([1000] * 1000, 1_000_000, 256).value == pytest.approx(exact, rel=2e-3)


def test_sizes_may_be_counted() -> None:
    assert b.sampled_duplicates_floor({2: 30, 5: 8, 40: 1}, ITEMS, 64) == b.sampled_duplicates_floor(SIZES, ITEMS, 64)


@pytest.mark.parametrize("k", [1, 3, 10])
def test_the_ceiling_is_what_a_perfect_model_ranks_among_copies(k: int) -> None:
    rng = np.random.default_rng(1)
    ranks = np.concatenate(
        [rng.permuted(np.tile(np.arange(1, m + 1), (4000, 1)), axis=1) for m in [*SIZES, *[1] * (ITEMS - sum(SIZES))]],
        axis=1,
    )
    assert b.duplicates_recall_ceiling(SIZES, ITEMS, k).value == pytest.approx((ranks <= k).mean(), abs=1e-9)
    assert b.duplicates_mrr_ceiling(SIZES, ITEMS).value == pytest.approx((1 / ranks).mean(), abs=1e-9)


def test_nothing_is_lost_without_duplicates() -> None:
    assert b.sampled_duplicates_floor([], 10, 4).value == 0
    assert b.duplicates_per_batch([], 10, 4).value == 0
    assert b.duplicates_recall_ceiling([], 10, 1).value == 1
    assert b.duplicates_mrr_ceiling([1, 1], 10).value == 1


def test_more_copies_than_items_are_refused() -> None:
    with pytest.raises(UsageError, match="items must be"):
        b.sampled_duplicates_floor([5, 6], 10, 4)
