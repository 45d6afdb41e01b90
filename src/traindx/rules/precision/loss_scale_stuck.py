"""AMP005: gradients overflow, and the loss scale does not move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GRAD_NORM, READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.precision.loss_scales import loss_scale
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossScaleStuck(Rule):
    """Gradient norms are NaN or infinite again and again, and the loss scale stays where it is.

    ## What it looks at
    The number of gradient norms that are not finite while the logged loss scale is one and the same.

    ## Why it matters
    A dynamic scale answers an overflow by halving itself. One that does not is static, or nobody calls `update()`: the same
    overflow comes back at every such batch.

    ## What to try
    - Call `scaler.step(optimizer)` and then `scaler.update()` at every step; or lower a static scale.

    ## When it is wrong
    The NaN comes from the data or from a division by zero; then no scale helps, and the scale may be right to stay.
    """

    meta: ClassVar = RuleMeta(
        code="AMP005", name="loss-scale-stuck", since="0.1", summary="gradients overflow and the loss scale stays"
    )
    needs: ClassVar = (GRAD_NORM, READINGS)
    condition: ClassVar = None
    explained_by: ClassVar = ("NAN001",)

    overflows: int = 3
    share: float = 0.005
    """Ten times what a dynamic scale would cause by itself."""

    points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where overflows leave the scale as it is."""
        scale, norm = loss_scale(case[READINGS], points=self.points), case[GRAD_NORM].series
        if scale is None or not float(scale.values[0]) > 1 or float(np.ptp(scale.values)) > 0:
            return
        bad = ~np.isfinite(norm.values)
        count, share = int(bad.sum()), float(bad.mean())
        if count < self.overflows or not share > self.share:
            return
        yield self.finding(
            f"{count} of {len(norm)} gradient norms are not finite, and {scale.name} stays at {float(scale.values[0]):g}",
            Evidence(
                label="halvings of the loss scale",
                measured=0.0,
                expected=float(count),
                formula="one for each overflow",
                span=case.span(norm, int(np.argmax(bad)), -1),
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why="a scale that never answers lets the same overflow come back",
            do=(
                "call scaler.update() after every scaler.step(optimizer)",
                "with a static scale: halve it until the norms are finite, or make it dynamic",
            ),
            check="print(scaler.state_dict())  # the scale must halve after a step that overflowed",
            rank=78,
        )
