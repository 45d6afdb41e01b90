"""OPT016: the learning rate leaps up in the middle of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LEARNING_RATES, SCHEDULE, TASKS, TRAIN_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.optimiser.rates import Course, course, harmed_since
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRateLeaps(Rule):
    """A learning rate that had stood still leaps to several times its value.

    ## What it looks at
    A single step up by a factor of three and more, after a stretch of constant rate and past the first fifth of the
    run; the loss before and after it.

    ## Why it matters
    No schedule does this. It is a resume with other settings, a rate multiplied by the number of devices a
    second time, or a milestone whose factor was meant to be its inverse.

    ## What to try
    - Compare the settings of both parts of the run; raise a rate gradually if it must be raised.

    ## When it is wrong
    A second stage of training with a rate of its own (unfrozen layers, another data set).
    """

    meta: ClassVar = RuleMeta(
        code="OPT016", name="learning-rate-leaps", since="0.1", summary="the learning rate leaps up in mid-run"
    )
    needs: ClassVar = (LEARNING_RATES,)
    may_use: ClassVar = (TRAIN_LOSS, SCHEDULE, TASKS)
    condition: ClassVar = "lr_schedule"
    explained_by: ClassVar = ("OPT006",)

    points: int = 20
    factor: float = 3.0
    """Linear scaling and restarts on purpose double; warm-ups in stages lie within the first fifth."""

    after: float = 0.2
    still: float = 0.1
    """A tenth of the run at one value before the leap: then it is no rise bit by bit."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak of a single leap."""
        rate = course(case[LEARNING_RATES], points=self.points)
        schedule = str(case.get(SCHEDULE) or "").lower()
        if rate is None or "cycl" in schedule or "restart" in schedule:
            return
        at = self._leap(rate.values)
        if at is None or not rate.series.steps[at] > rate.series.steps[at - 1]:
            return
        yield self._describe(case, rate, at)

    def _leap(self, values: Floats) -> int | None:
        """The index of the only leap, where there is one after a stretch at one value."""
        before, now = values[:-1], values[1:]
        leaps = np.flatnonzero((now >= self.factor * before) & (before > 0)) + 1
        if len(leaps) != 1 or leaps[0] < self.after * len(values):
            return None
        at = int(leaps[0])
        stretch = values[at - max(3, round(self.still * len(values))) : at]
        return at if float(np.ptp(stretch)) <= 1e-6 * float(stretch[-1]) else None

    def _describe(self, case: Case, rate: Course, at: int) -> Finding:
        before, now, step = float(rate.values[at - 1]), float(rate.values[at]), float(rate.series.steps[at])
        harmed = harmed_since(case, step)
        return self.finding(
            f"{rate.reading.name} leaps from {before:.3g} to {now:.3g} at step {step:g}"
            + ("; the loss has not come back since" if harmed else ""),
            Evidence(
                label="learning rate after the leap",
                measured=now,
                expected=before,
                formula="the rate before it",
                span=case.span(rate.series, at - 1, at),
            ),
            severity=Severity.WARNING if harmed else Severity.INFO,
            confidence=0.9 if harmed else 0.8,
            why="no schedule leaps up: it is a resume with other settings, or a factor applied twice or upside down",
            do=("go back to the checkpoint before the leap, with the rate that it had",),
            check="diff the settings of the run before and after this step: learning rate, devices, milestones",
            rank=57,
        )
