"""Distillation: a student that knows nothing of the teacher, and one that copies it. Values in nats."""

from __future__ import annotations

import math
from collections.abc import Sequence

from traindx.baselines.arithmetic import at_least, entropy, log_sum_exp, positive, shown
from traindx.baselines.baseline import Baseline

HINTON = "Hinton et al. 2015, Distilling the Knowledge in a Neural Network, section 2"


def distillation_chance(teacher_logits: Sequence[float], temperature: float = 1.0) -> Baseline:
    """Return T^2 KL(teacher || uniform) = T^2 (ln C - H(teacher at T)); it tends to Var(logits)/2 for large T.

    >>> round(distillation_chance([3.0, 0.0, -3.0], 1000.0).value, 3)
    3.0
    """
    positive(temperature=temperature)
    at_least(2, number_of_logits=len(teacher_logits))
    scaled = [z / temperature for z in teacher_logits]
    norm = log_sum_exp(scaled)
    kl = math.log(len(scaled)) + math.fsum(math.exp(z - norm) * (z - norm) for z in scaled)
    return Baseline(
        rung="chance",
        value=temperature**2 * kl,
        unit="nats",
        formula=f"{shown(temperature)}²·(ln {len(scaled)} - H(teacher))",
        meaning="a student that answers uniformly",
        source=HINTON,
        conditions="KL form with the factor T²",
    )


def distillation_high_temperature(logit_std: float) -> Baseline:
    """Return the limit of T^2 KL(teacher || uniform) at high temperature: half the variance of the teacher's logits.

    >>> distillation_high_temperature(3.0).value
    4.5
    """
    at_least(0, logit_std=logit_std)
    return Baseline(
        rung="chance",
        value=logit_std**2 / 2,
        unit="nats",
        formula=f"{shown(logit_std)}²/2",
        meaning="a student that answers uniformly, temperature far above the logits",
        source=HINTON + "; second-order expansion",
        conditions="variance over the classes of one item, averaged",
    )


def distillation_floor(teacher: Sequence[float], *, cross_entropy: bool = False) -> Baseline:
    """Return the floor of copying the teacher: 0 for KL, the teacher's entropy for cross-entropy.

    >>> round(distillation_floor([0.9, 0.1], cross_entropy=True).value, 4)
    0.3251
    """
    return Baseline(
        rung="floor",
        value=entropy(teacher) if cross_entropy else 0.0,
        unit="nats",
        formula="H(teacher)" if cross_entropy else "KL(p‖p)",
        meaning="the student equals the teacher",
        source="Gibbs' inequality",
    )
