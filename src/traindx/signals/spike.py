"""Isolated excursions far outside the local noise that recovered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.noise import Floats, robust_sd
from traindx.signals.runs import true_stretches

_WINDOW = 101
# Points that tell the level on one side of an excursion.
_BESIDE = 10


@final
@dataclass(frozen=True, slots=True)
class Spike:
    """One excursion: indices of its first and last point, its highest value, the local level, and how far out it is.

    ``score`` is the distance to the local level in units of the limit of ordinary noise: 1 is just beyond what
    noise with these tails produces.
    """

    first: int
    last: int
    peak: float
    level: float
    score: float


def spikes(values: Floats, *, upward: bool = True, longest: int = 20) -> tuple[Spike, ...]:
    """Return the excursions of finite ``values`` (at least 20) that end: a rise that stays is a shift, no spike.

    Positive series are judged on the log scale. The limit is the larger of eight robust standard deviations and
    1.5 times the empirical 99.5 % quantile of the residual of the ordinary points: for Gaussian noise that is one false
    alarm in far over a million points, and heavy tails raise their own limit.
    """
    if len(values) < 20:
        return ()
    scaled = np.log(values) if bool((values > 0).all()) else values
    local = _running_median(scaled)
    residual = scaled - local if upward else local - scaled
    sd = robust_sd(residual)
    floor = 1e-9 * max(1.0, float(np.max(np.abs(scaled))))
    limit = max(8 * sd, 1.5 * float(np.quantile(np.abs(residual), 0.995)) if len(values) >= 400 else 0.0, floor)
    found: list[Spike] = []
    for first, last in true_stretches(residual > limit):
        if last - first + 1 > longest or last == len(values) - 1 or first < 3:
            continue
        if not _returned(scaled, first, last, limit):
            continue
        at = first + int(np.argmax(residual[first : last + 1]))
        base = float(np.exp(local[at])) if scaled is not values else float(local[at])
        found.append(Spike(first, last, float(values[at]), base, float(residual[at] / limit)))
    return tuple(found)


def _returned(values: Floats, first: int, last: int, limit: float) -> bool:
    """Whether the level after an excursion is nearer to the level before it than half of what made it an excursion."""
    before = float(np.median(values[max(0, first - _BESIDE) : first]))
    after = float(np.median(values[last + 1 : last + 1 + _BESIDE]))
    return after - before <= limit / 2


def _running_median(values: Floats) -> Floats:
    """Local level: medians of blocks of ``_WINDOW`` points, interpolated; for short series of a fifth of the points."""
    size = len(values)
    width = min(_WINDOW, max(5, size // 5))
    starts = np.arange(0, size - width + 1, max(1, width // 2))
    windows = np.lib.stride_tricks.sliding_window_view(values, width)[starts]
    return np.interp(np.arange(size), starts + (width - 1) / 2, np.median(windows, axis=1))
