"""Seconds per step along a run, from logged times, from the clock, or from throughput: shared by the rules on speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.context import Reading
from traindx.run import Floats, Series
from traindx.signals import block_medians

# So many stretches show a trend, and a pause falls into few of them.
_STRETCHES = 60
_FEWEST = 20
# Medians of so many evenly spread values are as good as those of millions.
_MANY = 20_000
# The first tenth holds compilation, caches that fill and loaders that start.
_SETTLING = 0.1


@final
@dataclass(frozen=True, slots=True)
class Pace:
    """Times per step (or what is proportional to them) of at most 61 stretches after the first tenth, and whence they come."""

    series: Series
    seconds: Floats
    source: str

    def third(self, number: int) -> float:
        """The median time of the first (0), middle (1) or last third (2)."""
        return float(np.median(np.array_split(self.seconds, 3)[number]))


def pace(readings: Sequence[Reading], loss: Reading | None) -> Pace | None:
    """Return the pace of training: from step times, else from the clock beside the training loss, else from throughput."""
    timed = logged(readings, "step_time")
    if timed is not None:
        return _of_values(timed, timed.values, timed.name)
    if loss is not None:
        clocked = _from_clock(loss.series)
        if clocked is not None:
            return clocked
    done = logged(readings, "throughput")
    return _of_values(done, 1 / done.values, f"1 / {done.name}") if done is not None else None


def logged(readings: Sequence[Reading], kind: str) -> Series | None:
    """Return the longest training series of a kind with twenty positive finite values and more, or None."""
    found = [r.series for r in readings if r.role.kind == kind and not r.held_out and len(r.series) >= _FEWEST]
    usable = [_sensible(series) for series in found]
    return max((s for s in usable if len(s) >= _FEWEST), key=len, default=None)


def _sensible(series: Series) -> Series:
    """The points whose value is a time or a rate at all."""
    good = (series.values > 1e-12) & (series.values < 1e12)
    return series if bool(good.all()) else series.take(good)


def usual(values: Floats) -> float:
    """Return the median of at most some 20,000 evenly spread values."""
    return float(np.median(values[:: max(1, len(values) // _MANY)]))


def _of_values(series: Series, values: Floats, source: str) -> Pace | None:
    late = values[int(_SETTLING * len(values)) :: max(1, len(values) // _MANY)]
    return Pace(series, block_medians(late, most=_STRETCHES)[0], source)


def _from_clock(series: Series) -> Pace | None:
    """The time between the edges of stretches over the steps between them; clocks that stand or go back tell nothing."""
    known = np.isfinite(series.wall_times) & np.isfinite(series.steps)
    times, steps = series.wall_times[known], series.steps[known]
    times, steps = times[int(_SETTLING * len(times)) :], steps[int(_SETTLING * len(steps)) :]
    if len(times) < _FEWEST:
        return None
    edges = np.unique(np.linspace(0, len(times) - 1, min(len(times), _STRETCHES + 1)).astype(np.intp))
    passed, done = np.diff(times[edges]), np.diff(steps[edges])
    good = (passed > 0) & (done > 0)
    if int(good.sum()) < max(12, round(0.8 * len(good))):
        return None
    return Pace(series, np.asarray(passed[good] / done[good], dtype=np.float64), "clock times")
