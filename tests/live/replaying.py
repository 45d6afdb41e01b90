"""Synthetic runs, replayed point by point as a training would log them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from traindx.live import Monitor, Pace
from traindx.run import Run

BY_HAND = Pace(every_s=math.inf)
"""No judgement but those that are asked for, those of a guard, and the last."""

BRISK = Pace(first_s=0.02, first_steps=5, late_s=0.05, every_s=0.02, cost_factor=0.0, asked_factor=0.0, poll_s=0.01)
"""Judged all the time: for tests that wait for the thread."""


def points(run: Run) -> Iterator[tuple[int, Mapping[str, float]]]:
    """Yield step and values of every point of a run whose series share their steps."""
    steps = next(iter(run.series.values())).steps
    for at, step in enumerate(steps):
        yield int(step), {name: float(series.values[at]) for name, series in run.series.items()}


def monitor(folder: Path, **options: Any) -> Monitor:
    """Return a quiet monitor that judges when told to."""
    return Monitor(folder, **{"quiet": True, "pace": BY_HAND, **options})
