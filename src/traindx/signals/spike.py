"""Isolated excursions far outside the local noise that recovered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.noise import Floats, robust_sd
from traindx.signals.runs import true_stretches
from traindx.signals.tail import tail

_WINDOW = 101
# Points that tell the level on one side of an excursion.
_BESIDE = 10
# Excursions of so many points in a row are beyond the tails of independent noise by their length alone.
_LASTING = 3
# However heavy the tail seems (a steep start looks like one), so many limits are a spike.
_FAR = 8
# One part in so many of a curve falls too fast at its beginning for a local level.
_STEEP = 20
# How many such series may hold a false alarm.
_ONCE = 0.01


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

    The first twentieth is left out: it falls too fast for a local level.

    Positive series are judged on the log scale. The limit is the larger of eight robust standard deviations and
    1.5 times the empirical 99.5 % quantile of the residual (from 400 points on). Excursions of one or two points must
    in addition lie beyond what the tail of the residuals, taken as a power law, reaches once in a hundred such series.

    Measured false alarms in Gaussian, heavy-tailed (t, three degrees of freedom) and dependent (autocorrelation 0.9)
    noise: 20 points 0, 7, 0 %; 200 points 0, 1, 0 %; 2,000 points 0, 0, 0 %; 20,000 points 0, 0, 0 %. Three points
    lifted by twelve standard deviations are found in: 20 points 1, 4, 1 %; 200 points 100, 100, 100 %; 2,000 points
    100, 100, 100 %; 20,000 points 100, 100, 100 %. Noise that is heavy-tailed and dependent has one in 20 % of series of
    20,000 points.
    """
    if len(values) < 20:
        return ()
    scaled = np.log(values) if bool((values > 0).all()) else values
    local = _running_median(scaled)
    residual = scaled - local if upward else local - scaled
    begun = len(values) // _STEEP
    settled = residual[begun:]
    floor = 1e-9 * max(1.0, float(np.max(np.abs(scaled))))
    usual = max(8 * robust_sd(settled), floor)
    limit = max(usual, 1.5 * _quantile(settled, usual)) if len(values) >= 400 else usual
    beyond_tails = min(max(limit, _tail_limit(np.abs(settled))), _FAR * limit)
    found: list[Spike] = []
    for first, last in true_stretches(residual > limit):
        if last - first + 1 > longest or last == len(values) - 1 or first < max(3, begun):
            continue
        at = first + int(np.argmax(residual[first : last + 1]))
        single = last - first + 1 < _LASTING
        if (single and not residual[at] > beyond_tails) or not _returned(scaled, first, last, limit):
            continue
        base = float(np.exp(local[at])) if scaled is not values else float(local[at])
        found.append(Spike(first, last, float(values[at]), base, float(residual[at] / limit)))
    return tuple(found)


def excursions(values: Floats, deviations: float = 8.0) -> tuple[tuple[int, int], ...]:
    """Return (first, last) of every stretch of finite values (at least 20) so many robust deviations above the local level.

    Positive values are judged on the log scale. No tails are asked after: heavy-tailed noise has excursions as well, but at a
    steady rate. They serve to ask *when* they come, not whether.

    Measured share of noise in which six or more come so late that places drawn at random do so once in two thousand,
    for Gaussian, heavy-tailed (t, three degrees of freedom) and dependent (autocorrelation 0.9) noise: 20 points 0,
    0, 0 %; 200 points 0, 0, 0 %; 2,000 points 0, 0, 0 %; 20,000 points 0, 0, 0 %. Ten points lifted by fourteen
    standard deviations, ever closer together, are told in: 20 points 0, 0, 0 %; 200 points 100, 92, 100 %; 2,000
    points 100, 64, 100 %; 20,000 points 100, 10, 100 %.
    """
    if len(values) < 20:
        return ()
    scaled = np.log(values) if bool((values > 0).all()) else values
    residual = scaled - _running_median(scaled)
    floor = 1e-9 * max(1.0, float(np.max(np.abs(scaled))))
    return tuple(true_stretches(residual > max(deviations * robust_sd(residual), floor)))


def _quantile(residual: Floats, usual: float) -> float:
    """The 99.5 % quantile of the sizes, lasting excursions left out: spikes must not raise the limit that finds them."""
    kept = np.ones(len(residual), dtype=np.bool_)
    for first, last in true_stretches(residual > usual):
        if last - first + 1 >= _LASTING:
            kept[first : last + 1] = False
    return float(np.quantile(np.abs(residual[kept]), 0.995)) if bool(kept.any()) else 0.0


def _tail_limit(sizes: Floats) -> float:
    """What the largest of as many residuals exceeds once in a hundred series, their upper tail a power law."""
    found = tail(sizes)
    return found.exceeded(_ONCE) if found is not None else 0.0


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
