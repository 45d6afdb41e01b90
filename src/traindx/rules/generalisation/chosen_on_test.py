"""GEN008: the test set is looked at again and again, and nothing else is held out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import METRICS, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import local_noise


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenOnTest(Rule):
    """The test set is evaluated all along the run, and no other data is held out.

    ## What it looks at
    Series of the test split with ten points or more, in a log without a validation split.

    ## Why it matters
    The best of k looks at the test set lies about s·sqrt(2 ln k) above what the model is worth (s: scatter of one look). Any
    choice made by it, of epoch, learning rate or model, is paid back on new data.

    ## What to try
    - Hold out a part of the training data, choose by it, and look at the test set once.

    ## When it is wrong
    Where nothing is chosen and the last value is reported.
    """

    meta: ClassVar = RuleMeta(
        code="GEN008",
        name="chosen-on-test",
        since="0.1",
        summary="the test set is looked at again and again",
    )
    needs: ClassVar = (METRICS, READINGS)

    looks: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        if any(r.role.split == "val" and len(r.series) for r in case[READINGS]):
            return
        tested = [r for r in case[METRICS] if r.role.split == "test" and r.curve is not None]
        reading = next((r for r in tested if len(r.series) >= self.looks and r.role.statistic is None), None)
        if reading is None:
            return
        values = reading.series.finite().values
        scatter = local_noise(values[-max(5, min(len(values), 2_000) // 2) :])
        lift = scatter * math.sqrt(2 * math.log(max(2, len(values))))
        if lift > 0:
            yield self._describe(case, reading, lift)

    def _describe(self, case: Case, reading: Reading, lift: float) -> Finding:
        values = reading.series.finite().values
        looks = len(values)
        best = float(np.min(values) if reading.role.direction == "lower" else np.max(values))
        return self.finding(
            f"{reading.name} was looked at {looks} times and no validation set is logged: its best, {best:.4g}, is lifted by about {lift:.2g}",
            Evidence(
                label="looks at the test set",
                measured=float(looks),
                expected=1.0,
                formula="one, after everything is chosen",
                span=case.span(reading.series),
            ),
            severity=Severity.INFO,
            confidence=0.7,
            why="what is chosen by the test set is lifted by its noise; new data will not give it back",
            do=("hold out a part of the training data, choose by it, and look at the test set once",),
            check="the last value in place of the best: the difference is what the choice was worth",
            rank=6,
        )
