"""OPT002: the learning rate never changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LEARNING_RATES, SCHEDULE, TASKS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantLearningRate(Rule):
    """The learning rate never changes although a schedule was asked for, or although the run is long.

    ## What it looks at
    All logged learning rates, and the name of the schedule among the settings.

    ## Why it matters
    A decaying learning rate removes the noise of the last steps and usually lowers the final loss by several per cent; a
    scheduler that is never stepped leaves the warm-up value in place.

    ## What to try
    - Call the scheduler once per optimiser step; decay over at least the last tenth of the run.

    ## When it is wrong
    Constant by intention (fine-tuning, online learning); several phases logged separately.
    """

    meta: ClassVar = RuleMeta(
        code="OPT002", name="constant-learning-rate", since="0.1", summary="the learning rate never changes"
    )
    needs: ClassVar = (LEARNING_RATES,)
    may_use: ClassVar = (SCHEDULE, TASKS)
    condition: ClassVar = "lr_schedule"

    points: int = 20

    def check(self, case: Case) -> Iterator[Finding]:
        readings = [r for r in case[LEARNING_RATES] if r.curve is not None]
        moving = [r for r in readings if float(np.ptp(r.series.finite().values)) > 0]
        steady = [r for r in readings if len(r.series.finite()) >= self.points]
        schedule = str(case.get(SCHEDULE) or "")
        if moving or not steady or schedule.startswith("constant"):
            return
        reading = steady[0]
        value = float(reading.series.finite().values[0])
        if not value > 0:
            return
        promised = schedule not in ("", "none", "None")
        yield self.finding(
            f"{reading.name} stays at {value:.4g} over {len(reading.series)} points"
            + (f" although the schedule is {schedule!r}" if promised else ""),
            Evidence(
                label="distinct learning rates",
                measured=1.0,
                expected=2.0 if promised else None,
                formula="a schedule changes it" if promised else "",
                span=case.span(reading.series),
            ),
            severity=Severity.WARNING if promised else Severity.INFO,
            confidence=0.85 if promised else 0.6,
            why="step noise stays in the weights until the learning rate falls",
            do=(
                "call the scheduler once per optimiser step",
                "decay the learning rate over the last tenth of the run at least",
            ),
            check="print scheduler.get_last_lr() at two distant steps",
            decided_by="facts" if promised else "log",
            rank=14,
        )
