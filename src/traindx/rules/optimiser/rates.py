"""The course of the learning rate, and what the loss did meanwhile: shared by the rules on schedules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.context import GAMES, TRAIN_LOSS, Case, Reading, has_task
from traindx.run import Floats, Series
from traindx.signals import Curve, level

# A course is told from this many of its values: schedules are smooth.
_MOST = 2_000
# A restart is a rise to twice the lowest rate so far, by a twentieth of the peak at least: rounding is neither.
_TWICE = 2.0
_PART_OF_PEAK = 0.05
# The lowest rate counts once the rate has come down to half its peak: a dip inside a warm-up is none.
_HALF = 0.5


@final
@dataclass(frozen=True, slots=True)
class Course:
    """The learning rate of the group with the highest peak: finite values that are not negative, and their peak."""

    reading: Reading
    series: Series
    peak: float

    @property
    def values(self) -> Floats:
        """The rates, in order."""
        return self.series.values

    @property
    def ends_at(self) -> float:
        """The last rate as a share of the peak."""
        return float(self.values[-1]) / self.peak


def course(readings: Sequence[Reading], *, points: int) -> Course | None:
    """Return the course of the group with the highest peak among those with ``points`` values and more, or None."""
    found: list[Course] = []
    for reading in readings:
        series = reading.series.finite()
        if len(series) >= points and float(series.values.min()) >= 0 and float(series.values.max()) > 0:
            found.append(Course(reading, series, float(series.values.max())))
    return max(found, key=lambda one: one.peak, default=None)


def thinned(values: Floats) -> tuple[Floats, np.ndarray]:
    """Return at most 2,000 values, evenly spread, the first and last among them, and their indices."""
    chosen = np.unique(np.linspace(0, len(values) - 1, min(len(values), _MOST)).astype(np.intp))
    return values[chosen], chosen


def rises_after_decay(values: Floats, peak: float) -> list[int]:
    """Return the indices at which a rate that had come down to half its peak is back at twice its lowest value since."""
    rates, where = thinned(values)
    highest, lowest, decayed = 0.0, np.inf, False
    found: list[int] = []
    for index, rate in enumerate(rates.tolist()):
        highest = max(highest, rate)
        decayed = decayed or rate < _HALF * highest
        if not decayed:
            continue
        lowest = min(lowest, rate)
        if rate >= _TWICE * lowest and rate - lowest >= _PART_OF_PEAK * peak:
            found.append(int(where[index]))
            highest, lowest, decayed = rate, np.inf, False
    return found


def worse_since(loss: Reading, step: float, *, share: float = 0.05) -> bool:
    """Whether a loss ends above where it stood just before ``step``: by a twentieth of that level and five errors.

    The error is that of the level before, so that a curve that falls apart afterwards does not excuse itself by its scatter.
    """
    series = loss.series.finite()
    before = series.values[series.steps < step]
    if loss.curve is None or len(before) < 3 or len(series) - len(before) < 3:
        return False
    width = max(3, len(series) // 10)
    stood = level(before, max(0, len(before) - width), len(before) - 1)
    error = stood.error if stood.error == stood.error else 0.0
    return loss.curve.end.value > stood.value + max(5 * error, share * abs(stood.value))


def harmed_since(case: Case, step: float) -> bool:
    """Whether the training loss ends worse than it stood before ``step``; False where it is none to go by, or none is logged."""
    loss = case.get(TRAIN_LOSS)
    return loss is not None and not has_task(case, GAMES) and worse_since(loss, step)


def worse_than(curve: Curve, than: float, *, share: float = 0.02) -> bool:
    """Whether a loss ends above a level by more than its noise and ``share`` of the level; False for NaN."""
    return curve.end.value > than + max(3 * curve.error, share * abs(than))
