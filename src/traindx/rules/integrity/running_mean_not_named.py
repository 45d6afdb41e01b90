"""LOG007: every value is the mean of all since the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.context import TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats, Series
from traindx.signals import running_mean

_FIRST = 8_000  # points that show it as well as all of a longer log


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RunningMeanNotNamed(Rule):
    """Each logged loss is the mean of all losses since the start of the run or of its epoch.

    ## What it looks at
    Whether the noise of the points dies away as one over their count, and the values that the mean would hide (n times
    this mean less n - 1 times the one before) scatter alike from the first to the last.

    ## Why it matters
    The curve lags behind: a fall of the loss takes as long again to show, spikes are divided by n, and at the border of an
    epoch the value leaps. A validation loss below it is no sign of anything.

    ## What to try
    - Log the value of the batch, or the mean since the last line.

    ## When it is wrong
    Noise that dies away as the learning rate does, in proportion to one over the step.
    """

    meta: ClassVar = RuleMeta(
        code="LOG007",
        name="running-mean-not-named",
        since="0.1",
        summary="each value is the mean of all since the start",
    )
    needs: ClassVar = (TRAIN_LOSS,)

    points: int = 100
    """The fewest that tell a running mean from a smooth curve in most cases."""

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[TRAIN_LOSS]
        series = loss.series.head(_FIRST).finite()
        if loss.role.statistic is not None or series.statistic != "value" or len(series) < self.points:
            return
        for place, since in ((_position(series.epochs), "the start of its epoch"), (_row(series), "the start")):
            hidden = running_mean(series.values, place.astype(np.float64)) if place is not None else None
            if hidden is not None:
                yield self._describe(case, loss, series, hidden.values, since)
                return

    def _describe(self, case: Case, loss: Reading, series: Series, undone: Floats, since: str) -> Finding:
        width = max(5, len(undone) // 20)
        now, shown = float(np.median(undone[-width:])), float(np.median(series.values[-width:]))
        return self.finding(
            f"{loss.name} is the mean of all batches since {since}: it shows {shown:.4g} where the batches cost about {now:.4g}",
            Evidence(
                label=f"{loss.name} as printed",
                measured=shown,
                expected=now,
                formula="n times this mean less (n - 1) times the one before",
                span=case.span(series, max(0, len(series) - width), -1),
            ),
            severity=Severity.INFO,
            confidence=0.85,
            why="a running mean lags behind, hides spikes and leaps where it begins anew: it is no loss of this step",
            do=("log the loss of the batch, or the mean since the last line",),
            check="print the loss of single batches beside it for a hundred steps",
            rank=14,
        )


def _position(epochs: Floats) -> NDArray[np.intp] | None:
    """Row of each point within its epoch, from 1; None where fewer than two epochs of 16 rows are counted."""
    if not len(epochs) or not bool(np.isfinite(epochs).all()):
        return None
    starts = np.flatnonzero(np.concatenate(([True], np.diff(np.floor(epochs)) != 0)))
    if len(starts) < 2 or len(epochs) < 16 * len(starts):
        return None
    return np.arange(len(epochs)) - np.repeat(starts, np.diff(np.append(starts, len(epochs)))) + 1


def _row(series: Series) -> NDArray[np.intp]:
    return np.arange(1, len(series) + 1)
