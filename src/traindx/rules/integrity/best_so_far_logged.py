"""LOG011: the series holds the best value so far, not the current one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import true_stretches


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BestSoFarLogged(Rule):
    """A held-out metric never gets worse and stands still in between: it is the best so far.

    ## What it looks at
    Held-out series of 15 evaluations or more without a single step back, of which a third and more equal the one
    before, in at least three stretches of different lengths.

    ## Why it matters
    The best so far cannot show overfitting, collapse or noise. Where it stands still, the model may be anywhere below.

    ## What to try
    - Log the value of each evaluation under its own name, and the best beside it.

    ## When it is wrong
    A metric of few samples that happens to climb step by step.
    """

    meta: ClassVar = RuleMeta(
        code="LOG011",
        name="best-so-far-logged",
        since="0.1",
        summary="a series holds the best value so far, not the current",
    )
    needs: ClassVar = (READINGS,)

    points: int = 15
    still: float = 0.34
    stretches: int = 3

    def check(self, case: Case) -> Iterator[Finding]:
        for reading in case[READINGS]:
            told = reading.role.statistic == "best" or reading.role.direction is None
            if not told and reading.held_out and len(reading.series) >= self.points and self._only_better(reading):
                yield self._describe(case, reading)
                return

    def _only_better(self, reading: Reading) -> bool:
        values = reading.series.values
        moves = np.diff(values) * (-1 if reading.role.direction == "lower" else 1)
        changes = np.flatnonzero(moves)
        if not bool(np.isfinite(values).all()) or not len(changes) or bool((moves < 0).any()):
            return False
        inside = moves[: int(changes[-1]) + 1] == 0  # a metric that has reached its end may well stand there
        pauses = [last - first for first, last in true_stretches(inside)] if np.count_nonzero(inside) < 10_000 else []
        stands = bool(np.count_nonzero(inside) >= self.still * len(inside))
        return stands and len(pauses) >= self.stretches and len(set(pauses)) > 1

    def _describe(self, case: Case, reading: Reading) -> Finding:
        values = reading.series.values
        still = int(np.count_nonzero(np.diff(values) == 0))
        return self.finding(
            f"{reading.name} never gets worse over {len(values)} evaluations and repeats itself {still} times: it is the best so far",
            Evidence(
                label="evaluations that are worse than the one before",
                measured=0.0,
                expected=float(round(0.3 * len(values))),
                formula="about a third, with any noise",
                span=case.span(reading.series),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="the best so far cannot show overfitting, collapse or noise",
            do=("log the value of each evaluation under its own name",),
            check="evaluate the last checkpoint: a value below the last one logged confirms it",
            rank=9,
        )
