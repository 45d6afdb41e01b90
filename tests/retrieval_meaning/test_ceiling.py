"""The best that identical rows allow: against all orders of small galleries."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from traindx.retrieval.ceiling import ceiling


def best_by_trying(queries: list[int], items: list[int], right: list[set[int]], k: int) -> tuple[float, float]:
    """The best mean hit rate and reciprocal rank over all models: a model gives equal queries one list and equal items one place."""
    kinds = sorted(set(items))
    hits, gains = 0.0, 0.0
    for kind in set(queries):
        mine = [at for at, label in enumerate(queries) if label == kind]
        best_hits, best_gain = 0.0, 0.0
        for order in permutations(kinds):
            found = [
                expected([i for g in order for i in np.flatnonzero(np.array(items) == g).tolist()], items, right[q], k)
                for q in mine
            ]
            best_hits = max(best_hits, sum(f[0] for f in found))
            best_gain = max(best_gain, sum(f[1] for f in found))
        hits, gains = hits + best_hits, gains + best_gain
    return hits / len(queries), gains / len(queries)


def expected(order: list[int], items: list[int], right: set[int], k: int) -> tuple[float, float]:
    """Mean over the random orders inside groups of equal items."""
    groups: list[list[int]] = []
    for item in order:
        if groups and items[groups[-1][0]] == items[item]:
            groups[-1].append(item)
        else:
            groups.append([item])
    before = 0
    for group in groups:
        orders = list(permutations(group))
        if right & set(group):
            firsts = [before + 1 + min(at for at, item in enumerate(one) if item in right) for one in orders]
            return float(np.mean([f <= k for f in firsts])), float(np.mean([1 / f for f in firsts]))
        before += len(group)
    return 0.0, 0.0


@pytest.mark.parametrize("seed", range(12))
def test_one_right_item_each(seed: int) -> None:
    rng = np.random.default_rng(seed)
    queries, items = (rng.integers(0, 4, 5).tolist() for _ in range(2))
    right = rng.integers(0, 5, 5)
    found = ceiling(np.array(queries), np.array(items), np.arange(5), right, (1, 2))
    for k in (1, 2):
        hits, gain = best_by_trying(queries, items, [{int(i)} for i in right], k)
        assert found.hit_rate(k) >= hits - 1e-9  # a bound: queries and items that both repeat share their losses
        assert found.mrr >= gain - 1e-9
    if len(set(queries)) == 5 or len(set(items)) == 5:
        assert found.hit_rate(1) == pytest.approx(best_by_trying(queries, items, [{int(i)} for i in right], 1)[0])


@pytest.mark.parametrize("seed", range(8))
def test_several_right_items_among_identical_ones(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = rng.integers(0, 3, 5).tolist()
    right = [set(rng.choice(5, int(rng.integers(1, 4)), replace=False).tolist()) for _ in range(3)]
    query = np.concatenate([[q] * len(r) for q, r in enumerate(right)])
    item = np.concatenate([sorted(r) for r in right])
    found = ceiling(np.arange(3), np.array(items), query, item, (1, 2))
    for k in (1, 2):
        assert found.hit_rate(k) == pytest.approx(best_by_trying([0, 1, 2], items, right, k)[0])
    assert found.mrr == pytest.approx(best_by_trying([0, 1, 2], items, right, 1)[1])


def test_every_item_twice_ends_at_one_half() -> None:
    found = ceiling(np.arange(100), np.arange(100) % 50, np.arange(100), np.arange(100), (1, 2))
    assert (found.hit_rate(1), found.hit_rate(2), found.mrr, found.items) == (0.5, 1.0, 0.75, 50)
