"""MOE005: the logits of the router, or of the output, grow without end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, readings_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RouterLogitsGrow(Rule):
    """The z-loss has grown many times over: the logits drift away from zero.

    ## What it looks at
    The z-loss, the mean of (ln sum e^logit)², over the last tenth of the run against its level before: ten times its level
    in the middle, and above its start.

    ## Why it matters
    Large logits make a softmax sure of itself and its gradient small, lose their last digits in half precision, and
    come before many divergences of large models.

    ## What to try
    - Raise the factor of the z-loss (1e-4 for the output, 1e-3 for routers are usual); compute these logits in float32.

    ## When it is wrong
    A z-loss that starts near zero and finds its level.
    """

    meta: ClassVar = RuleMeta(
        code="MOE005", name="router-logits-grow", since="0.1", summary="the z-loss grows many times over"
    )
    needs: ClassVar = (READINGS,)
    explained_by: ClassVar = ("DIV001", "NAN001", "NAN002")

    points: int = 30
    factor: float = 10.0

    def check(self, case: Case) -> Iterator[Finding]:
        for loss in readings_of(case, "loss", None, ("z_loss",)):
            if loss.held_out or not self._grew(loss):
                continue
            middle, now = level_of(loss, 0.3, 0.6), level_of(loss, 0.9)
            yield self.finding(
                f"{loss.name} grew from {middle:.3g} in the middle of the run to {now:.3g}: the logits drift away from zero",
                across(
                    case,
                    loss,
                    f"{loss.name} over the last tenth",
                    now,
                    first=0.9,
                    expected=middle,
                    formula="its level in the middle",
                ),
                severity=Severity.WARNING,
                confidence=0.8,
                why="large logits lose their last digits in half precision, and come before many divergences",
                do=("raise the factor of the z-loss", "compute these logits in float32, and lower the learning rate"),
                check="the largest logit of one batch: beyond 100 is far too much",
                rank=39,
            )
            return

    def _grew(self, loss: Reading) -> bool:
        if loss.curve is None or loss.curve.count < self.points or not come_far(loss):
            return False
        begun, middle, now = level_of(loss, 0.0, 0.1), level_of(loss, 0.3, 0.6), level_of(loss, 0.9)
        return middle > 0 and now >= self.factor * middle and now > 2 * begun and level_of(loss, 0.8, 0.9) < now
