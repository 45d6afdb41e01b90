"""How much a series scatters, robustly: spread, local noise, dependence between neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# For Gaussian noise the median absolute deviation is 0.6745 standard deviations.
_MAD_TO_SD = 1.4826
# Differences under which their median says little.
_FEWEST = 8


def robust_sd(values: Floats) -> float:
    """Standard deviation estimated from the median absolute deviation; NaN under two points."""
    if len(values) < 2:
        return float("nan")
    return float(_MAD_TO_SD * np.median(np.abs(values - np.median(values))))


def local_noise(values: Floats) -> float:
    """Standard deviation of single points about their local level, from second differences.

    Second differences cancel a level and a linear trend; for independent noise of variance s² their variance is
    6 s². A median of absolute values keeps spikes and level shifts out. Positively dependent noise is
    underestimated (to 0.27 of its standard deviation at an autocorrelation of 0.9), and so are heavy tails (0.75 for a t
    distribution with three degrees of freedom, whose bulk is that much narrower). NaN under five points, where it would mean nothing.

    >>> import numpy as np
    >>> noise = local_noise(np.random.default_rng(0).normal(0, 2, 4000) + np.linspace(0, 500, 4000))
    >>> bool(abs(noise - 2) < 0.15)
    True
    """
    if len(values) < 5:
        return float("nan")
    second = values[:-2] - 2 * values[1:-1] + values[2:]
    return float(_MAD_TO_SD * np.median(np.abs(second)) / np.sqrt(6.0))


def level_noise(values: Floats, width: int) -> float:
    """Standard deviation of the median of ``width`` neighbouring points, dependence between neighbours included.

    Measured on the medians themselves, by third differences (which cancel a curve up to a parabola; for independent
    noise of variance s² their variance is 20 s²) of medians one, two and four stretches apart: the widest of the three sees
    dependence that outlasts a stretch. NaN where there are under eight differences.

    >>> import numpy as np
    >>> noise = level_noise(np.random.default_rng(0).normal(0, 1, 4000), 9)
    >>> bool(0.36 < noise < 0.50)  # sqrt(pi / 2 / 9) = 0.42, and the widest of three is taken
    True
    """
    whole = len(values) // width
    medians = np.median(values[len(values) - whole * width :].reshape(whole, width), axis=1)
    found = [_third(medians, lag) for lag in (1, 2, 4) if whole - 3 * lag >= _FEWEST]
    return max(found, default=float("nan"))


def _third(values: Floats, lag: int) -> float:
    size = len(values) - 3 * lag
    third = values[:size] - 3 * values[lag : lag + size] + 3 * values[2 * lag : 2 * lag + size] - values[3 * lag :]
    return float(_MAD_TO_SD * np.median(np.abs(third)) / np.sqrt(20.0))


def scale_noise(values: Floats) -> float:
    """Rounding noise: half the smallest non-zero distance between values, or 0 where all are equal.

    A series printed with two decimals cannot show changes under 0.005; this finds that without knowing the format.
    """
    distinct = np.unique(values[np.isfinite(values)])
    if len(distinct) < 2:
        return 0.0
    return float(np.min(np.diff(distinct))) / 2


def lag_one(values: Floats) -> float:
    """First-order autocorrelation about a straight line, in [-1, 1]; 0 under eight points or without scatter."""
    size = len(values)
    if size < 8:
        return 0.0
    x = np.arange(size) - (size - 1) / 2
    slope = float(x @ values) / float(x @ x)
    residual = values - values.mean() - slope * x
    power = float(residual @ residual)
    if not power > 0:
        return 0.0
    return float(np.clip(residual[1:] @ residual[:-1] / power, -1.0, 1.0))


def effective_size(values: Floats) -> float:
    """How many independent points the series is worth: n (1 - r) / (1 + r) for autocorrelation r > 0, at least 2.

    Source: the variance of the mean of a first-order autoregressive series.
    """
    r = max(0.0, lag_one(values))
    return max(2.0, len(values) * (1 - r) / (1 + r)) if len(values) >= 2 else float(len(values))
