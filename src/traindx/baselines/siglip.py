"""SigLIP: a sigmoid on every pair of the batch, summed and divided by the batch size. All values in nats."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, binary_entropy, positive, shown, softplus
from traindx.baselines.baseline import Baseline

ZHAI = "Zhai et al. 2023, Sigmoid Loss for Language Image Pre-Training, equation 1"


def siglip_trivial(batch_size: int) -> Baseline:
    """Return the best constant: every pair gets probability 1/N, so N H(1/N) = ln N + (N-1) ln(N/(N-1)).

    >>> round(siglip_trivial(256).value, 3)
    6.543
    """
    at_least(1, batch_size=batch_size)
    return Baseline(
        rung="trivial",
        value=batch_size * binary_entropy(1.0 / batch_size),
        unit="nats",
        formula=f"{batch_size}·H(1/{batch_size})",
        meaning="one score for all pairs: knowing only that one pair in N is right",
        source=ZHAI + ", minimised here",
        conditions="sum over pairs divided by N; a mean over pairs is smaller by N",
    )


def siglip_initial(batch_size: int, dim: int, scale: float = 10.0, bias: float = -10.0) -> Baseline:
    """Return the start of random unit vectors: N-1 wrong pairs and one right pair, cosines of variance 1/D.

    ln(1 + e^z) is about e^z for z = b + t cos far below 0, with mean e^(b + t^2/2D); the right pair costs about -b.
    Both are averaged here over the normal cosine by the trapezoid rule.

    >>> round(siglip_initial(256, 512).value, 2)
    10.01
    """
    at_least(1, batch_size=batch_size, dim=dim)
    positive(scale=scale)
    spread = scale / math.sqrt(dim)
    right = _mean_softplus(-bias, spread)
    wrong = _mean_softplus(bias, spread)
    return Baseline(
        rung="initial",
        value=right + (batch_size - 1) * wrong,
        unit="nats",
        formula=f"E ln(1+e^({shown(-bias)} - z)) + {batch_size - 1}·E ln(1+e^({shown(bias)} + z)), z ~ {shown(spread)}·N(0,1)",
        meaning="random unit vectors under the initial scale and bias",
        source=ZHAI + ", averaged over random cosines",
        conditions="a bias of 0 instead starts many times higher: (N-1) ln 2 and more",
    )


def _mean_softplus(centre: float, spread: float) -> float:
    points = [i / 20 for i in range(-160, 161)]
    total = math.fsum(softplus(centre + spread * z) * math.exp(-0.5 * z * z) for z in points)
    return total / 20 / math.sqrt(2 * math.pi)
