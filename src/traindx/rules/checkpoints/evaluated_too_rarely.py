"""CKP005: the first evaluation is already past the best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, TASKS, TRAIN_LOSS, VAL_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.checkpoints.monitored import Monitored, of_reading
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedTooRarely(Rule):
    """The validation loss is best at its first evaluation and rises from there, while training goes on improving.

    ## What it looks at
    Whether every later evaluation is worse than the first, and what the training loss did.

    ## Why it matters
    The best weights lie before or near the first evaluation, and nobody saw or saved them: the interval is coarser than
    the time it takes to overfit.

    ## What to try
    - Evaluate and save five to ten times within the first interval; lower the learning rate.

    ## When it is wrong
    A first evaluation before any training (left alone where the log shows it).
    """

    meta: ClassVar = RuleMeta(
        code="CKP005",
        name="evaluated-too-rarely",
        since="0.1",
        summary="the first evaluation is already past the best",
    )
    needs: ClassVar = (VAL_LOSS, TRAIN_LOSS)
    may_use: ClassVar = (TASKS,)
    condition: ClassVar = None
    explained_by: ClassVar = ("DIV001", "DIV002", "NAN001", "NAN002", "LOG003", "LOG004")

    points: int = 3
    share: float = 0.05

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where all later evaluations are worse by a twentieth and training improves."""
        loss, train = of_reading(case[VAL_LOSS], points=self.points), case[TRAIN_LOSS]
        if has_task(case, GAMES) or loss is None or train.curve is None:
            return
        first, later = float(loss.costs[0]), loss.costs[1:]
        rise = float(np.median(later)) - first
        if not (float(later.min()) > first and rise > max(self.share * abs(first), 4 * loss.noise)):
            return
        before = train.series.steps < loss.series.steps[0]
        if (
            not bool(before.any())
            or not train.curve.gained > 3 * train.curve.error
            or train.curve.lost > 0.25 * max(train.curve.gained, 0.0)
        ):
            return
        yield self._describe(case, loss)

    def _describe(self, case: Case, loss: Monitored) -> Finding:
        series = loss.series
        return self.finding(
            f"{series.name} is best at its first evaluation (step {series.steps[0]:g}, {series.values[0]:.4g}) and worse at all {len(series) - 1} later ones",
            Evidence(
                label=f"{series.name}, median of the later evaluations",
                measured=float(np.median(series.values[1:])),
                expected=float(series.values[0]),
                formula="its first evaluation",
                span=case.span(series),
            ),
            severity=Severity.INFO,
            confidence=0.75,
            why="the best weights lie before or near the first evaluation, and nobody saw them",
            do=("evaluate and save five to ten times before this step", "lower the learning rate, or train for less"),
            check="repeat the first interval with ten evaluations in it",
            rank=12,
        )
