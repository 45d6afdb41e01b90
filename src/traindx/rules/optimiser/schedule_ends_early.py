"""OPT005: the learning rate has come to its end long before the training has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LEARNING_RATES, TASKS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.optimiser.rates import Course, course, thinned
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEndsEarly(Rule):
    """The learning rate stands at its floor, next to nothing, for more than the last third of the run.

    ## What it looks at
    The share of the run, counted from its end, in which the learning rate is under a hundredth of its peak, and whether it
    came there smoothly and stays there, as a schedule does that was told too few steps.

    ## Why it matters
    A step of a hundredth of the length moves the weights a hundred times less. The time after the end of the schedule buys
    next to nothing, and the decay came too early: the same steps with the right length end at a lower loss.

    ## What to try
    - Set the schedule's length to batches x epochs / accumulation, in the unit in which it is stepped.
    - Call `scheduler.step()` once per optimiser step, in one process only.

    ## When it is wrong
    Schedules that drop in steps, or that fall when validation stops improving: they stand low on purpose (a remark only).
    """

    meta: ClassVar = RuleMeta(
        code="OPT005",
        name="schedule-ends-early",
        since="0.1",
        summary="the learning rate is at its floor for the last third and more",
    )
    needs: ClassVar = (LEARNING_RATES,)
    may_use: ClassVar = (TASKS,)
    condition: ClassVar = "lr_schedule"
    explained_by: ClassVar = ("OPT001",)

    points: int = 20
    floor_share: float = 0.01
    """Common floors are a tenth or a hundredth of the peak; at a hundredth, what is learnt per step is lost in rounding."""

    idle_share: float = 1 / 3
    """Cosine, linear, polynomial and one-cycle schedules spend at most a fifth of their steps below a hundredth."""

    smooth_values: int = 5
    """Distinct rates on the way down: schedules that drop in steps show two or three."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the tail at the floor is longer than a third."""
        rate = course(case[LEARNING_RATES], points=self.points)
        if rate is None:
            return
        high = np.flatnonzero(
            rate.values >= 0.999 * self.floor_share * rate.peak
        )  # a hundredth itself is a common floor
        begins = int(high[-1]) + 1
        share = 1 - begins / len(rate.values)
        if not share > self.idle_share:
            return
        yield self._describe(case, rate, begins, share)

    def _describe(self, case: Case, rate: Course, begins: int, share: float) -> Finding:
        series, planned = rate.series, self._planned(rate, begins)
        return self.finding(
            f"{rate.reading.name} is {rate.values[begins:].max():.3g} and less, under {100 * self.floor_share:g} % of its peak {rate.peak:.3g}, over the last {100 * share:.0f} % of the run",
            Evidence(
                label="share of the run at the floor of the learning rate",
                measured=share,
                expected=self.idle_share,
                formula="more than any common schedule spends there",
                span=case.span(series, begins, -1),
            ),
            severity=Severity.WARNING if planned else Severity.INFO,
            confidence=0.85 if planned else 0.6,
            why="with steps a hundred times shorter, the rest of the run changes next to nothing",
            do=(
                "set the length of the schedule to the number of optimiser steps of the whole run",
                "stop such a run where its schedule ends: what follows is not worth its time",
            ),
            check="print(scheduler.last_epoch, total_optimizer_steps)  # equal at the end of a schedule of the right length",
            rank=30,
        )

    def _planned(self, rate: Course, begins: int) -> bool:
        """Whether the rate fell smoothly and then stands still: a schedule that ran out, no steps and no plateau rule."""
        down = thinned(rate.values[:begins])[0] if begins else rate.values[:0]
        between = np.unique(down[(down > 2 * self.floor_share * rate.peak) & (down < 0.9 * rate.peak)])
        tail = rate.values[begins + (len(rate.values) - begins) // 4 :]
        return len(between) >= self.smooth_values and float(np.ptp(tail)) <= 1e-3 * rate.peak and begins > 0
