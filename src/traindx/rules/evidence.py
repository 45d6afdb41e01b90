"""Evidence and distances that several rules give in the same form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traindx.context import Case, Reading
from traindx.diagnosis import Evidence
from traindx.run import Floats, Span
from traindx.signals import Level


def at_level(
    case: Case,
    reading: Reading,
    level: Level,
    label: str,
    *,
    expected: float | None = None,
    formula: str = "",
    unit: str = "",
    note: str = "",
) -> Evidence:
    """Return a level of a series as evidence, pointing at the points it was taken from."""
    finite = np.flatnonzero(np.isfinite(reading.series.values))
    span = case.span(reading.series, int(finite[level.first]), int(finite[level.last]))
    return Evidence(
        label=label, measured=level.value, expected=expected, formula=formula, unit=unit, span=span, note=note
    )


def come_far(reading: Reading) -> bool:
    """Whether a run has come so far that a learning model would show it.

    Two epochs, or 200 steps: warm-up and the first rise of large logits are over within the first hundred steps of
    nearly every schedule. A log that counts neither must have twenty points.
    """
    series = reading.series
    if len(series) >= 50:  # settles it, whatever is counted: long series need not be searched
        return True
    if not len(series):
        return False
    epochs = float(np.nanmax(series.epochs)) if bool(np.isfinite(series.epochs).any()) else float("nan")
    steps = float(np.nanmax(series.steps)) if series.has_steps else float("nan")
    same_axis = epochs == epochs and float(series.steps[0]) == float(series.epochs[0])
    if epochs >= 2 or (same_axis and steps >= 2):
        return True
    return (steps >= 200 and not same_axis) or (not series.has_steps and len(series) >= 20)


def covers_far(reading: Reading) -> bool:
    """Whether the log itself covers as much as ``come_far`` asks for, wherever its counters began.

    For what is told from the course of a curve: twenty steps of a run that counts from 10,000 are still twenty steps.
    """
    series = reading.series
    if len(series) >= 50 or (not series.has_steps and len(series) >= 20):
        return True
    return _covered(series.epochs) >= 2 or (series.has_steps and _covered(series.steps) >= 200)


def _covered(places: Floats) -> float:
    """From the first place to the last, and the usual gap before the first; 0 where fewer than two are known."""
    known = places[np.isfinite(places)]
    return float(np.ptp(known)) + float(np.median(np.abs(np.diff(known)))) if len(known) >= 2 else 0.0


def log_levels(reading: Reading | None, fewest: int = 20) -> Floats | None:
    """Logarithms of a positive series (of medians of blocks where it is long), or None where it is no such series.

    Point k of them stands for the finite points from ``k * curve.block`` on.
    """
    curve = reading.curve if reading is not None else None
    if curve is None or len(curve.levels) < fewest or not bool((curve.levels > 0).all()):
        return None
    return np.log(curve.levels)


def between(case: Case, reading: Reading, first: int, last: int) -> Span:
    """Return the span from one level of a reading to another (indices into ``curve.levels``, inclusive)."""
    curve = reading.curve
    finite = np.flatnonzero(np.isfinite(reading.series.values))
    block = curve.block if curve is not None else 1
    final = len(finite) - 1
    ends = (min(final, max(0, first) * block), min(final, last * block + block - 1))
    return case.span(reading.series, int(finite[ends[0]]), int(finite[ends[1]]))


def decayed(rates: Sequence[Reading], share: float) -> bool:
    """Whether a learning rate ends below ``share`` of its peak: a run that has finished by plan."""
    curves = [r.curve for r in rates if r.curve is not None and r.curve.count >= 3]
    return any(0 <= c.end.value < share * float(np.max(c.levels)) for c in curves)
