"""DIV003: the loss creeps up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import at_level, between, log_levels
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import drift


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossDriftsUp(Rule):
    """The training loss has crept up ever since its best level.

    ## What it looks at
    The part of the run after the best level, in medians of blocks so long that they hardly depend on each other: do they
    stand in rising order (Kendall's test), and how much higher is the last than the first?

    ## Why it matters
    A slow rise hides in the noise of single steps: no value stands out, and the run is a third worse when somebody looks.

    ## What to try
    - Go back to the checkpoint of the best level, and halve the learning rate.
    - Look at what changes slowly: the norm of the weights, the scale of the logits, the mixture of the data.

    ## When it is wrong
    Where the task gets harder by plan: a curriculum, longer sequences, stronger augmentation, a term whose weight grows.
    """

    meta: ClassVar = RuleMeta(
        code="DIV003",
        name="loss-drifts-up",
        since="0.1",
        summary="the training loss creeps up over a large part of the run",
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS,)
    condition: ClassVar = None
    explained_by: ClassVar = ("DIV001", "DIV002", "NAN001", "NAN002", "LOG003")

    points: int = 40
    share: float = 0.3
    """Under a third of the run, a rise may be a hump that passes."""

    z: float = 4.0
    """Blocks in random order reach it in under one series of a thousand; it is asked after the best level was picked."""

    rise: float = 0.05
    loud_rise: float = 0.15
    loud_share: float = 0.25
    """A seventh of the level and a quarter of what had been gained is more than a change of data or seed makes."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the loss has risen steadily since its best level."""
        reading, logs = case[TRAIN_LOSS], log_levels(case[TRAIN_LOSS], self.points)
        curve = reading.curve
        if logs is None or curve is None or has_task(case, GAMES | {"variational"}):
            return
        first = curve.best.last // curve.block
        part = logs[first:]
        found = drift(part) if len(part) >= self.share * len(logs) else None
        if found is None or not found.z > self.z or not found.change > math.log1p(self.rise):
            return
        begins, ends = curve.best.value, curve.end.value
        if not curve.lost > 3 * curve.error or not ends > begins * (1 + self.rise):
            return
        loud = ends > begins * (1 + self.loud_rise) and curve.lost > self.loud_share * max(curve.gained, 0.0)
        yield self.finding(
            f"{reading.name} has crept up from {begins:.4g} to {ends:.4g} over the last {len(part) / len(logs):.0%} of the run",
            Evidence(
                label="order of the blocks since the best level (Kendall's tau)",
                measured=found.order,
                expected=0.0,
                formula="blocks in random order",
                span=between(case, reading, first, len(logs) - 1),
                note=f"{found.z:.1f} standard errors, {found.blocks} blocks",
            ),
            at_level(
                case, reading, curve.end, f"level of {reading.name} at the end", expected=begins, formula="its best"
            ),
            severity=Severity.WARNING if loud else Severity.INFO,
            confidence=float(np.clip(0.6 + 0.05 * found.z, 0.6, 0.95)),
            why="a rise too slow for any single step to show loses as much as a leap, given time",
            do=(
                "go back to the checkpoint of the best level and halve the learning rate",
                "plot the weight norm and the mixture of the data over the same steps",
            ),
            check="evaluate the checkpoint of the best level and the last one on the same fixed batches",
            rank=60,
        )
