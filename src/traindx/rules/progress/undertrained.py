"""PRO003: the log ends while the loss is still falling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import FACTS, GAMES, LEARNING_RATES, TASKS, TRAIN_LOSS, VAL_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import between, covers_far, decayed
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import gain


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Undertrained(Rule):
    """The log ends while the loss is still falling clearly.

    ## What it looks at
    What the last third of the run gained, 2.5 errors less, against five per cent of the level. A learning rate that has
    decayed, a plan that is not yet fulfilled, or a validation loss that rises keep it quiet.

    ## Why it matters
    More steps are the cheapest improvement that there is, where the curve is still steep.

    ## What to try
    - Train longer, with the learning rate scheduled for the longer run.
    - If time is short, raise the learning rate and look whether the first thousand steps get steeper.

    ## When it is wrong
    Runs cut short on purpose (a search, a budget), and fine-tuning, where more epochs are more memorising.
    """

    meta: ClassVar = RuleMeta(
        code="PRO003", name="undertrained", since="0.1", summary="the log ends while the loss is still falling clearly"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (VAL_LOSS, TASKS, LEARNING_RATES, FACTS)
    condition: ClassVar = "undertrained"
    explained_by: ClassVar = ("BAS001", "BAS002", "BAS003", "DIV001", "DIV002", "NAN001", "NAN002", "LOG003", "GEN001")

    points: int = 20
    gained_share: float = 0.04
    level_share: float = 0.05
    """Five per cent of the level is more than what a better choice of most settings brings; here, waiting brings it."""

    sure: float = 2.5
    decayed_share: float = 0.1

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the last third still gained plainly."""
        reading = case[TRAIN_LOSS]
        curve = reading.curve
        if curve is None or curve.count < self.points or not covers_far(reading) or self._ended_well(case, reading):
            return
        third = 2 * len(curve.levels) // 3
        gained, error = gain(curve.levels[third:])
        needed = max(self.gained_share * max(curve.gained, 0.0), self.level_share * abs(curve.end.value))
        if not gained - self.sure * error > needed or curve.lost > 0.5 * gained:
            return
        if self._rises(case.get(VAL_LOSS)):
            return
        yield self.finding(
            f"{reading.name} still fell by {gained:.3g} over the last third of the log, to {curve.end.value:.4g}",
            Evidence(
                label="gained over the last third",
                measured=gained,
                expected=needed,
                formula="5 % of the level, or 4 % of all that was gained",
                span=between(case, reading, third, len(curve.levels) - 1),
                note=f"standard error {error:.2g}",
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="where the curve is still steep, more steps are the cheapest improvement",
            do=("train longer, with the learning rate scheduled for the longer run",),
            check="continue from the last checkpoint for a tenth of the steps: the loss must go on falling",
            rank=14,
        )

    def _ended_well(self, case: Case, reading: Reading) -> bool:
        if has_task(case, GAMES):
            return True
        return decayed(case.get(LEARNING_RATES) or (), self.decayed_share) or self._unfinished(case, reading)

    def _unfinished(self, case: Case, reading: Reading) -> bool:
        """Whether a plan is known of which a twentieth or more is still to come."""
        facts = case.get(FACTS) or {}
        for key, axis in (("total_steps", reading.series.steps), ("total_epochs", reading.series.epochs)):
            fact = facts.get(key)
            known = axis[np.isfinite(axis)]
            if fact is not None and isinstance(fact.value, int | float) and fact.value > 0 and len(known):
                return bool(float(known.max()) < 0.95 * float(fact.value) - 1)
        return False

    def _rises(self, val: Reading | None) -> bool:
        curve = val.curve if val is not None else None
        return (
            curve is not None and curve.count >= 4 and curve.lost > max(3 * curve.error, 0.1 * max(curve.gained, 0.0))
        )
