"""Retrieval metrics at chance: one right answer in a gallery of N, ranked at random."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, harmonic, shown
from traindx.baselines.baseline import Baseline

UNIFORM_RANK = "derived: the right item is equally likely at every rank"


def recall_at_k_chance(gallery_size: int, k: int) -> Baseline:
    """Return R@K at chance: the right item is among the first K of N with probability K/N.

    >>> recall_at_k_chance(1000, 10).value
    0.01
    """
    at_least(1, gallery_size=gallery_size, k=k)
    return Baseline(
        rung="chance",
        value=min(1.0, k / gallery_size),
        unit="fraction",
        formula=f"{k}/{gallery_size}",
        meaning=f"a random ranking of {shown(gallery_size)} items",
        source=UNIFORM_RANK,
        conditions="one right item per query, ties broken at random",
    )


def mrr_chance(gallery_size: int) -> Baseline:
    """Return the mean reciprocal rank at chance: H_N/N, about (ln N + 0.5772)/N.

    >>> round(mrr_chance(446).value, 4)
    0.015
    """
    at_least(1, gallery_size=gallery_size)
    return Baseline(
        rung="chance",
        value=harmonic(gallery_size) / gallery_size,
        unit="fraction",
        formula=f"H({gallery_size})/{gallery_size}",
        meaning=f"a random ranking of {shown(gallery_size)} items",
        source=UNIFORM_RANK,
        conditions="one right item per query; 1/MRR is the harmonic mean rank, not the mean rank",
    )


def reciprocal_rank_std(gallery_size: int) -> float:
    """Return the standard deviation of 1/rank at chance; divided by sqrt(queries) it is the error of MRR.

    >>> round(reciprocal_rank_std(446), 4)
    0.0588
    """
    at_least(1, gallery_size=gallery_size)
    terms = min(gallery_size, 100_000)
    squares = math.fsum(1.0 / r**2 for r in range(1, terms + 1)) + 1 / terms - 1 / gallery_size
    return math.sqrt(max(0.0, squares / gallery_size - (harmonic(gallery_size) / gallery_size) ** 2))


def mean_rank_chance(gallery_size: int) -> Baseline:
    """Return the mean rank at chance, counted from 1: (N + 1)/2.

    >>> mean_rank_chance(446).value
    223.5
    """
    return _middle_rank(gallery_size, "mean")


def median_rank_chance(gallery_size: int) -> Baseline:
    """Return the median rank at chance, counted from 1: (N + 1)/2.

    >>> median_rank_chance(100).value
    50.5
    """
    return _middle_rank(gallery_size, "median")


def _middle_rank(gallery_size: int, statistic: str) -> Baseline:
    at_least(1, gallery_size=gallery_size)
    return Baseline(
        rung="chance",
        value=(gallery_size + 1) / 2,
        unit="rank",
        formula=f"({gallery_size} + 1)/2",
        meaning=f"{statistic} rank of a random ranking of {shown(gallery_size)} items",
        source=UNIFORM_RANK,
        conditions="ranks counted from 1; one less where they are counted from 0",
    )


def ndcg_chance(gallery_size: int, k: int | None = None) -> Baseline:
    """Return nDCG at chance with one right item: (1/N) sum over ranks up to K of 1/log2(1 + r).

    >>> round(ndcg_chance(1000).value, 3), round(ndcg_chance(1000, 10).value, 5)
    (0.123, 0.00454)
    """
    at_least(1, gallery_size=gallery_size, k=1 if k is None else k)
    cut = gallery_size if k is None else min(k, gallery_size)
    return Baseline(
        rung="chance",
        value=_discount_sum(cut) / gallery_size,
        unit="fraction",
        formula=f"Σ 1/log2(1 + r), r = 1..{cut}, over {gallery_size}",
        meaning=f"a random ranking of {shown(gallery_size)} items",
        source=UNIFORM_RANK,
        conditions="one right item per query; without a cut-off this level is far from 0",
    )


def _discount_sum(terms: int) -> float:
    """Return the sum of 1/log2(1+r); beyond 200,000 terms by the trapezoid rule in ln r, which errs below 1e-4."""
    head = min(terms, 200_000)
    total = math.fsum(1.0 / math.log2(1 + r) for r in range(1, head + 1))
    if terms == head:
        return total
    low, high, pieces = math.log(head + 1.5), math.log(terms + 1.5), 4000
    step = (high - low) / pieces
    heights = [math.exp(u) * math.log(2.0) / u for u in (low + i * step for i in range(pieces + 1))]
    return total + step * (math.fsum(heights) - 0.5 * (heights[0] + heights[-1]))
