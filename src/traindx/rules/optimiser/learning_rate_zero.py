"""OPT001: the learning rate is zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GRAD_NORM, LEARNING_RATES, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRateZero(Rule):
    """The learning rate is zero while the run goes on.

    ## What it looks at
    The share of logged learning rates that are exactly zero, outside the first and the last logged value.

    ## Why it matters
    With a learning rate of zero nothing is learnt: a schedule that ended too early, a warm-up counted in the wrong unit,
    a total number of steps that does not count accumulation.

    ## What to try
    - Compare the schedule's total steps with batches x epochs / accumulation.

    ## When it is wrong
    Programs that print too few decimals (0.000000); a parameter group that is frozen on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="OPT001", name="learning-rate-zero", since="0.1", summary="the learning rate is zero"
    )
    needs: ClassVar = (LEARNING_RATES,)
    may_use: ClassVar = (GRAD_NORM, TRAIN_LOSS)
    condition: ClassVar = "lr_schedule"

    share: float = 0.10
    points: int = 3
    learning_points: int = 5
    learning_share: float = 0.05
    """A loss that came down by a twentieth, beyond its noise, is being learnt by somebody."""

    def check(self, case: Case) -> Iterator[Finding]:
        readings = case[LEARNING_RATES]
        flagged = [r for r in readings if self._idle(r) > self.share]
        if not flagged or len(flagged) < len(readings):
            return
        reading = flagged[0]
        zero = reading.series.values == 0
        always = bool(zero.all())
        if always and self._learns(case):
            return  # printed with too few decimals: with a rate of zero the loss could not have come down
        norm = case.get(GRAD_NORM)
        dead = norm is not None and bool((norm.series.values == 0).all())
        also = " and so is the gradient norm" if always and dead else ""
        yield self.finding(
            f"{reading.name} is 0 at {int(zero.sum())} of {len(zero)} logged points{also}",
            Evidence(
                label="share of points with a learning rate of 0",
                measured=float(zero.mean()),
                expected=0.0,
                span=case.span(reading.series, int(np.argmax(zero)), -1),
            ),
            severity=Severity.ERROR if always else Severity.WARNING,
            confidence=(0.97 if dead else 0.9) if always else 0.85,
            why="no parameter moves while the learning rate is zero; these steps cost time and change nothing",
            do=(
                "check the total steps, warm-up steps and unit (steps or epochs) of the schedule",
                "check that scheduler.step() is called as often as the schedule expects",
            ),
            check="print the learning rate of every parameter group after ten steps",
            rank=82,
        )

    def _learns(self, case: Case) -> bool:
        loss = case.get(TRAIN_LOSS)
        curve = loss.curve if loss is not None else None
        return (
            curve is not None
            and curve.count >= self.learning_points
            and curve.gained > max(3 * curve.error, self.learning_share * abs(curve.start.value))
        )

    def _idle(self, reading: Reading) -> float:
        """Share of zeros among the inner points; rounding to zero is told from zero by the values around it."""
        values = reading.series.values
        if len(values) < self.points:
            return 0.0
        inner = values if bool((values == 0).all()) else values[1:-1]
        smallest = float(np.min(values[values > 0], initial=np.inf))
        rounded = smallest < np.inf and smallest <= 1e-5 and _on_grid(values, smallest)
        return 0.0 if rounded or not len(inner) else float((inner == 0).mean())


def _on_grid(values: np.ndarray, step: float) -> bool:
    """Whether every value is a whole multiple of the smallest: printed with too few decimals."""
    return bool(np.allclose(values / step, np.round(values / step), atol=1e-6))
