"""Zeros that stand for NaN: left out of the curve, kept in the series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from traindx.context.curves import Reading, global_grad_norm
from traindx.signals import summarise


def without_hidden_nan(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return the readings with the curves of training losses taken without zeros at steps whose gradient norm is not finite.

    Some trainers print 0.0 for a loss that is NaN; the gradient norm gives it away. A level made of such zeros would
    look like a perfect model.
    """
    norm = global_grad_norm(readings)
    bad = norm.series.steps[~np.isfinite(norm.series.values)] if norm is not None else np.empty(0)
    if not len(bad):
        return tuple(readings)
    return tuple(_masked(r, bad) if r.role.kind == "loss" and not r.held_out else r for r in readings)


def _masked(reading: Reading, bad_steps: np.ndarray) -> Reading:
    series = reading.series
    hidden = (series.values == 0.0) & np.isin(series.steps, bad_steps)
    if not bool(hidden.any()):
        return reading
    kept = series.values[~hidden]
    return replace(reading, curve=summarise(kept) if bool(np.isfinite(kept).any()) else None)
