"""Evidence and distances that several rules give in the same form."""

from __future__ import annotations

import numpy as np

from traindx.context import Case, Reading
from traindx.diagnosis import Evidence
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
