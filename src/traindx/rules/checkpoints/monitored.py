"""The evaluations that people choose a checkpoint by: shared by the rules on checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.context import MAIN_METRIC, VAL_LOSS, Case, Reading
from traindx.run import Floats, Series
from traindx.signals import Curve, local_noise

# Metrics that are the loss by another name.
_OF_THE_LOSS = frozenset({"perplexity", "bits_per_byte", "bits_per_dim"})


@final
@dataclass(frozen=True, slots=True)
class Monitored:
    """A held-out metric or loss: its finite points, and their values turned so that lower is better."""

    reading: Reading
    curve: Curve
    series: Series
    costs: Floats

    @property
    def best(self) -> int:
        """The index of the best evaluation (the first of equals)."""
        return int(np.argmin(self.costs))

    @property
    def noise(self) -> float:
        """Standard deviation of one late evaluation about its local level; 0 where there are too few to tell.

        The first half is left out where there are enough: early evaluations fall steeply and scatter more.
        """
        late = self.costs[len(self.costs) // 2 :] if len(self.costs) >= 24 else self.costs
        found = local_noise(late[-20_000:])
        return found if found == found else 0.0


def of_reading(reading: Reading | None, *, points: int) -> Monitored | None:
    """Return a held-out reading as it is monitored, or None under ``points`` finite evaluations."""
    if reading is None or reading.curve is None or not reading.held_out or reading.role.direction is None:
        return None
    series = reading.series.finite()
    if len(series) < points:
        return None
    return Monitored(reading, reading.curve, series, np.asarray(reading.curve.sign * series.values, dtype=np.float64))


def monitored(case: Case, *, points: int) -> Monitored | None:
    """Return the main held-out metric of a case, else its validation loss."""
    return of_reading(case.get(MAIN_METRIC), points=points) or of_reading(case.get(VAL_LOSS), points=points)


def speaks_for_itself(metric: Monitored) -> bool:
    """Whether a metric is more than the loss by another name."""
    return metric.reading.role.kind not in _OF_THE_LOSS and metric.reading.role.kind != "loss"
