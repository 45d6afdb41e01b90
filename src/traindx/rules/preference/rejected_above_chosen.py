"""PRF006: training makes rejected answers win."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, longest_of
from traindx.rules.evidence import come_far
from traindx.rules.preference.pairs import is_preference, margin_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedAboveChosen(Rule):
    """Training lowers the margin: the rejected answers earn ever more than the chosen ones.

    ## What it looks at
    The training margin at the end of the run against its start and against zero, in units of its noise, and the share of
    pairs that are ranked rightly, where it is logged.

    ## Why it matters
    Every step of a preference loss is meant to raise the margin on its own batch. A margin that falls below zero and
    stays there means that the loss is turned around: columns swapped between loss and log, or the wrong sign.

    ## What to try
    - Print one pair with its rewards; swap the columns, or the sign.

    ## When it is wrong
    Losses without a reference, which start below zero and rise.
    """

    meta: ClassVar = RuleMeta(
        code="PRF006", name="rejected-above-chosen", since="0.1", summary="training makes rejected answers win"
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("NAN001", "NAN002")

    points: int = 20
    z: float = 6.0
    accuracy: float = 0.45
    """Clearly under one half; unranked ties count as wrong in some logs, so that accuracy alone decides nothing."""

    def check(self, case: Case) -> Iterator[Finding]:
        margin = margin_of(case) if is_preference(case) else None
        curve = margin.curve if margin is not None else None
        if margin is None or curve is None or curve.count < self.points or not come_far(margin):
            return
        begun, late = level_of(margin, 0.0, 0.1), level_of(margin, 2 / 3)
        limit = -self.z * max(curve.error, 1e-12)
        if not (late < limit and late - begun < limit and level_of(margin, 0.9) < 0):
            return
        right = longest_of(case, "reward_accuracy")
        share = level_of(right, 2 / 3) if right is not None else float("nan")
        if np.isfinite(share) and not share < self.accuracy:
            return
        yield self.finding(
            f"{margin.name} fell from {begun:.3g} to {late:.3g}: rejected answers earn more than chosen ones, and training makes it worse",
            across(
                case,
                margin,
                f"{margin.name} over the last third",
                late,
                first=2 / 3,
                expected=0.0,
                formula="the margin at the start",
            ),
            severity=Severity.ERROR if np.isfinite(share) else Severity.WARNING,
            confidence=0.9,
            why="each step is meant to raise the margin of its own batch; a lasting fall means a swapped column or a wrong sign",
            do=(
                "print one pair with its texts, log-probabilities and rewards",
                "swap chosen and rejected, or the sign of the loss",
            ),
            check="ten steps on one pair: its margin must rise",
            rank=74,
        )
