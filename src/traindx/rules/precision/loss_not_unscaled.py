"""AMP007: the logged loss is multiplied by the loss scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, TRAIN_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.precision.loss_scales import at_points_of, loss_scale
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import follow


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossNotUnscaled(Rule):
    """The logged loss doubles and halves with the loss scale of mixed precision.

    ## What it looks at
    By which power of the loss scale the training loss leaps where the scale does: 1 is proportional, 0 is as it should be.

    ## Why it matters
    The numbers are those of the scaled loss: no level of theory fits them, and every change of the scale looks like a
    leap of the model.

    ## What to try
    - Log the loss before `scaler.scale(loss)`; `traindx` judges the curve once it is divided by the scale.

    ## When it is wrong
    Where the scale moved only a few times and the loss happened to move with it.
    """

    meta: ClassVar = RuleMeta(
        code="AMP007", name="loss-not-unscaled", since="0.1", summary="the logged loss is multiplied by the loss scale"
    )
    needs: ClassVar = (TRAIN_LOSS, READINGS)
    condition: ClassVar = "scale"

    leaps: int = 3
    lowest: float = 0.9
    highest: float = 1.1
    """A loss moves far less from step to step than a gradient: a leap by the scale's factor is plain."""

    agreeing: float = 0.8

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the loss leaps with the scale."""
        loss = case[TRAIN_LOSS].series
        scale = loss_scale(case[READINGS], points=10)
        if scale is None or len(loss) < 10:
            return
        found = follow(loss.values, at_points_of(loss, scale))
        if found is None or found.leaps < self.leaps or found.agreeing < self.agreeing:
            return
        if not self.lowest <= found.exponent <= self.highest:
            return
        yield self.finding(
            f"{loss.name} leaps with {scale.name} at {100 * found.agreeing:.0f} % of its {found.leaps} changes: it is logged times the loss scale",
            Evidence(
                label="power of the loss scale by which the loss leaps",
                measured=found.exponent,
                expected=0.0,
                formula="a loss does not know the scale",
                span=case.span(loss),
            ),
            severity=Severity.WARNING,
            confidence=0.9,
            why="the level of this curve says nothing until it is divided by the loss scale",
            do=("log the loss before scaler.scale(loss)", "divide the logged values by the logged loss scale"),
            check="print(loss.item(), scaler.scale(loss).item(), scaler.get_scale())",
            rank=74,
        )
