"""LOG010: the clock of the log stands still or goes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.context import LOSSES, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats, Series

_HOUR = 3600.0
_FIRST = 2_000  # points that tell the usual distance


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockWithGaps(Rule):
    """Between two points of the log lies far more time than usual, or less than none.

    ## What it looks at
    The wall times of the longest loss: gaps of over a hundred usual distances, ten minutes and a twentieth of the run; and
    times that go back while the steps go on.

    ## Why it matters
    The job was stopped, starved or moved meanwhile. Speed and remaining time that are computed across the gap are wrong,
    and what was restored after it deserves a look.

    ## What to try
    - Look at the messages of the machine at that time; compare loss and learning rate on both sides.

    ## When it is wrong
    Long evaluations between two lines; logs written by machines whose clocks differ.
    """

    meta: ClassVar = RuleMeta(
        code="LOG010", name="clock-with-gaps", since="0.1", summary="the clock of the log stands still or goes back"
    )
    needs: ClassVar = (LOSSES,)

    points: int = 20
    usual: float = 100.0
    """An evaluation may take as long as a hundred lines of training; a gap of more is a pause."""

    run_share: float = 0.05

    def check(self, case: Case) -> Iterator[Finding]:
        reading = max(case[LOSSES], key=lambda r: len(r.whole))
        series = reading.whole
        gaps = np.diff(series.wall_times)
        first = gaps[:_FIRST]
        first = first[np.isfinite(first)]
        longest, shortest = float(np.fmax.reduce(gaps, initial=0.0)), float(np.fmin.reduce(gaps, initial=0.0))
        limit = max(self.usual * float(np.median(first)), _HOUR / 6) if len(first) >= self.points else np.inf
        if longest > limit:
            total = float(np.nansum(np.maximum(gaps, 0)))
            pauses = np.flatnonzero(gaps > max(limit, self.run_share * total))
            if len(pauses):
                yield self._pause(case, series, gaps, pauses, total)
        elif len(first) >= self.points and shortest < -1.0:
            back = np.flatnonzero((gaps < -1.0) & (np.diff(series.steps) > 0))
            if len(back):
                yield self._back(case, series, gaps, back)

    def _pause(self, case: Case, series: Series, gaps: Floats, pauses: NDArray[np.intp], total: float) -> Finding:
        worst = int(pauses[np.argmax(gaps[pauses])])
        lost = float(np.sum(gaps[pauses]))
        return self.finding(
            f"the log pauses {len(pauses)} time{'s' if len(pauses) > 1 else ''}, for {lost / _HOUR:.3g} of {total / _HOUR:.3g} hours, longest before step {series.steps[worst + 1]:g}",
            Evidence(
                label="longest time between two points",
                measured=float(gaps[worst]),
                expected=float(np.nanmedian(gaps[:_FIRST])),
                formula="the usual one",
                unit="seconds",
                span=case.span(series, worst, worst + 1),
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="the job was stopped, starved or moved meanwhile: speeds computed across the gap are wrong",
            do=("look at the messages of the machine at that time", "compare loss and learning rate on both sides"),
            check="the job's own record of starts and stops",
            rank=9,
        )

    def _back(self, case: Case, series: Series, gaps: Floats, back: NDArray[np.intp]) -> Finding:
        first = int(back[0])
        return self.finding(
            f"the clock goes back {len(back)} time{'s' if len(back) > 1 else ''} while the steps go on, first by {-gaps[first]:.4g} s at step {series.steps[first + 1]:g}",
            Evidence(
                label="time from one point to the next",
                measured=float(gaps[first]),
                expected=0.0,
                formula="at least 0",
                unit="seconds",
                span=case.span(series, first, first + 1),
            ),
            severity=Severity.INFO,
            confidence=0.85,
            why="two machines or two programs wrote this log, or time is counted from each start anew",
            do=("judge speed for each part by itself",),
            check="the names of the machines in the log on both sides",
            rank=9,
        )
