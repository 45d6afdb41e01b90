"""OPT006: a learning rate that had decayed goes up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import LEARNING_RATES, SCHEDULE, TASKS, TRAIN_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.optimiser.rates import Course, course, harmed_since, rises_after_decay
from traindx.rules.rule import Rule, RuleMeta

# Schedules whose very idea is to go up again.
_CYCLIC = ("cyclic", "restart", "onecycle", "triangular", "sgdr")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRateRisesAgain(Rule):
    """The learning rate had come down, and then goes up once, in a leap or bit by bit.

    ## What it looks at
    A single rise to twice the lowest rate, after a decay to half the peak, and the loss before and after it. Two rises and more
    are taken for a schedule with restarts.

    ## Why it matters
    A high rate undoes what the decay had settled. The usual reasons: a scheduler that was built anew on resuming, a cosine
    that is stepped beyond its end (it goes up again the way it came), two schedulers that write one rate.

    ## What to try
    - Save and load the scheduler's state with the checkpoint.
    - Stop stepping at the end of the cosine, or hold the floor.

    ## When it is wrong
    One warm restart on purpose; a second stage of training with a rate of its own.
    """

    meta: ClassVar = RuleMeta(
        code="OPT006",
        name="learning-rate-rises-again",
        since="0.1",
        summary="a learning rate that had decayed goes up again",
    )
    needs: ClassVar = (LEARNING_RATES,)
    may_use: ClassVar = (TRAIN_LOSS, SCHEDULE, TASKS)
    condition: ClassVar = "lr_schedule"

    points: int = 20
    leap: float = 1.5
    """Between two logged points, schedules that rise on purpose grow by less."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak of a single rise that no schedule with restarts explains."""
        rate = course(case[LEARNING_RATES], points=self.points)
        schedule = str(case.get(SCHEDULE) or "").lower()
        if rate is None or any(word in schedule for word in _CYCLIC):
            return
        rises = rises_after_decay(rate.values, rate.peak)
        if len(rises) != 1 or rises[0] == 0:
            return
        at = rises[0]
        if not rate.series.steps[at] > rate.series.steps[at - 1]:
            return  # the counter went back there: a resume, which is told of as such
        yield self._describe(case, rate, at)

    def _describe(self, case: Case, rate: Course, at: int) -> Finding:
        values, step = rate.values, float(rate.series.steps[at])
        lowest = float(values[:at].min(initial=rate.peak, where=values[:at] > 0))
        sudden = float(values[at]) >= self.leap * float(values[at - 1])
        harmed = harmed_since(case, step)
        manner = "in one leap" if sudden else "bit by bit"
        return self.finding(
            f"{rate.reading.name} came down to {lowest:.3g} and goes up again {manner}, to {values[at:].max():.3g} from step {step:g} on"
            + ("; the loss has not come back since" if harmed else ""),
            Evidence(
                label="highest learning rate after the rise",
                measured=float(values[at:].max()),
                expected=lowest,
                formula="the lowest rate before it",
                span=case.span(rate.series, at, -1),
            ),
            severity=Severity.WARNING if harmed else Severity.INFO,
            confidence=0.85 if harmed else 0.7,
            why="a high rate after a decay undoes what the decay had settled"
            + ("" if sudden else "; a cosine that is stepped beyond its length rises in this way"),
            do=(
                "load the scheduler's state when you resume, and step one scheduler only",
                "hold the floor after the end of the cosine, or set its length to the whole run",
            ),
            check="print(scheduler.state_dict())  # before and after resuming: last_epoch must be the same",
            rank=32,
        )
