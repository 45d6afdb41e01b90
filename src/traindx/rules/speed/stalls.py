"""SYS003: single steps take as long as many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TRAIN_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.speed.pace import logged, usual
from traindx.run import Floats, Series


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Stalls(Rule):
    """Now and then a step takes ten times as long as others, and together that costs a material part of the run.

    ## What it looks at
    Logged step times, or the clock between logged points, beyond ten times the median; the time they add in all; and
    whether they come at regular intervals.

    ## Why it matters
    At regular intervals it is evaluation, saving of checkpoints or the start of an epoch's workers: its price is worth
    knowing. At irregular ones it is a slow disk, a full network, a machine that was suspended.

    ## What to try
    - Save in the background; keep workers alive between epochs; evaluate less often or on fewer samples.

    ## When it is wrong
    Runs that were paused on purpose.
    """

    meta: ClassVar = RuleMeta(code="SYS003", name="stalls", since="0.1", summary="single steps take as long as many")
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (TRAIN_LOSS,)
    condition: ClassVar = None

    factor: float = 10.0
    share: float = 0.05
    """Less than a twentieth of the run is not worth the work."""

    points: int = 50
    shortest_s: float = 5.0
    """Clocks that count whole seconds make shorter waits look long."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the long steps together cost a twentieth of the run."""
        found = self._times(case)
        if found is None:
            return
        series, per_step, steps = found
        typical = usual(per_step)
        long = np.flatnonzero((per_step > self.factor * typical) & (per_step * steps > self._least(case)))
        total = float((per_step * steps).sum())
        if not typical > 0 or not len(long) or not total > 0:
            return
        lost = float(((per_step - typical) * steps)[long].sum()) / total
        if not lost > self.share:
            return
        regular = _regular(long)
        yield self.finding(
            f"{len(long)} {'stretches' if len(long) > 1 else 'stretch'} of the run took over {self.factor:g} times the usual time per step, {100 * lost:.0f} % of all time"
            + (", at regular intervals" if regular else ""),
            Evidence(
                label="share of the time in such stretches",
                measured=lost,
                expected=self.share,
                formula="worth knowing from here on",
                span=case.span(series, int(long[0]), int(long[-1])),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="at regular intervals: evaluation, checkpoints or workers that start anew"
            if regular
            else "at irregular intervals: a slow disk or network, other jobs, or a pause",
            do=("evaluate or save less often, or in the background; keep workers alive between epochs",)
            if regular
            else ("look at what the machine did at these times: disk, network, other jobs",),
            check="time the evaluation, the saving and the first batch of an epoch separately",
            rank=9,
        )

    def _least(self, case: Case) -> float:
        return 0.0 if logged(case[READINGS], "step_time") is not None else self.shortest_s

    def _times(self, case: Case) -> tuple[Series, Floats, Floats] | None:
        """Time per step and steps of each stretch between logged points, without the first twentieth."""
        timed = logged(case[READINGS], "step_time")
        if timed is not None and len(timed) >= self.points:
            late = timed.values[len(timed) // 20 :]
            return timed.take(slice(len(timed) // 20, None)), late, np.ones(len(late))
        loss = case.get(TRAIN_LOSS)
        if loss is None:
            return None
        series = loss.series.take(np.isfinite(loss.series.wall_times) & np.isfinite(loss.series.steps))
        series = series.take(slice(len(series) // 20, None))
        passed, done = np.diff(series.wall_times), np.diff(series.steps)
        good = (passed >= 0) & (done > 0)
        if int(good.sum()) < max(self.points, round(0.9 * len(good))):
            return None
        return series.take(np.flatnonzero(good) + 1), passed[good] / done[good], done[good]


def _regular(places: np.ndarray) -> bool:
    """Whether three stretches and more lie at equal distances, to a tenth."""
    gaps = np.diff(places)
    return len(gaps) >= 2 and float(np.std(gaps)) <= 0.1 * float(np.mean(gaps))
