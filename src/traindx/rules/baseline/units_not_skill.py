"""BAS006: the loss changed by the square of the target scale: other units, the same skill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import JUDGED_LOSS, READINGS, TARGET_STD, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsNotSkill(Rule):
    """The squared error is at or above the variance of its targets, whatever the units.

    ## What it looks at
    Loss divided by the squared standard deviation of the targets, at every point where both are known. One is the score of
    always answering the mean; the same ratio before and after a change of scale means the same skill.

    ## Why it matters
    Normalising targets divides the loss by a large number without the model having learnt anything.

    ## What to try
    - Judge by loss / target variance (one minus R squared), never by the ratio of raw losses.
    - A ratio well above one: statistics taken over padding, or outliers that the deviation does not see.

    ## When it is wrong
    Where the deviation was measured on other data than the loss.
    """

    meta: ClassVar = RuleMeta(
        code="BAS006", name="units-not-skill", since="0.1", summary="squared error no better than the target variance"
    )
    needs: ClassVar = (JUDGED_LOSS, READINGS)
    may_use: ClassVar = (TARGET_STD,)
    condition: ClassVar = "at_chance"

    trivial_share: float = 0.9

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[JUDGED_LOSS]
        spread = next((r for r in case[READINGS] if r.role.kind == "target_std" and r.curve is not None), None)
        if spread is None or loss.curve is None:
            return
        both = min(len(loss.series), len(spread.series))
        ratio = loss.series.values[:both] / np.square(spread.series.values[:both])
        if both < 1 or not bool((ratio >= self.trivial_share).all()):
            return
        yield self._describe(case, loss, spread, ratio, both)

    def _describe(self, case: Case, loss: Reading, spread: Reading, ratio: np.ndarray, both: int) -> Finding:
        first, last = float(loss.series.values[0]), float(loss.series.values[both - 1])
        scale = float(spread.series.values[0] / spread.series.values[both - 1])
        changed = both > 1 and (scale > 1.5 or scale < 1 / 1.5)
        story = (
            f"loss fell {first / last:,.0f}-fold while its targets shrank {scale:.4g}-fold ({scale:.4g} squared is {scale**2:,.0f}): skill is unchanged"
            if changed
            else f"{loss.name} is {ratio[-1]:.3g} times the variance of its targets"
        )
        return self.finding(
            story,
            Evidence(
                label="loss / target variance, first",
                measured=float(ratio[0]),
                expected=1.0,
                formula=f"{first:.4g} / {spread.series.values[0]:.4g}^2",
                span=case.span(loss.series),
            ),
            Evidence(
                label="loss / target variance, last",
                measured=float(ratio[both - 1]),
                expected=1.0,
                formula=f"{last:.4g} / {spread.series.values[both - 1]:.4g}^2",
                note="1 is always answering the mean; over 1 is worse, or statistics taken over padding",
            ),
            severity=Severity.ERROR,
            confidence=0.95,
            why="a change of units divides the loss without anything being learnt; only loss over target variance tells skill",
            do=(
                "recompute the statistics on active elements only, per group where scales differ, and save them with the model",
                "report loss / target variance from now on: 1 is nothing, under 0.1 is fair",
                "use a Huber loss where a few samples carry most of the sum of squares",
            ),
            check="score the constant answer (the mean of the active targets) with the same loss: the model must beat it",
            decided_by="log",
            rank=84,
        )
