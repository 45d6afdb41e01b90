"""AMP001: the loss scale has fallen to its floor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TRAIN_LOSS, Case, is_flat
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.precision.loss_scales import loss_scale
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Series


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossScaleCollapses(Rule):
    """The loss scale of mixed precision has been halved down to its floor, or is still being halved at the end.

    ## What it looks at
    The last values of the logged loss scale against its first, and whether it recovers in the last third.

    ## Why it matters
    Every halving is a step whose gradient overflowed and was thrown away. A scale that settles is ordinary; one that falls to
    1 and below means that gradients or activations themselves exceed 65,504, the largest number of float16: the run is
    diverging, or computes NaN for a reason that no scale can mend.

    ## What to try
    - Train in bfloat16 or float32 from the last checkpoint at which the scale was steady.
    - Lower the learning rate; compute losses, norms and softmax in float32.

    ## When it is wrong
    The first steps of a run, in which the scale comes down from its start.
    """

    meta: ClassVar = RuleMeta(
        code="AMP001", name="loss-scale-collapses", since="0.1", summary="the loss scale has fallen to its floor"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (TRAIN_LOSS,)
    condition: ClassVar = None

    floor: float = 1.0
    halvings: float = 6.0
    """A scale that began at 128 or above and stands at 1 lost all its room."""

    falling: float = 4.0
    low: float = 16.0
    """Still being halved at the end counts only where the scale is low already: high starts settle for long."""

    points: int = 20

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the scale is at its floor, below 1, or low and falling to the end."""
        scale = loss_scale(case[READINGS])
        if scale is None or not float(scale.values[-1]) > 0:
            return
        first, last = float(np.max(scale.values[: max(1, len(scale) // 10)])), float(scale.values[-1])
        third = scale.values[2 * len(scale) // 3 :]
        first = max(first, last)
        down = np.log2(first / last) >= self.halvings and last <= self.floor and float(third.max()) <= 4 * last
        still = (
            len(scale) >= self.points
            and last <= self.low
            and bool((np.diff(third) <= 0).all())
            and float(third[0]) >= 2**self.falling * last
        )
        if not (last < self.floor or down or still):
            return
        yield self._describe(case, scale, first)

    def _describe(self, case: Case, scale: Series, first: float) -> Finding:
        last, dead = float(scale.values[-1]), self._dead(case)
        return self.finding(
            f"{scale.name} stands at {last:g}"
            + (f", down from {first:g}" if first > last else "")
            + ("" if not dead else ", and the loss does not improve"),
            Evidence(
                label="last loss scale",
                measured=last,
                expected=first if first > last else self.floor,
                formula="its first values" if first > last else "a scale of 1 is none",
                span=case.span(scale),
            ),
            severity=Severity.ERROR if dead else Severity.WARNING,
            confidence=0.9 if dead else 0.8,
            why="gradients overflow at any scale: the numbers themselves are beyond what float16 can hold",
            do=(
                "go back to a checkpoint from before the fall, and train in bfloat16 or float32",
                "lower the learning rate, and compute softmax, norms and the loss in float32",
            ),
            check="one step in float32 from this checkpoint: a finite gradient norm under 65,504 means overflow, NaN means a fault elsewhere",
            rank=79,
        )

    def _dead(self, case: Case) -> bool:
        """Whether the training loss is not finite at the end, or never improved."""
        loss = case.get(TRAIN_LOSS)
        if loss is None or len(loss.series) < 5:
            return False
        return loss.curve is None or not np.isfinite(loss.series.values[-1]) or is_flat(loss.curve)
