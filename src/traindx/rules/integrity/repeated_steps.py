"""LOG002: the same steps are logged again with other values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LOSSES, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedSteps(Rule):
    """Many steps carry two or more different values of one loss.

    ## What it looks at
    Steps of a total loss that occur again without the counter having gone back in between.

    ## Why it matters
    Several processes or several sources write into one series; what looks like noise is a mixture.

    ## What to try
    - Log from rank 0 only, or reduce over ranks first; give each source its own name.

    ## When it is wrong
    Programs that log several micro-batches per optimiser step.
    """

    meta: ClassVar = RuleMeta(
        code="LOG002", name="repeated-steps", since="0.1", summary="steps carry several different values"
    )
    needs: ClassVar = (LOSSES,)
    condition: ClassVar = "restarted"

    share: float = 0.2

    def check(self, case: Case) -> Iterator[Finding]:
        for reading in case[LOSSES]:
            repeated, first = self._repeated(reading)
            if repeated > self.share * len(reading.whole) and len(reading.whole) >= 10:
                yield self.finding(
                    f"{repeated} of {len(reading.whole)} points of {reading.name} repeat the step before them with another value",
                    Evidence(
                        label="points that repeat a step",
                        measured=float(repeated),
                        expected=0.0,
                        span=case.span(reading.whole, first, -1),
                    ),
                    severity=Severity.WARNING,
                    confidence=0.85,
                    why="several writers in one series look like noise and hide any trend",
                    do=(
                        "log from one process, or under one name per process",
                        "if these are micro-batches, log their mean per step",
                    ),
                    check="as many values per step as processes or micro-batches would confirm it",
                    rank=54,
                )
                return

    def _repeated(self, reading: Reading) -> tuple[int, int]:
        series = reading.whole
        if not series.has_steps or len(series) < 2 or bool((series.steps == series.epochs).all()):
            return 0, 0
        same = (np.diff(series.steps) == 0) & (np.diff(series.values) != 0)
        return int(same.sum()), int(np.argmax(same))
