"""What a forecast is made of: drops that fits foretell and the past has shown, and scales of what nobody knows yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.forecast.brief import Brief
from traindx.forecast.fits import project
from traindx.forecast.schedule import Floats, Schedule

NAMES: Final = (
    "drop by distance",  # of the fits over the distance travelled
    "drop with the rate",  # of the fits that know of the learning rate's own noise
    "last half",  # how much the loss fell over the second half of the distance
    "last fifth",  # and over the last fifth
    "fall",  # absolute size of the former
    "spread",  # disagreement of the fits
    "standard error",  # of the present level
    "end noise",  # of the level at the end, from the noise of single points
    "drop in logarithms",  # of the fits to the logarithm of a loss that is positive; else that with the rate
    "offset",  # how far the last points lie above the fits
)
END_SHARE: Final = 0.04  # "the end" is the level of the last 4 % of the run
_PATH: Final = 25  # places between now and the end at which the way there is foretold
_EARLY = 0.04  # the first steps are a transient of their own
_VARIED = 0.93  # a rate that fell below this share of its peak tells what it does to the loss


@final
@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """The level at present and the features, all in the unit of the loss; lower is better.

    ``error`` is the standard error of the present level, ``learnt`` how far it lies below the first; ``unit`` is a scale of what
    is uncertain, to which library weights were fitted; ``path`` holds the foretold drops at ``ahead``, shares of the run from
    the present to its end.
    """

    now: float
    drops: Floats
    error: float
    learnt: float
    unit: float
    ahead: Floats
    path: Floats


def features(brief: Brief, share: float, schedule: Schedule) -> Features:
    """Return the features of a curve whose last point stands at ``share`` of the run; its times are shares of the run, too."""
    here = float(schedule.travelled(np.array([share]))[0])
    ahead = np.linspace(share, max(share, 1 - END_SHARE / 2), _PATH)
    x, levels = schedule.travelled(np.maximum(brief.at, 0.0)) / max(here, 1e-12), brief.levels
    kept = _late(x)
    x, levels, at = np.maximum(x[kept], 1e-6), levels[kept], brief.at[kept]
    end = np.maximum(schedule.travelled(ahead) / max(here, 1e-12), x[-1])
    error = brief.noise * np.sqrt((1.57 if brief.points > 1 else 1.0) / brief.points)
    steady = project(x, levels, end, error)
    rates = schedule.at(at)
    final = schedule.at(ahead)
    told = float(rates[-1]) < _VARIED * float(rates.max()) and len(x) >= 8
    turned = project(x, levels, end, error, (rates, final)) if told else steady
    now = turned.now if told else steady.now
    half, fifth = _level(x, levels, 0.5) - now, _level(x, levels, 0.8) - now
    told_rates = (rates, final) if told else None
    shrunk = _in_logarithms(x, levels, end, error, told_rates, now) if float(levels.min()) > 0 else turned.drop
    at_end = max(1.0, END_SHARE * brief.count / share)
    learnt = float(np.median(brief.levels[: max(1, len(brief.levels) // 20)])) - now
    scatter = max(error, _scatter(levels))
    sure = scatter / np.sqrt(max(1.0, 0.1 * len(levels)))
    spread, at_last = max(steady.spread, turned.spread), brief.noise * np.sqrt(min(1.0, 1.57 / at_end))
    drops = np.array([steady.drop, turned.drop, half, fifth, abs(half), spread, sure, at_last, shrunk, turned.offset])
    unit = abs(half) + 3 * sure + 0.03 * abs(learnt) + 0.3 * spread + at_last
    return Features(now, drops, float(sure), learnt, float(unit), ahead, turned.path)


def _in_logarithms(
    x: Floats, levels: Floats, end: Floats, error: float, rates: tuple[Floats, Floats] | None, now: float
) -> float:
    """The drop that fits to the logarithm foretell: never below zero, and at home where a loss falls through decades."""
    level = max(now, float(levels.min()))
    foretold = project(x, np.log(levels), end, min(1.0, error / level), rates)
    return float(level * -np.expm1(-np.clip(foretold.drop, -2.0, 50.0)))


def _late(x: Floats) -> NDArray[np.bool_]:
    """Which points are fitted: those behind the first transient, if enough remain."""
    late = x >= _EARLY
    return late if int(late.sum()) >= 6 else np.ones(len(x), dtype=np.bool_)


def _level(x: Floats, levels: Floats, place: float) -> float:
    """The median level about ``place``, within a tenth of the distance (the nearest point where none is)."""
    near = np.abs(x - place) <= 0.05
    return float(np.median(levels[near])) if bool(near.any()) else float(np.interp(place, x, levels))


def _scatter(levels: Floats) -> float:
    """Standard deviation of one level about its neighbours in the later half: dependence between points included."""
    late = levels[len(levels) // 2 :] if len(levels) >= 10 else levels
    if len(late) < 5:
        return 0.0
    return float(1.4826 * np.median(np.abs(late[2:] - 2 * late[1:-1] + late[:-2])) / np.sqrt(6.0))
