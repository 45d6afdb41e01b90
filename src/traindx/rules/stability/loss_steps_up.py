"""DIV005: the loss stepped up at one place and stayed there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, LEARNING_RATES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import between, log_levels
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import level_shift


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossStepsUp(Rule):
    """The training loss stepped up at one place and stayed there.

    ## What it looks at
    The largest step between two neighbouring stretches of a fortieth of the run, less their slope, against the scatter of all such
    steps.

    ## Why it matters
    A step that stays has one cause at one step: another shard or mixture of data, a resume that lost the state of the
    optimiser, a term that was switched on, a changed learning rate.

    ## What to try
    - Look at what happened at that step: a resume, an epoch, a new file of data, a change of schedule.

    ## When it is wrong
    Steps by plan: a stage with harder data, longer sequences, a restarted learning rate.
    """

    meta: ClassVar = RuleMeta(
        code="DIV005", name="loss-steps-up", since="0.1", summary="the training loss stepped up at one place and stayed"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS, LEARNING_RATES)
    explained_by: ClassVar = ("DIV001", "DIV002", "LOG003", "DIV004")

    rise: float = 0.10
    loud_rise: float = 0.5
    """By half, and not made good at the end, is more than a new stage of the data is worth."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the level stepped up."""
        reading = case[TRAIN_LOSS]
        curve = reading.curve
        if log_levels(reading, 40) is None or curve is None:
            return
        if has_task(case, GAMES):
            return
        found = level_shift(curve.levels)
        if found is None or not found.after > found.before * (1 + self.rise):
            return
        series = reading.series.finite()
        at = min(found.index * curve.block, len(series) - 1)
        loud = found.after > found.before * (1 + self.loud_rise) and curve.end.value > found.before
        yield self.finding(
            f"{series.name} stepped up from {found.before:.4g} to {found.after:.4g} at step {series.steps[at]:g} and stayed",
            Evidence(
                label=f"level of {series.name} behind the step",
                measured=found.after,
                expected=found.before,
                formula="level before it",
                span=between(case, reading, found.index, len(curve.levels) - 1),
                note=f"{found.z:.0f} times the scatter of such steps",
            ),
            severity=Severity.WARNING if loud else Severity.INFO,
            confidence=float(np.clip(0.5 + 0.05 * found.z, 0.6, 0.95)),
            why="one step has one cause: data, a resume, a new term, a changed learning rate",
            do=(
                f"look at what happened at step {series.steps[at]:g}: a resume, a new shard, a stage, the learning rate",
            ),
            check="evaluate the checkpoints before and behind the step on the same batches: equal losses mean that the data changed",
            rank=42,
        )
