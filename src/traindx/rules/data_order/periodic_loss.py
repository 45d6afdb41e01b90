"""DAT004: the loss has a period that is not that of the epochs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, LEARNING_RATES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.data_order.epochs import points_per_epoch
from traindx.rules.evidence import log_levels
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import cycle, exponential


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicLoss(Rule):
    """The training loss has a period that is not that of the epochs.

    ## What it looks at
    The strongest period of the loss about its trend, against noise that remembers its last value. Periods of the epochs and
    of the learning rate are left to other rules.

    ## Why it matters
    Shuffled data have no period. One that is there is that of shards, of sources taken in turns, of accumulation, of an evaluation
    in between, or of a meter that is reset.

    ## What to try
    - Compare the period with the steps of a shard, of a round through the sources, of evaluations and of accumulation.

    ## When it is wrong
    Tasks that alternate by plan.
    """

    meta: ClassVar = RuleMeta(
        code="DAT004", name="periodic-loss", since="0.1", summary="the loss has a period that is not that of the epochs"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS, LEARNING_RATES)
    explained_by: ClassVar = ("LOG003", "LOG001", "DIV001", "DIV004", "DAT001", "DAT003")

    points: int = 40
    chance: float = 1e-6
    share: float = 0.2
    least: float = 0.03
    """A period that moves the loss by less than three per cent is a curiosity."""

    near: float = 0.06

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the loss has a period of its own."""
        reading = case[TRAIN_LOSS]
        curve = reading.curve
        if curve is None or log_levels(reading, self.points) is None or has_task(case, GAMES):
            return
        found = cycle(curve.levels)
        if (
            found is None
            or not found.p_value < self.chance
            or not found.share > self.share
            or not found.swing > self.least
        ):
            return
        if self._of_epochs(found.length, points_per_epoch(reading)) or self._of_rates(case):
            return
        series = reading.series.finite()
        interval = float(np.median(np.abs(np.diff(series.steps)))) if series.has_steps and len(series) > 1 else 1.0
        length = found.length * curve.block * (interval if interval > 0 else 1.0)
        unit = "steps" if series.has_steps else "points"
        yield self.finding(
            f"{reading.name} swings by {exponential(found.swing) - 1:.0%} with a period of {length:.4g} {unit}, {found.turns:.0f} times",
            Evidence(
                label="share of the variance about the trend at that period",
                measured=found.share,
                expected=2 / len(curve.levels),
                formula="one frequency of as many",
                span=case.span(series),
                note=f"red noise has such a period once in {1 / max(found.p_value, 1e-300):.0e} runs",
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="shuffled data have no period: shards, sources in turns, accumulation or a meter do",
            do=(f"look for what happens every {length:.3g} {unit}: a shard, a source, an evaluation, a reset",),
            check="the same run with another shuffle seed or shard size: a period of the data moves with it",
            rank=21,
        )

    def _of_epochs(self, length: float, epoch: float) -> bool:
        """Whether the period is an epoch, or fits into it a few times, or it into the period."""
        if not epoch > 0:
            return False
        ratio = max(length / epoch, epoch / length)
        return ratio < 4.5 and abs(ratio - round(ratio)) < self.near * ratio

    def _of_rates(self, case: Case) -> bool:
        """Whether a learning rate goes up again after it had come down: then the loss follows it."""
        for rate in case.get(LEARNING_RATES) or ():
            if rate.curve is None or len(rate.curve.levels) < 10:
                continue
            levels = rate.curve.levels
            lowest = np.minimum.accumulate(levels[int(np.argmax(levels)) :])
            if float(np.max(levels[int(np.argmax(levels)) :] - lowest)) > 0.2 * float(np.max(levels)):
                return True
        return False
