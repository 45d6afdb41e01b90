"""Softmax with an angular margin (ArcFace, CosFace): why a start at 45 is right there. All values in nats."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, positive, shown
from traindx.baselines.baseline import Baseline
from traindx.baselines.contrastive import scaled_cosine_start


def arcface_initial(num_classes: int, scale: float = 64.0, margin: float = 0.5, dim: int = 512) -> Baseline:
    """Return the start of random directions: the right logit is s cos(90° + m) = -s sin m, the others s cos.

    Hence s sin m on top of a scaled-cosine start ln C + s^2/2D.

    >>> round(arcface_initial(85742).value, 1)
    46.0
    """
    at_least(2, num_classes=num_classes)
    at_least(0, margin=margin)
    positive(scale=scale)
    return Baseline(
        rung="initial",
        value=scale * math.sin(margin) + scaled_cosine_start(num_classes, scale, dim).value,
        unit="nats",
        formula=f"{shown(scale)}·sin {shown(margin)} + ln {num_classes} + {shown(scale)}²/(2·{dim})",
        meaning="random directions under the angular margin",
        source="Deng et al. 2019, ArcFace, equation 3, at an angle of 90°",
        conditions="normal for margin softmax and only there",
    )


def cosface_initial(num_classes: int, scale: float = 64.0, margin: float = 0.35, dim: int = 512) -> Baseline:
    """Return the start of random directions with the margin taken off the cosine: s m + ln C + s^2/2D.

    >>> round(cosface_initial(10000, 30.0).value, 1)
    20.6
    """
    at_least(2, num_classes=num_classes)
    at_least(0, margin=margin)
    positive(scale=scale)
    return Baseline(
        rung="initial",
        value=scale * margin + scaled_cosine_start(num_classes, scale, dim).value,
        unit="nats",
        formula=f"{shown(scale)}·{shown(margin)} + ln {num_classes} + {shown(scale)}²/(2·{dim})",
        meaning="random directions under the additive cosine margin",
        source="Wang et al. 2018, CosFace, equation 4, at a cosine of 0",
        conditions="normal for margin softmax and only there",
    )
