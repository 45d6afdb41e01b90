"""When a target will be reached, and whether going on is worth it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from traindx.forecast.extrapolate import Forecast
from traindx.forecast.schedule import Floats

Decision = Literal["continue", "stop", "probe"]


@final
@dataclass(frozen=True, slots=True)
class Arrival:
    """Where in the run a target is reached, in shares of it: the earliest, the expected and the latest place.

    None means not within the plan. ``reached`` is True where the level has passed the target already.
    """

    earliest: float | None
    expected: float | None
    latest: float | None
    reached: bool = False


def arrival(forecast: Forecast, target: float, *, sign: int = 1) -> Arrival:
    """Return when the curve of ``forecast`` reaches ``target``; ``sign`` is -1 where higher is better."""
    goal = sign * target
    if sign * forecast.now <= goal:
        return Arrival(forecast.share, forecast.share, forecast.share, reached=True)
    early, expected, late = (
        _crossed(forecast.ahead, way, goal) for way in (forecast.most, forecast.middle, forecast.least)
    )
    return Arrival(early, expected, late)


def _crossed(ahead: Floats, way: Floats, goal: float) -> float | None:
    below = np.flatnonzero(way <= goal)
    if not len(below):
        return None
    after = int(below[0])
    if after == 0:
        return float(ahead[0])
    fell = float(way[after - 1] - way[after])
    part = (float(way[after - 1]) - goal) / fell if fell > 0 else 1.0
    return float(ahead[after - 1] + part * (ahead[after] - ahead[after - 1]))


def decide(gain: tuple[float, float, float], worthwhile: float) -> Decision:
    """Stop where even the greatest gain is not worthwhile, go on where the least one is, else find out by a small experiment.

    ``gain`` is the least, expected and greatest improvement of the rest of the run, ``worthwhile`` in the same unit.
    """
    if gain[2] < worthwhile:
        return "stop"
    return "continue" if gain[0] > worthwhile else "probe"


def worthwhile(now: float, error: float, floor: float | None, learnt: float) -> float:
    """The smallest gain worth having where nobody says: 1 % of what is left to gain, and never within two standard errors.

    What is left is the distance to ``floor``; where that is not known, the size of the level itself or of what was gained, the lesser.
    """
    left = abs(now - floor) if floor is not None else min(abs(now), abs(learnt))
    return max(0.01 * left, 2 * error)
