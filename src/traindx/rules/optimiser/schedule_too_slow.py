"""OPT015: the planned steps are over, and the schedule is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import LEARNING_RATES, SCHEDULE, TOTAL_STEPS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.optimiser.rates import Course, course
from traindx.rules.rule import Rule, RuleMeta

# Schedules that end near zero by their very form.
_DECAYING = ("cosine", "linear", "poly")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTooSlow(Rule):
    """The run has done its planned steps, and a schedule that should have ended has hardly begun to fall.

    ## What it looks at
    The last learning rate as a share of its peak, where the schedule decays to its end (cosine, linear, polynomial) and
    the last step is at nineteen twentieths of the planned total.

    ## Why it matters
    The decay brings several per cent of the final loss. A scheduler that is stepped once per epoch but counts steps, or
    once per update but counts batches, decays N times too slowly: the run ends at its noisy full rate.

    ## What to try
    - Step the scheduler in the unit of its length: per optimiser step, or per epoch with the length in epochs.

    ## When it is wrong
    A floor above half of the peak; a total that belongs to a longer plan of which this run is a part.
    """

    meta: ClassVar = RuleMeta(
        code="OPT015",
        name="schedule-too-slow",
        since="0.1",
        summary="the planned steps are over and the schedule is not",
    )
    needs: ClassVar = (LEARNING_RATES, SCHEDULE, TOTAL_STEPS)
    condition: ClassVar = "lr_schedule"
    explained_by: ClassVar = ("OPT002",)

    points: int = 10
    done: float = 0.95
    left: float = 0.6
    """At the end these schedules stand at a tenth of the peak or below; at six tenths two fifths of the way are done."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the plan is done and the rate is still high, having moved at all."""
        schedule, total = str(case[SCHEDULE]).lower(), case[TOTAL_STEPS]
        rate = course(case[LEARNING_RATES], points=self.points)
        if rate is None or not schedule.startswith(_DECAYING) or not rate.series.has_steps or "restart" in schedule:
            return
        progress = float(rate.series.steps[-1]) / total
        moved = float(rate.values.min()) < rate.peak
        if not (moved and self.done <= progress <= 1.05 and self.left <= rate.ends_at):
            return
        yield self._describe(case, rate, schedule, progress)

    def _describe(self, case: Case, rate: Course, schedule: str, progress: float) -> Finding:
        return self.finding(
            f"{rate.reading.name} is still {100 * rate.ends_at:.0f} % of its peak {rate.peak:.3g} after {100 * progress:.0f} % of the planned steps, with the schedule {schedule!r}",
            Evidence(
                label="last learning rate as a share of its peak",
                measured=rate.ends_at,
                expected=0.1,
                formula=f"the end of a {schedule} schedule, or below",
                span=case.span(rate.series),
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="the run ends at the noise of its full rate; the decay, which lowers the loss at the end, never came",
            do=(
                "step the scheduler once per optimiser step, and give it the number of optimiser steps",
                "continue from the last checkpoint with a decay over a tenth of the steps: the gain comes at once",
            ),
            check="print(scheduler.last_epoch, total_optimizer_steps)  # must be equal at the end",
            decided_by="facts",
            rank=31,
        )
