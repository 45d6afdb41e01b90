"""Focal loss: chance, best constant and the start with a prior bias. All values in nats."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, fraction, lowest, positive, shown
from traindx.baselines.baseline import Baseline

LIN = "Lin et al. 2017, Focal Loss for Dense Object Detection, equation 5"


def focal_element(probability: float, *, positive_label: bool, alpha: float = 0.25, gamma: float = 2.0) -> float:
    """Return the focal loss of one element: -a (1-p)^g ln p for a positive, -(1-a) p^g ln(1-p) for a negative.

    >>> [round(focal_element(0.5, positive_label=label), 4) for label in (True, False)]
    [0.0433, 0.13]
    """
    fraction(probability=probability, alpha=alpha)
    at_least(0, gamma=gamma)
    p, weight = (probability, alpha) if positive_label else (1.0 - probability, 1.0 - alpha)
    return math.inf if p == 0 else -weight * (1.0 - p) ** gamma * math.log(p) + 0.0


def _mean(pos: float, probability: float, alpha: float, gamma: float) -> float:
    hit = pos * focal_element(probability, positive_label=True, alpha=alpha, gamma=gamma) if pos > 0 else 0.0
    miss = (1 - pos) * focal_element(probability, positive_label=False, alpha=alpha, gamma=gamma) if pos < 1 else 0.0
    return hit + miss


def focal_chance(pos: float, alpha: float = 0.25, gamma: float = 2.0) -> Baseline:
    """Return the mean per element of answering one half: (pos a + (1-pos)(1-a)) ln 2 / 2^g.

    >>> round(focal_chance(0.0).value, 4)
    0.13
    """
    fraction(pos=pos)
    return Baseline(
        rung="chance",
        value=_mean(pos, 0.5, alpha, gamma),
        unit="nats",
        formula=f"({shown(pos)}·{shown(alpha)} + {shown(1 - pos)}·{shown(1 - alpha)})·ln 2 / 2^{shown(gamma)}",
        meaning="answering one half to every element",
        source=LIN,
        conditions="mean over elements; divided by positives it is larger by 1/pos",
    )


def focal_trivial(pos: float, alpha: float = 0.25, gamma: float = 2.0) -> Baseline:
    """Return the best constant's mean per element, found by golden section over its logit.

    >>> round(focal_trivial(0.01).value, 5)
    0.00542
    """
    positive(pos=pos, negatives=1.0 - pos)

    def at_logit(z: float) -> float:
        return _mean(pos, 1.0 / (1.0 + math.exp(-z)), alpha, gamma)

    best = lowest(at_logit, -30.0, 30.0)
    return Baseline(
        rung="trivial",
        value=at_logit(best),
        unit="nats",
        formula=f"min over p of focal(p), pos {shown(pos)}: p = {shown(1 / (1 + math.exp(-best)))}",
        meaning="the best constant answer: a tiny focal loss can be no skill at all",
        source=LIN + ", minimised here",
        conditions="mean over elements",
    )


def focal_start(num_elements: int, num_positives: int, prior: float = 0.01) -> Baseline:
    """Return the first loss per positive with the output bias set to a prior, alpha 1/4 and gamma 2.

    >>> round(focal_start(100_000, 10).value, 2)
    1.14
    """
    at_least(1, num_positives=num_positives, num_elements=num_elements)
    at_least(num_positives, num_elements=num_elements)
    positive(prior=prior, complement=1.0 - prior)
    hits = num_positives * focal_element(prior, positive_label=True)
    misses = (num_elements - num_positives) * focal_element(prior, positive_label=False)
    return Baseline(
        rung="initial",
        value=(hits + misses) / num_positives,
        unit="nats per positive",
        formula=f"({num_positives} focal+({shown(prior)}) + {num_elements - num_positives} focal-)/{num_positives}",
        meaning="a fresh detector whose bias starts at the prior; without that bias it is a thousand times larger",
        source=LIN + " and section 4.1",
        conditions="sum over elements divided by positives, alpha 0.25, gamma 2",
    )
