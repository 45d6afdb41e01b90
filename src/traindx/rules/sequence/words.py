"""What the rules on sequences share: error rates as shares, and how long a run has gone on."""

from __future__ import annotations

import numpy as np

from traindx.context import Case, Reading
from traindx.rules.choosing import readings_of, sample

_PERCENT_FROM = 8.0  # an error rate of eight times the words is not kept up over half of a run; 8 per cent is common


def error_rates(case: Case) -> list[Reading]:
    """Word and character error rates of the whole, held-out ones where there are any."""
    found = [r for kind in ("wer", "cer") for r in readings_of(case, kind, (None, "ctc"))]
    held_out = [r for r in found if r.held_out]
    return held_out or found


def late_share(reading: Reading) -> tuple[float, float]:
    """The lowest and the median error rate over the last half, as shares (1 is every word wrong)."""
    values = sample(reading)
    late = values[len(values) // 2 :]
    if not len(late):
        return float("nan"), float("nan")
    full = 100.0 if float(np.max(values)) > _PERCENT_FROM else 1.0
    return float(np.min(late)) / full, float(np.median(late)) / full


def epochs_of(reading: Reading) -> float:
    """The number of epochs at the last point; 0 where none are counted."""
    return float(np.fmax.reduce(reading.series.epochs, initial=0.0))


def steps_of(reading: Reading) -> float:
    """How many steps the series spans; 0 where none are counted, or where they are epochs."""
    series = reading.series
    if not series.has_steps or len(series) < 2 or float(series.steps[0]) == float(series.epochs[0]):
        return 0.0
    return float(np.ptp(series.steps))
