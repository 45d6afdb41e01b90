"""The loss scale of mixed precision, and other series at its points: shared by the rules on precision."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traindx.context import Reading
from traindx.run import Floats, Series

# Scalers begin at 2^16 to 2^32; what lies far beyond is another quantity of that name.
_LARGEST = 2.0**64


def loss_scale(readings: Sequence[Reading], *, points: int = 1) -> Series | None:
    """Return the longest logged loss scale (finite values that are not negative), or None under ``points`` points."""
    found = [r.series.finite() for r in readings if r.role.kind == "loss_scale" and not r.held_out]
    found = [s for s in found if len(s) >= points and float(s.values.min()) >= 0 and float(s.values.max()) <= _LARGEST]
    return max(found, key=len, default=None)


def at_points_of(series: Series, driver: Series) -> Floats:
    """Return the value that ``driver`` had at every point of ``series``: the last one logged at or before its step."""
    if len(series) == len(driver) and bool((series.steps == driver.steps).all()):
        return driver.values
    order = np.argsort(driver.steps, kind="stable")
    index = np.searchsorted(driver.steps[order], series.steps, side="right") - 1
    return np.asarray(driver.values[order][np.clip(index, 0, len(driver) - 1)], dtype=np.float64)


def steps_covered(series: Series) -> float:
    """How many training steps the points of a series stand for: the counted steps, or one per point."""
    size = len(series)
    known = series.steps[np.isfinite(series.steps)]
    span = float(np.max(known) - np.min(known)) if len(known) else 0.0
    if not series.has_steps or size < 2 or not span >= size - 1:
        return float(size)
    return span * size / (size - 1)
