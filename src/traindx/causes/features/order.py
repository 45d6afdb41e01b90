"""What comes back: periods, sawteeth, interleaved levels, points that share a place."""

from __future__ import annotations

import math

import numpy as np

from traindx.causes.feature import NO, Feature, grade
from traindx.causes.features.start import is_mean_of_epoch
from traindx.causes.sight import Sight
from traindx.run import Floats

_STRETCH = 2_048


def _residual(sight: Sight) -> Floats | None:
    """Neighbouring points of the later training loss without their slow course (a centred mean), or None where too few."""
    if sight.train is None:
        return None
    values = sight.train.values[len(sight.train.values) // 5 :][-_STRETCH:]
    if len(values) < 40 or not bool(np.isfinite(values).all()):
        return None
    values = np.clip(values, -1e100, 1e100)
    x = np.linspace(-1, 1, len(values))
    rest = values - np.polynomial.polynomial.polyval(x, np.polynomial.polynomial.polyfit(x, values, 3))
    bound = 6 * float(np.median(np.abs(rest)))
    return np.clip(rest, -bound, bound) if bound > 0 else None


def _correlations(rest: Floats) -> Floats:
    """Autocorrelations at all lags, by the fast Fourier transform with as many zeros appended."""
    power = np.abs(np.fft.rfft(rest - rest.mean(), 2 * len(rest))) ** 2
    found = np.fft.irfft(power)[: len(rest)]
    return found / found[0] if found[0] > 0 else found


def _period(sight: Sight) -> tuple[int, float]:
    """The lag of two points or more that repeats best, with its correlation; (0, 0) where none stands out."""
    rest = _residual(sight)
    if rest is None:
        return 0, 0.0
    found = _correlations(rest)[: len(rest) // 3]
    below = np.flatnonzero(found < 0.1)  # the first lags belong to slow changes
    if not len(below):
        return 0, 0.0
    at = int(below[0]) + int(np.argmax(found[below[0] :]))
    return at, float(found[at])


def _epoch_points(sight: Sight) -> float:
    """Logged points of the training loss in one epoch; NaN where no epoch is counted."""
    if sight.train is None:
        return math.nan
    series = sight.train.reading.series
    steps, epochs = sight.number("steps_per_epoch"), series.epochs
    if len(series) > 2 and steps > 1 and series.has_steps:
        apart = (float(series.steps[-1]) - float(series.steps[0])) / (len(series) - 1)
        return steps / apart if apart > 0 else math.nan
    known = epochs[np.isfinite(epochs)]
    passed = float(known[-1] - known[0]) if len(known) > 2 else 0.0
    return len(known) / passed if passed > 0.5 else math.nan


def _repeats(sight: Sight) -> str | None:
    if sight.train is None or len(sight.train.values) < 50:
        return None
    lag, strength = _period(sight)
    if strength < 0.25:
        return NO
    share = lag / _epoch_points(sight)
    epoch = bool(share > 0.5) and abs(share - np.round(share)) < 0.06 * max(1.0, share)
    return ("epoch" if epoch else "other") + ("-strong" if strength > 0.5 else "-weak")


def _slow(sight: Sight) -> str | None:
    """Correlation of neighbours: fresh batches are independent, sorted or repeated data are not; means are smooth whatever they are of."""
    if sight.train is None or is_mean_of_epoch(sight.train):
        return None
    rest = _residual(sight)
    if rest is None:
        return None
    return grade(
        float(_correlations(rest)[1]), (-0.3, "alternates"), (0.3, "independent"), (0.7, "dependent"), above="smooth"
    )


def _two_levels(sight: Sight) -> str | None:
    """Bimodality (skewness² + 1) / kurtosis: 1/3 for Gaussian noise, 5/9 for a uniform spread, 1 for two points."""
    rest = _residual(sight)
    if rest is None:
        return None
    centred = rest - rest.mean()
    spread = float(np.max(np.abs(centred)))
    if not 0 < spread < math.inf:
        return None
    unit: Floats = np.asarray(centred / spread, dtype=np.float64)
    variance = float(np.mean(unit**2))
    skew, tails = float(np.mean(unit**3)) / variance**1.5, float(np.mean(unit**4)) / variance**2
    return grade((skew * skew + 1) / tails, (0.6, NO), (0.8, "perhaps"), above="two")


def _places(sight: Sight) -> str | None:
    """Whether steps go back or repeat in the whole log."""
    trace = sight.train or sight.val
    if trace is None or not trace.reading.whole.has_steps or len(trace.reading.whole) < 3:
        return None
    moves = np.diff(trace.reading.whole.steps)
    if bool((moves < 0).any()):
        return "back" if int(np.count_nonzero(moves < 0)) < 0.2 * len(moves) else "to-and-fro"
    return "repeat" if np.count_nonzero(moves == 0) > 0.05 * len(moves) else NO


FEATURES: tuple[Feature, ...] = (
    Feature(
        "repeats",
        {
            NO: "",
            "epoch-weak": "the loss repeats from epoch to epoch",
            "epoch-strong": "the loss repeats itself in every epoch",
            "other-weak": "the loss has a period",
            "other-strong": "the loss repeats itself with a fixed period",
        },
        _repeats,
    ),
    Feature(
        "neighbours",
        {
            "alternates": "neighbouring losses alternate",
            "independent": "",
            "dependent": "neighbouring losses are alike",
            "smooth": "the loss moves without fresh noise",
        },
        _slow,
    ),
    Feature("two-levels", {NO: "", "perhaps": "", "two": "the loss stands at two levels by turns"}, _two_levels),
    Feature(
        "places",
        {NO: "", "back": "steps go back", "to-and-fro": "steps go to and fro", "repeat": "steps repeat"},
        _places,
    ),
)
