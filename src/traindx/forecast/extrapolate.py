"""Where a curve will end: a level with an interval, and the way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, final

import numpy as np

from traindx.forecast.brief import Brief, condense
from traindx.forecast.features import Features, features
from traindx.forecast.library import Kind, Shelf, shelf
from traindx.forecast.schedule import Floats, Schedule

COVERAGE: Final = 0.9
FEWEST: Final = 8  # under eight points no shape can be told from noise
EARLIEST: Final = 0.08  # the library begins at a tenth of the run
Refusal = Literal["few points", "too early", "nothing learnt", "worsening", "unknown schedule"]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """The level of the last 4 % of the run: ``value`` within ``low`` and ``high`` at 90 %, in the unit of the curve.

    ``now`` is the level at ``share`` of the run, ``error`` its standard error. ``middle``, ``near`` and ``far`` are the level at the shares
    ``ahead``: as expected, and where the curve falls least and most. ``runs`` is how many of the library's runs stand behind it.
    """

    now: float
    error: float
    share: float
    value: float
    low: float
    high: float
    ahead: Floats
    middle: Floats
    least: Floats
    most: Floats
    runs: int
    schedule: Schedule

    @property
    def gain(self) -> tuple[float, float, float]:
        """By how much the level will fall from now on: least, expected, most (with the curve's sign turned so that lower is better)."""
        return (float(self.least[0] - self.least[-1]), float(self.middle[0] - self.middle[-1]), float(self.most[0] - self.most[-1]))  # fmt: skip


def extrapolate(
    at: Floats, values: Floats, schedule: Schedule, *, kind: Kind, sign: int = 1, bound: float | None = None
) -> Forecast | Refusal:
    """Forecast the end of a curve, or say why not.

    ``at`` are shares of the run (the last one is the present), ``values`` the curve; ``sign`` is -1 where higher is better. ``kind`` says
    whether the curve was measured on training or on held-out data. ``bound`` is the best value that can be (0 for a loss that
    has never been negative, 1 for an accuracy).
    """
    brief = condense(at, sign * values)
    if brief is None or brief.count < FEWEST:
        return "few points"
    share = min(1.0, brief.last)
    if share < EARLIEST:
        return "too early"
    held = shelf(kind, schedule.family)
    if held is None:
        return "unknown schedule"
    found = features(brief, share, schedule)
    return _refused(brief, found) or drawn(found, share, schedule, held, sign, bound)


def _refused(brief: Brief, found: Features) -> Refusal | None:
    """Whether nothing has been learnt yet, or what was learnt is being lost: such curves go where no library knows."""
    if not found.learnt > max(5 * found.error, 1e-3 * abs(found.now)):
        return "nothing learnt"
    lost = found.now - _best(brief.levels)
    return "worsening" if lost > max(12 * found.error, 0.05 * found.learnt) else None


def _best(levels: Floats) -> float:
    """The lowest level of three neighbours: a single lucky point is none."""
    return float(np.convolve(levels, np.full(3, 1 / 3), "valid").min() if len(levels) >= 10 else levels.min())


def drawn(found: Features, share: float, schedule: Schedule, held: Shelf, sign: int, bound: float | None) -> Forecast:
    """Put the interval of the library around the features of one curve; the way there follows the fits in shape."""
    drops = held.at(share).drops(found)
    floor = -np.inf if bound is None else sign * bound
    least, middle, most = (np.maximum(found.now - drop * _way(found), floor) for drop in drops)
    low, high = sorted((sign * float(most[-1]), sign * float(least[-1])))
    return Forecast(
        now=sign * found.now,
        error=found.error,
        share=share,
        value=sign * float(middle[-1]),
        low=low,
        high=high,
        ahead=found.ahead,
        middle=middle,
        least=least,
        most=most,
        runs=held.runs,
        schedule=schedule,
    )


def _way(found: Features) -> Floats:
    """Which part of the drop is done at each place ahead: as the fits say where they see one, else evenly."""
    if abs(found.path[-1]) > 1e-9 * max(found.unit, 1e-300):
        return np.asarray(np.clip(found.path / found.path[-1], 0.0, 1.0), dtype=np.float64)
    return np.linspace(0.0, 1.0, len(found.path))
