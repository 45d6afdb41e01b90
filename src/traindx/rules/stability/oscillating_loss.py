"""DIV004: the loss swings up and down."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import between, log_levels
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import swings


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OscillatingLoss(Rule):
    """The level of the training loss swings up and down, again and again.

    ## What it looks at
    Turning points of the level (medians of a sixtieth of the run, so that batches are averaged out): six or more that are
    each a factor of two from the last, and that undo a tenth of what had been gained.

    ## Why it matters
    Swings of the level are no noise of batches: the step is too long for the valley that it walks in, or the data come in
    stretches of another kind.

    ## What to try
    - Lower the learning rate by three; with momentum, lower the momentum as well.
    - Compare the length of a swing with the length of an epoch, of a shard and of a learning-rate cycle.

    ## When it is wrong
    Learning rates that cycle by plan; tasks that alternate by plan; games (GANs, reinforcement learning).
    """

    meta: ClassVar = RuleMeta(
        code="DIV004", name="oscillating-loss", since="0.1", summary="the level of the training loss swings up and down"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS,)
    condition: ClassVar = "oscillating"
    explained_by: ClassVar = ("DIV001", "DIV002", "LOG003", "NAN001", "LOG001")

    factor: float = 2.0
    """Noise of a seventh of the level that keeps nine tenths of itself from point to point does not swing that far."""

    undone: float = 0.1
    """Near zero, losses double for nothing."""

    share: float = 0.25
    """Swings over less than a quarter of the run are an episode."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the level turns back by a factor again and again."""
        reading, logs = case[TRAIN_LOSS], log_levels(case[TRAIN_LOSS], 40)
        curve = reading.curve
        if logs is None or curve is None or has_task(case, GAMES | {"diffusion"}):
            return
        found = swings(curve.levels, math.log(self.factor))
        if found is None:
            return
        first, last = found.turns[0], found.turns[-1]
        typical = float(np.exp(np.median(logs[first : last + 1])))
        height = typical * (float(np.exp(found.median / 2)) - float(np.exp(-found.median / 2)))
        if last - first < self.share * len(logs) or not height > self.undone * max(curve.gained, 0.0):
            return
        count = len(found.turns)
        yield self.finding(
            f"{reading.name} swings by a factor of {float(np.exp(found.median)):.2g}, {count} turns over {(last - first) / len(logs):.0%} of the run",
            Evidence(
                label="median factor between one turn and the next",
                measured=float(np.exp(found.median)),
                expected=self.factor,
                formula="the least that counts",
                span=between(case, reading, first, last),
                note=f"{count} turns",
            ),
            severity=Severity.WARNING,
            confidence=float(np.clip(0.6 + 0.03 * count, 0.6, 0.9)),
            why="levels that swing after batches are averaged out come from too long a step, or from data in stretches",
            do=(
                "lower the learning rate by three",
                "compare the length of a swing with an epoch, a shard and a cycle of the schedule",
            ),
            check="the same batch in eval mode at a high and a low of the swing: the same loss means that it is the data",
            rank=48,
        )
