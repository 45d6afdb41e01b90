"""Is a stretch still moving? A slope that knows how little correlated points are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.noise import Floats, robust_sd

_BLOCKS = 10


@final
@dataclass(frozen=True, slots=True)
class Trend:
    """Change over a whole stretch.

    ``change`` is the fitted change from its first to its last point, ``error`` its standard error from the scatter of block
    means (so that dependence between neighbours inside a block does not count as evidence), ``z`` their ratio.
    """

    change: float
    error: float
    z: float


def trend(values: Floats) -> Trend:
    """Return the trend of a stretch of at least four finite points, by least squares through block medians.

    Measured share of flat series with |z| > 3, for Gaussian, heavy-tailed (t, three degrees of freedom) and dependent
    (autocorrelation 0.9) noise: 20 points 2, 1, 25 %; 200 points 1, 2, 4 %; 2,000 points 2, 2, 3 %; 20,000 points 2,
    0, 0 %. A change of three standard deviations passes it in: 20 points 74, 80, 80 %; 200 points 100, 100, 71 %;
    2,000 points 100, 100, 100 %; 20,000 points 100, 100, 100 %.
    """
    if len(values) < 4:
        raise ValueError("a trend needs at least four points")
    blocks = min(_BLOCKS, len(values))
    medians = np.array([np.median(part) for part in np.array_split(values, blocks)])
    x = (np.arange(blocks) - (blocks - 1) / 2) / (blocks - 1)
    slope = float(x @ medians) / float(x @ x)
    if abs(slope) <= 1e-12 * float(np.max(np.abs(medians))):  # rounding, where all is one value
        slope = 0.0
    residual = medians - medians.mean() - slope * x
    spread = float(np.sqrt(residual @ residual / (blocks - 2)))
    error = max(spread, robust_sd(residual) if blocks >= 5 else 0.0) / float(np.sqrt(x @ x))
    z = slope / error if error > 0 else (0.0 if slope == 0 else float(np.copysign(np.inf, slope)))
    return Trend(slope, error, z)
