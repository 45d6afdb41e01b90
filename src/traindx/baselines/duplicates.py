"""What duplicates among the items cost: the floor of a contrastive loss, and the ceiling of ranking metrics."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from traindx.baselines.arithmetic import at_least, harmonic, log_choose, shown
from traindx.baselines.baseline import Baseline

Sizes = Sequence[int] | Mapping[int, int]
"""The sizes of the groups of identical items, one by one, or how many groups there are of each size; single items may be left out."""


def sampled_duplicates_floor(group_sizes: Sizes, items: int, batch_size: int) -> Baseline:
    """Return the mean in-batch floor when B of N items are drawn without replacement, some of them in groups of duplicates.

    The floor of an item is ln(1 + X), X the number of its duplicates in the batch: hypergeometric, m - 1 of the other N - 1 items, B - 1 drawn.
    ``group_sizes`` are those of the groups of two or more, one by one or as {size: groups}; all other items are single.

    >>> round(sampled_duplicates_floor([2, 2, 2], 6, 6).value, 4)  # everything in one batch: ln 2
    0.6931
    >>> round(sampled_duplicates_floor([5] * 200, 1000, 32).value, 4)
    0.0844
    """
    counts = _sizes(group_sizes, items)
    at_least(1, batch_size=batch_size)
    drawn = min(batch_size, items)
    return Baseline(
        rung="floor",
        value=math.fsum(many * m * _mean_log(m, items, drawn) for m, many in counts.items()) / items,
        unit="nats",
        formula=f"Σ m/{items}·E ln(1 + Hyp({items - 1}, m - 1, {drawn - 1}))",
        meaning="a perfect model: identical items in a batch cannot be told apart",
        source="derived: entropy of the position within a group, over random batches",
        conditions="batches drawn without replacement; a sampler that keeps duplicates together raises it",
    )


def duplicates_per_batch(group_sizes: Sizes, items: int, batch_size: int) -> Baseline:
    """Return how many ordered pairs of different items with equal content a random batch holds: B(B-1)/(N(N-1)) sum m(m-1).

    Each is a candidate that the loss pushes away although it is right.

    >>> round(duplicates_per_batch([5] * 200, 1000, 32).value, 2)
    3.97
    """
    counts = _sizes(group_sizes, items)
    at_least(1, batch_size=batch_size)
    drawn = min(batch_size, items)
    pairs = sum(many * m * (m - 1) for m, many in counts.items())
    return Baseline(
        rung="chance",
        value=drawn * (drawn - 1) * pairs / (items * (items - 1)) if items > 1 else 0.0,
        unit="pairs",
        formula=f"{drawn}·{drawn - 1}/({items}·{items - 1})·Σ m(m - 1)",
        meaning="false negatives in a batch",
        source="derived: every ordered pair of items is in a batch with probability B(B-1)/(N(N-1))",
        conditions="batches drawn without replacement",
    )


def duplicates_recall_ceiling(group_sizes: Sizes, gallery_size: int, k: int) -> Baseline:
    """Return the best recall at K with one right item per query where groups of items are identical: sum of min(m, K) / N.

    Identical items are scored alike: of m, the right one stands at each of the ranks 1 to m equally often.

    >>> duplicates_recall_ceiling([2] * 50, 100, 1).value
    0.5
    """
    counts = _sizes(group_sizes, gallery_size)
    at_least(1, k=k)
    lost = sum(many * max(0, m - k) for m, many in counts.items())
    return Baseline(
        rung="floor",
        value=1.0 - lost / gallery_size,
        unit="share",
        formula=f"1 - Σ max(0, m - {k})/{gallery_size}",
        meaning="a perfect model: identical items of the gallery take turns",
        source="derived: random order within a group of equal scores",
        conditions="one right item per query, ties broken at random",
    )


def duplicates_mrr_ceiling(group_sizes: Sizes, gallery_size: int) -> Baseline:
    """Return the best mean reciprocal rank where groups of items are identical: sum of H_m / N.

    >>> duplicates_mrr_ceiling([2] * 50, 100).value
    0.75
    """
    counts = _sizes(group_sizes, gallery_size)
    single = gallery_size - sum(many * m for m, many in counts.items())
    return Baseline(
        rung="floor",
        value=(single + math.fsum(many * harmonic(m) for m, many in counts.items())) / gallery_size,
        unit="score",
        formula=f"Σ H_m/{shown(gallery_size)}",
        meaning="a perfect model: identical items of the gallery take turns",
        source="derived: random order within a group of equal scores",
        conditions="one right item per query, ties broken at random",
    )


def _sizes(group_sizes: Sizes, items: int) -> Counter[int]:
    """Return how many groups there are of each size."""
    counts = Counter(dict(group_sizes) if isinstance(group_sizes, Mapping) else (int(m) for m in group_sizes))
    at_least(1, **{"group size": min(counts, default=1)})
    at_least(max(1, sum(m * many for m, many in counts.items())), items=items)
    return counts


def _mean_log(size: int, items: int, drawn: int) -> float:
    """Return E ln(1 + X), X hypergeometric: of items - 1, size - 1 are duplicates, drawn - 1 are taken."""
    rest, others, taken = items - 1, size - 1, drawn - 1
    top = min(others, taken)
    if top < 1:
        return 0.0
    mean = taken * others / rest
    spread = 12 * math.sqrt(mean * (1 - others / rest) * max(0.0, 1 - taken / rest)) + 12
    low, high = max(1, taken + others - rest, int(mean - spread)), min(top, int(mean + spread) + 1)
    base = log_choose(rest, taken)
    return math.fsum(
        math.log1p(x) * math.exp(log_choose(others, x) + log_choose(rest - others, taken - x) - base)
        for x in range(low, high + 1)
    )
