"""CKP004: loss and metric would choose different checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import MAIN_METRIC, VAL_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.checkpoints.monitored import Monitored, of_reading, speaks_for_itself
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaDisagree(Rule):
    """The validation loss and the task metric are best at places far apart, and the choice matters.

    ## What it looks at
    Where each is best, and what the metric was where the loss was best, against the metric's best level and its noise.

    ## Why it matters
    Early stopping on the loss ends the run before the metric has its best. A loss that rises while answers improve
    is over-confidence: it costs calibration, not accuracy.

    ## What to try
    - Monitor the metric by which the model will be judged; calibrate the probabilities afterwards.

    ## When it is wrong
    Where probabilities are used as such, the loss is the better judge.
    """

    meta: ClassVar = RuleMeta(
        code="CKP004",
        name="criteria-disagree",
        since="0.1",
        summary="loss and metric would choose different checkpoints",
    )
    needs: ClassVar = (VAL_LOSS, MAIN_METRIC)
    condition: ClassVar = None
    explained_by: ClassVar = ("GEN001", "DIV001", "DIV002", "NAN001", "LOG003", "BAS006")

    points: int = 6
    apart: float = 0.25
    share: float = 0.05
    """A twentieth of what the metric gained is the least that is worth another choice."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the metric at the best loss is clearly below its best."""
        loss = of_reading(case[VAL_LOSS], points=self.points)
        metric = of_reading(case[MAIN_METRIC], points=self.points)
        if loss is None or metric is None or not speaks_for_itself(metric):
            return
        there, best = _place(loss), _place(metric)
        if not abs(there - best) > self.apart:
            return
        index = min(len(metric.costs) - 1, round(there * (len(metric.costs) - 1)))
        missed = float(metric.costs[index]) - metric.curve.sign * metric.curve.best.value
        if not missed > max(4 * metric.noise, 3 * metric.curve.error, self.share * metric.curve.gained) > 0:
            return
        yield self._describe(case, loss, metric, index)

    def _describe(self, case: Case, loss: Monitored, metric: Monitored, index: int) -> Finding:
        best, series = _middle(metric), metric.series
        return self.finding(
            f"{loss.series.name} is best near step {loss.series.steps[_middle(loss)]:g}, {series.name} near step {series.steps[best]:g}: choosing by the loss gives {float(series.values[index]):.4g} instead of {metric.curve.best.value:.4g}",
            Evidence(
                label=f"{series.name} where the loss is best",
                measured=float(series.values[index]),
                expected=metric.curve.best.value,
                formula=f"its best level, near step {series.steps[best]:g}",
                span=case.span(series, index, index),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="the loss also punishes over-confidence, which the metric does not see",
            do=(f"choose and stop by {series.name}", "calibrate the probabilities afterwards, if they are used"),
            check="evaluate both checkpoints on a second held-out set, by the metric that counts",
            rank=6,
        )


def _middle(found: Monitored) -> int:
    return min((found.curve.best.first + found.curve.best.last) // 2, len(found.series) - 1)


def _place(found: Monitored) -> float:
    """Where in the run the best level lies, from 0 to 1."""
    return _middle(found) / max(1, len(found.series) - 1)
