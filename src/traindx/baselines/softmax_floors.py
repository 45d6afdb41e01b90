"""Softmax cross-entropy: the lowest values that labels, smoothing and mixing allow. All values in nats."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, digamma, fraction, positive, shown, xlogx
from traindx.baselines.baseline import Baseline


def label_smoothing_floor(num_classes: int, label_smoothing: float) -> Baseline:
    """Return the entropy of the smoothed target: 1 - e + e/C on the label, e/C on each other class.

    >>> round(label_smoothing_floor(1000, 0.1).value, 4)
    1.0148
    """
    at_least(2, num_classes=num_classes)
    fraction(label_smoothing=label_smoothing)
    off = label_smoothing / num_classes
    on = 1.0 - label_smoothing + off
    return Baseline(
        rung="floor",
        value=-xlogx(on) - (num_classes - 1) * xlogx(off) + 0.0,
        unit="nats",
        formula=f"H(1 - {shown(label_smoothing)} + {shown(label_smoothing)}/{shown(num_classes)}, ...)",
        meaning="a perfect model under label smoothing",
        source="derived: cross-entropy is at least the entropy of its target",
        conditions="smoothing spread over all C classes, the label's own included (torch, Keras)",
    )


def label_noise_floor(num_classes: int, noise: float) -> Baseline:
    """Return the floor when a share e of labels is replaced by another class at random: H(e) + e ln(C-1).

    Below it on the training set a model is memorising wrong labels.

    >>> round(label_noise_floor(10, 0.1).value, 3)
    0.545
    """
    at_least(2, num_classes=num_classes)
    fraction(noise=noise)
    return Baseline(
        rung="floor",
        value=-xlogx(1.0 - noise) - xlogx(noise) + noise * math.log(num_classes - 1),
        unit="nats",
        formula=f"H({shown(noise)}) + {shown(noise)} ln {shown(num_classes - 1)}",
        meaning="a perfect model when that share of the labels is wrong",
        source="derived: entropy of the noisy label given the true one",
        conditions="symmetric noise; the best accuracy is then 1 minus the noise",
    )


def mixup_floor(alpha: float) -> Baseline:
    """Return the mean entropy of the mixing weight, drawn from Beta(a, a): digamma(2a+1) - digamma(a+1).

    >>> round(mixup_floor(0.2).value, 3), round(mixup_floor(1.0).value, 3)
    (0.228, 0.5)
    """
    positive(alpha=alpha)
    return Baseline(
        rung="floor",
        value=digamma(2 * alpha + 1) - digamma(alpha + 1),
        unit="nats",
        formula=f"ψ(2·{shown(alpha)} + 1) - ψ({shown(alpha)} + 1)",
        meaning="a perfect model under mixup or cutmix",
        source="derived: mean of -λ ln λ under the beta distribution",
        conditions="every batch mixed, the two labels differ",
    )


def double_softmax_floor(num_classes: int) -> Baseline:
    """Return the floor where softmax is applied twice: -ln(e / (e + C - 1)) = ln(1 + (C-1)/e).

    Probabilities taken for logits lie in [0, 1], so that the loss can never fall below this.

    >>> round(double_softmax_floor(10).value, 4)
    1.4612
    """
    at_least(2, num_classes=num_classes)
    return Baseline(
        rung="floor",
        value=math.log1p((num_classes - 1) / math.e),
        unit="nats",
        formula=f"ln(1 + {shown(num_classes - 1)}/e)",
        meaning="a perfect model whose loss gets probabilities instead of logits",
        source="derived: one-hot probabilities as logits",
        conditions="only with the fault of a softmax before a loss that applies softmax itself",
    )


def zero_cross_entropy() -> Baseline:
    """Return the floor of cross-entropy with hard labels: 0, approached by confident right answers.

    >>> zero_cross_entropy().value
    0.0
    """
    return Baseline(
        rung="floor",
        value=0.0,
        unit="nats",
        formula="-ln 1",
        meaning="certain of the right answer every time",
        source="definition",
        conditions="hard labels without noise; text and images have an entropy above it",
    )


def softmax_z_loss(num_classes: int, coefficient: float) -> Baseline:
    """Return the z-loss of zero logits: coefficient x (ln C)^2, as ln Z = ln sum e^0 = ln C.

    >>> round(softmax_z_loss(32000, 1e-4).value, 4)
    0.0108
    """
    at_least(1, num_classes=num_classes)
    at_least(0, coefficient=coefficient)
    return Baseline(
        rung="initial",
        value=coefficient * math.log(num_classes) ** 2,
        unit="nats²",
        formula=f"{shown(coefficient)} × (ln {shown(num_classes)})²",
        meaning="the z-loss term of a fresh network",
        source="Chowdhery et al. 2022, PaLM, section 5: coefficient × (ln Z)²",
        conditions="small logits",
    )
