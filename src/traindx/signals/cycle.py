"""Swings that come again and again, against noise that remembers its last value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.blocks import block_medians
from traindx.signals.noise import Floats, lag_one, robust_sd

_FEWEST = 20
# Longer series are taken in blocks: a transform of sixteen thousand points costs a millisecond.
_MOST = 16_384
# Fewer swings than that are a curve with bends in it.
_TURNS = 5
# Outliers count as so many standard deviations: a spike holds all frequencies.
_CLIP = 2.5
# Neighbouring frequencies that tell how strong the noise is about one of them.
_BESIDE = 20
_SURE = 1e-4
_OVERTONES = 4


@final
@dataclass(frozen=True, slots=True)
class Cycle:
    """Swings of one period.

    ``length`` is the period in points, ``turns`` how many fit into the series, ``share`` their share of the variance about
    the trend, ``swing`` the mean distance from trough to peak (a natural logarithm where the values are positive), and
    ``p_value`` how often red noise of the same autocorrelation has as strong a period.
    """

    length: float
    turns: float
    share: float
    swing: float
    p_value: float


def cycle(values: Floats) -> Cycle | None:
    """Return the strongest period of at least twenty finite values, or None where red noise explains it.

    Positive values are judged on the log scale, all about a smooth trend (a line, a parabola, the root and the logarithm of
    time). The first-order autocorrelation is taken out; what remains has a flat spectrum where it is noise. The strongest
    frequency is compared with the median of its neighbours; the chance of such a peak among all of them must be under
    one in ten thousand. Periods are from two points to a fifth of the series.

    Measured false alarms in Gaussian, heavy-tailed (t, three degrees of freedom) and dependent (autocorrelation 0.9)
    noise: 20 points 1, 2, 1 %; 200 points 1, 0, 0 %; 2,000 points 0, 0, 0 %; 20,000 points 0, 0, 0 %. Seven turns of
    a wave of one standard deviation amplitude are found in: 20 points 9, 11, 32 %; 200 points 100, 100, 42 %; 2,000
    points 100, 100, 68 %; 20,000 points 100, 100, 100 %.
    """
    reduced, block = block_medians(values, _MOST)
    size = len(reduced)
    if size < _FEWEST:
        return None
    scaled = np.log(reduced) if bool((reduced > 0).all()) else reduced
    flat = without_trend(scaled)
    spread = robust_sd(flat)
    if not spread > 1e-9 * float(np.max(np.abs(scaled))):
        return None
    flat = np.clip(flat, -_CLIP * spread, _CLIP * spread)
    power = _relative_power(flat)
    power[: _TURNS - 1] = 0.0
    at = int(np.argmax(power))
    chance = min(1.0, len(power) * math.exp(-min(float(power[at]), 700.0)))
    return _describe(flat, at + 1, chance, block) if chance < _SURE else None


def without_trend(values: Floats) -> Floats:
    """Values less a smooth trend: a line, a parabola, the root and the logarithm of time."""
    time = np.linspace(0, 1, len(values))
    trend = np.column_stack([np.ones(len(values)), time, time**2, np.sqrt(time), np.log1p(20 * time)])
    return np.asarray(values - trend @ np.linalg.lstsq(trend, values, rcond=None)[0], dtype=np.float64)


def _relative_power(flat: Floats) -> Floats:
    """Power at each frequency over that of the noise about it: exponentially distributed with mean 1 for red noise."""
    r = min(max(0.0, lag_one(flat)), 0.98)
    white = flat[1:] - r * flat[:-1]
    power = np.square(np.abs(np.fft.rfft(white - white.mean())))[1:]
    if len(power) <= 3 * _BESIDE:
        return np.asarray(power / max(float(np.median(power)) / math.log(2), 1e-300), dtype=np.float64)
    width = max(2 * _BESIDE + 1, len(power) // 20)
    starts = np.arange(0, len(power) - width + 1, max(1, width // 4))
    beside = np.array([np.median(power[k : k + width]) for k in starts]) / math.log(2)
    background = np.interp(np.arange(len(power)), starts + (width - 1) / 2, beside)
    return np.asarray(power / np.maximum(background, 1e-300), dtype=np.float64)


def _describe(flat: Floats, turns: int, chance: float, block: int) -> Cycle:
    """The cycle of so many turns: its wave holds the overtones too, in which a sawtooth lives."""
    spectrum = np.fft.rfft(flat)
    kept = np.zeros_like(spectrum)
    for overtone in range(turns, min(len(spectrum), _OVERTONES * turns + 1), turns):
        kept[overtone] = spectrum[overtone]
    wave = np.fft.irfft(kept, len(flat))
    power, total = float(wave @ wave), float(flat @ flat)
    return Cycle(
        length=block * len(flat) / turns,
        turns=float(turns),
        share=power / total if total > 0 else 0.0,
        swing=2 * math.sqrt(2 * power / len(flat)),
        p_value=chance,
    )
