"""Where a learning rate has its peak, and how it got there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.context import Reading


@final
@dataclass(frozen=True, slots=True)
class Peak:
    """The first and the highest logged rate, the step of the first value, and the steps between which the rate is at its peak."""

    first: float
    highest: float
    first_step: float
    reached: float
    left: float


def peak_of(rates: Sequence[Reading]) -> Peak | None:
    """Return the peak of the learning rate with the most points, or None where it has fewer than five or no steps."""
    known = [r for r in rates if r.curve is not None and r.curve.count >= 5 and r.series.has_steps]
    if not known:
        return None
    series = max(known, key=lambda r: len(r.series)).series.finite()
    highest = float(series.values.max())
    if not highest > 0 or not bool(np.isfinite(series.steps).all()) or bool((np.diff(series.steps) < 0).any()):
        return None
    at = np.flatnonzero(series.values >= 0.98 * highest)
    return Peak(
        float(series.values[0]),
        highest,
        float(series.steps[0]),
        float(series.steps[at[0]]),
        float(series.steps[at[-1]]),
    )
