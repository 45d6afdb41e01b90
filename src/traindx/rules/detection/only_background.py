"""DET007: the Dice loss stays where an answer of background alone leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta

_PROBE = "print('true', mask.float().mean().item(), mask.unique().tolist()); print('predicted', (logits.sigmoid() > 0.5).float().mean().item())"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyBackground(Rule):
    """The Dice loss stands near one from its start on: nothing of the foreground is found.

    ## What it looks at
    A Dice term between 0.93 and 1.01 over a whole run of a thousand steps or five epochs, whatever the other terms do.

    ## Why it matters
    Answering background everywhere gives a Dice loss of one, and a small cross-entropy where foreground is rare: the total
    looks fine while nothing is segmented.

    ## What to try
    - Print the values in the masks: 255 in place of 1, or classes that start at 1, leave no foreground.
    - Sample patches that hold foreground, weight it up, or begin with the Dice term alone.

    ## When it is wrong
    Foreground of a thousandth of the picture keeps the Dice loss near one for long; a Dice loss averaged over absent classes.
    """

    meta: ClassVar = RuleMeta(
        code="DET007", name="only-background", since="0.1", summary="the Dice loss stays at an answer of background"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("NAN001", "NAN002", "BAS004", "DIV002")

    points: int = 20
    low: float = 0.93
    high: float = 1.01
    gained: float = 0.02
    steps: float = 1_000
    epochs: float = 5

    def check(self, case: Case) -> Iterator[Finding]:
        for reading in case[READINGS]:
            if reading.role.family == "dice" and reading.role.part == "" and self._stands(reading):
                yield self._describe(case, reading)
                return

    def _stands(self, reading: Reading) -> bool:
        curve, series = reading.curve, reading.series
        if curve is None or curve.count < self.points or not come_far(reading):
            return False
        long = float(np.fmax.reduce(series.epochs, initial=0.0)) >= self.epochs
        long = long or (series.has_steps and float(np.ptp(series.steps)) >= self.steps)
        levels = (curve.start.value, curve.best.value, curve.end.value)
        return long and self.low <= min(levels) and max(levels) <= self.high and curve.gained < self.gained

    def _describe(self, case: Case, reading: Reading) -> Finding:
        assert reading.curve is not None
        return self.finding(
            f"{reading.name} stays at {reading.curve.end.value:.4g} over {reading.curve.count} points: background is answered everywhere",
            Evidence(
                label=f"best level of {reading.name}",
                measured=reading.curve.best.value,
                expected=1.0,
                formula="Dice loss of background everywhere",
                span=case.span(reading.series),
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why="a small cross-entropy of rare foreground hides it: the total looks fine while nothing is segmented",
            do=(
                "print the values in the masks: 255 for 1, or ids that start at 1, leave no foreground",
                "sample patches that hold foreground, or weight it up",
            ),
            check=_PROBE,
            rank=60,
        )
