"""What recall at 1 becomes at another gallery size: a model of scores with one margin."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, normal_cdf, normal_density, positive, shown
from traindx.baselines.baseline import Baseline

_POINTS = 1200


def margin_recall(margin: float, gallery_size: float) -> float:
    """Return R@1 when the right score is N(margin, 1) and each of N-1 rivals N(0, 1): E Phi(x + margin)^(N-1).

    The integral over the right score is a trapezoid rule within 9 deviations.

    >>> round(margin_recall(0.0, 100), 6)
    0.01
    """
    at_least(1, gallery_size=gallery_size)
    step = 18.0 / _POINTS
    rivals = gallery_size - 1
    return step * math.fsum(
        normal_density(x) * _power(normal_cdf(x + margin), rivals)
        for x in (-9.0 + i * step for i in range(_POINTS + 1))
    )


def _power(probability: float, exponent: float) -> float:
    return math.exp(exponent * math.log(probability)) if probability > 0 else float(exponent == 0)


def margin_of(recall: float, gallery_size: float) -> float:
    """Return the margin that gives that R@1 at that gallery size (bisection).

    >>> round(margin_of(margin_recall(2.0, 446), 446), 4)
    2.0
    """
    positive(recall=recall, complement=1 - recall)
    at_least(2, gallery_size=gallery_size)
    low, high = -12.0, 14.0
    for _ in range(48):
        middle = (low + high) / 2
        low, high = (middle, high) if margin_recall(middle, gallery_size) < recall else (low, middle)
    return (low + high) / 2


def recall_at_other_gallery(recall: float, gallery_size: int, other_size: int) -> Baseline:
    """Return the R@1 to expect at another gallery size from that at one size.

    >>> [round(recall_at_other_gallery(0.484, 32, n).value, 2) for n in (446, 1000, 10000)]
    [0.17, 0.12, 0.04]
    """
    margin = margin_of(recall, gallery_size)
    return Baseline(
        rung="typical",
        value=margin_recall(margin, other_size),
        unit="fraction",
        formula=f"E Φ(x + {shown(margin)})^({other_size} - 1)",
        meaning=f"the same model against {other_size} items instead of {gallery_size}",
        source="derived: independent normal scores with one margin",
        conditions="an estimate: hard rivals and duplicates make large galleries harder",
    )
