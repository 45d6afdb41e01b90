"""Retrieval metrics at chance when several items of the gallery are right."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, harmonic, log_choose
from traindx.baselines.baseline import Baseline

HYPERGEOMETRIC = "derived: P right items fall at random among N ranks"


def _check(gallery_size: int, positives: int, k: int = 1) -> None:
    at_least(1, gallery_size=gallery_size, positives=positives, k=k)
    at_least(positives, gallery_size=gallery_size)


def any_hit_chance(gallery_size: int, positives: int, k: int) -> Baseline:
    """Return the chance that any of P right items is among the first K of N: 1 - C(N-P, K)/C(N, K).

    >>> round(any_hit_chance(1000, 5, 10).value, 4)
    0.0491
    """
    _check(gallery_size, positives, k)
    k = min(k, gallery_size)
    miss = math.exp(log_choose(gallery_size - positives, k) - log_choose(gallery_size, k))
    return Baseline(
        rung="chance",
        value=1.0 - miss,
        unit="fraction",
        formula=f"1 - C({gallery_size - positives}, {k})/C({gallery_size}, {k})",
        meaning="at least one right item among the first K of a random ranking",
        source=HYPERGEOMETRIC,
        conditions="R@K counted as a hit or a miss per query",
    )


def recall_fraction_chance(gallery_size: int, k: int) -> Baseline:
    """Return the mean share of a query's right items among the first K at chance: K/N, however many there are.

    >>> recall_fraction_chance(1000, 10).value
    0.01
    """
    _check(gallery_size, 1, k)
    return Baseline(
        rung="chance",
        value=min(1.0, k / gallery_size),
        unit="fraction",
        formula=f"{k}/{gallery_size}",
        meaning="the share of right items found by a random ranking",
        source=HYPERGEOMETRIC,
        conditions="R@K counted as found/all right items",
    )


def precision_at_k_chance(gallery_size: int, positives: int) -> Baseline:
    """Return the precision at any cut-off at chance: P/N.

    >>> precision_at_k_chance(1000, 5).value
    0.005
    """
    _check(gallery_size, positives)
    return Baseline(
        rung="chance",
        value=positives / gallery_size,
        unit="fraction",
        formula=f"{positives}/{gallery_size}",
        meaning="the share of right items among the first K of a random ranking",
        source=HYPERGEOMETRIC,
    )


def first_rank_chance(gallery_size: int, positives: int) -> Baseline:
    """Return the mean rank of the first right item at chance: (N + 1)/(P + 1).

    P items cut the N - P others into P + 1 gaps of equal mean length.

    >>> round(first_rank_chance(1000, 5).value, 1)
    166.8
    """
    _check(gallery_size, positives)
    return Baseline(
        rung="chance",
        value=(gallery_size + 1) / (positives + 1),
        unit="rank",
        formula=f"({gallery_size} + 1)/({positives} + 1)",
        meaning="mean rank of the first right item of a random ranking",
        source=HYPERGEOMETRIC,
    )


def multi_mrr_chance(gallery_size: int, positives: int) -> Baseline:
    """Return the mean reciprocal rank of the first right item at chance: sum over r of C(N-r, P-1)/C(N, P)/r.

    >>> round(multi_mrr_chance(1000, 5).value, 4)
    0.0271
    """
    _check(gallery_size, positives)
    at_least(gallery_size, largest_supported_gallery=2_000_000)
    return Baseline(
        rung="chance",
        value=_mean_reciprocal(gallery_size, positives),
        unit="fraction",
        formula=f"Σ C({gallery_size}-r, {positives - 1})/(r·C({gallery_size}, {positives}))",
        meaning="mean reciprocal rank of the first right item of a random ranking",
        source=HYPERGEOMETRIC,
    )


def _mean_reciprocal(n: int, p: int) -> float:
    """Return the sum term by term: P(first = 1) = P/N, and each next rank is rarer by (n-r-p+1)/(n-r)."""
    share, total = p / n, 0.0
    for rank in range(1, n - p + 2):
        total += share / rank
        share *= (n - rank - p + 1) / (n - rank) if n > rank else 0.0
        if share < 1e-18:
            break
    return total


def average_precision_chance(gallery_size: int, positives: int) -> Baseline:
    """Return average precision of a random ranking: (P-1)/(N-1) + (N-P) H_N/(N (N-1)).

    At rank r with a right item, the r-1 earlier ones hold (r-1)(P-1)/(N-1) right items on average.

    >>> round(average_precision_chance(1000, 5).value, 5)
    0.01146
    """
    _check(gallery_size, positives)
    n, p = gallery_size, positives
    value = 1.0 if n == 1 else (p - 1) / (n - 1) + (n - p) * harmonic(n) / (n * (n - 1))
    return Baseline(
        rung="chance",
        value=value,
        unit="fraction",
        formula=f"({p} - 1)/({n} - 1) + ({n} - {p})·H({n})/({n}·{n - 1})",
        meaning="average precision of a random ranking",
        source=HYPERGEOMETRIC,
        conditions="tends to the share of right items for large galleries",
    )
