"""In-batch contrastive losses: the lowest and highest values that temperature and duplicates allow, in nats."""

from __future__ import annotations

import math
from collections.abc import Sequence

from traindx.baselines.arithmetic import at_least, binomial_mean, positive, shown
from traindx.baselines.baseline import Baseline


def temperature_floor(num_candidates: int, temperature: float) -> Baseline:
    """Return the loss of a perfect simplex: cosine 1 to the partner, -1/(N-1) to all others.

    ln(1 + (N-1) e^(-s N/(N-1))) with s = 1/temperature; no arrangement of unit vectors does better.

    >>> round(temperature_floor(32, 1.0).value, 3)
    2.488
    """
    at_least(2, num_candidates=num_candidates)
    positive(temperature=temperature)
    rivals = num_candidates - 1
    return Baseline(
        rung="floor",
        value=math.log1p(rivals * math.exp(-num_candidates / (rivals * temperature))),
        unit="nats",
        formula=f"ln(1 + {rivals}·e^(-{num_candidates}/({rivals}·{shown(temperature)})))",
        meaning="perfectly aligned pairs on a simplex: cosines cannot spread further",
        source="derived: mean off-diagonal cosine of N unit vectors is at least -1/(N-1)",
        conditions="cosine similarity divided by the temperature; reachable where N is at most dim + 1",
    )


def temperature_ceiling(num_candidates: int, temperature: float) -> Baseline:
    """Return the worst possible loss: partner at cosine -1, all others at 1: ln(1 + (N-1) e^(2/t)).

    >>> round(temperature_ceiling(32, 0.07).value, 1)
    32.0
    """
    at_least(2, num_candidates=num_candidates)
    positive(temperature=temperature)
    return Baseline(
        rung="initial",
        value=2.0 / temperature + math.log(num_candidates - 1 + math.exp(-2.0 / temperature)),
        unit="nats",
        formula=f"2/{shown(temperature)} + ln {num_candidates - 1}",
        meaning="the worst possible: every pair opposed, all others aligned",
        source="derived: cosines lie in [-1, 1]",
    )


def duplicate_groups_floor(group_sizes: Sequence[int]) -> Baseline:
    """Return the floor when the batch holds groups of identical items: sum m ln m / N over group sizes m.

    The best answer within a group of m is 1/m each. Pairs everywhere give ln 2.

    >>> round(duplicate_groups_floor([2, 2, 2]).value, 4)
    0.6931
    """
    at_least(1, **{"group size": min(group_sizes, default=0)})
    total = sum(group_sizes)
    return Baseline(
        rung="floor",
        value=math.fsum(m * math.log(m) for m in group_sizes) / total,
        unit="nats",
        formula=f"Σ m ln m / {total}",
        meaning="a perfect model: identical items cannot be told apart",
        source="derived: entropy of the position within a group",
    )


def expected_duplicates_floor(num_candidates: int, captions: int) -> Baseline:
    """Return the mean floor when each item carries one of K equally frequent captions: E ln(1 + X), X ~ Bin(N-1, 1/K).

    >>> round(expected_duplicates_floor(64, 2).value, 3), round(expected_duplicates_floor(256, 1000).value, 3)
    (3.474, 0.168)
    """
    at_least(1, num_candidates=num_candidates, captions=captions)
    return Baseline(
        rung="floor",
        value=binomial_mean(math.log1p, num_candidates - 1, 1.0 / captions),
        unit="nats",
        formula=f"E ln(1 + Bin({num_candidates - 1}, 1/{captions}))",
        meaning=f"a perfect model when only {captions} different captions exist",
        source="derived: the partner is one of 1 + X identical candidates",
        conditions="captions equally frequent and drawn independently; unequal frequencies raise it",
    )


def supcon_floor(batch_size: int, num_classes: int) -> Baseline:
    """Return the mean floor of supervised contrastive loss: E ln P, P = 1 + 2 Bin(B-1, 1/C) positives per anchor.

    Averaged over P positives, the best softmax gives each 1/P.

    >>> round(supcon_floor(256, 1000).value, 3)
    0.262
    """
    at_least(1, batch_size=batch_size, num_classes=num_classes)
    return Baseline(
        rung="floor",
        value=binomial_mean(lambda x: math.log1p(2 * x), batch_size - 1, 1.0 / num_classes),
        unit="nats",
        formula=f"E ln(1 + 2·Bin({batch_size - 1}, 1/{num_classes}))",
        meaning="a perfect model: probability shared among the positives of the class",
        source="Khosla et al. 2020, Supervised Contrastive Learning, equation 2, minimised here",
        conditions="two views per item, classes equally frequent, sum over positives outside the logarithm",
    )


def queue_chance(queue_size: int) -> Baseline:
    """Return chance against a queue of K negatives and one positive: ln(K + 1).

    >>> round(queue_chance(65536).value, 4)
    11.0904
    """
    at_least(0, queue_size=queue_size)
    return Baseline(
        rung="chance",
        value=math.log(queue_size + 1),
        unit="nats",
        formula=f"ln({queue_size} + 1)",
        meaning="guessing among the positive and the queue",
        source="He et al. 2020, Momentum Contrast, equation 1",
    )


def two_view_chance(batch_size: int) -> Baseline:
    """Return chance for two views of each of B items: all 2B - 1 others are candidates (NT-Xent).

    >>> round(two_view_chance(256).value, 4)
    6.2364
    """
    at_least(1, batch_size=batch_size)
    return Baseline(
        rung="chance",
        value=math.log(2 * batch_size - 1),
        unit="nats",
        formula=f"ln(2·{batch_size} - 1)",
        meaning="guessing the other view among all others of the batch",
        source="Chen et al. 2020, A Simple Framework for Contrastive Learning, equation 1",
    )
