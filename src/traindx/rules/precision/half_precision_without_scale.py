"""AMP004: float16 without a logged loss scale, and numbers that are not finite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import PRECISION, READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.precision.loss_scales import loss_scale
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HalfPrecisionWithoutScale(Rule):
    """The run trains in float16, numbers became NaN or infinite, and no loss scale is logged that would tell why.

    ## What it looks at
    The precision among the settings, the logged losses and gradient norms, and whether a loss scale is among the series.

    ## Why it matters
    float16 ends at 65,504 and loses everything under 6e-8. With a loss scale both ends are watched; without one (or
    unseen) overflow and underflow look like any other NaN or plateau.

    ## What to try
    - bfloat16 where the device has it; else a `GradScaler`, and its scale in the log.

    ## When it is wrong
    The scale is used and only not logged.
    """

    meta: ClassVar = RuleMeta(
        code="AMP004",
        name="half-precision-without-scale",
        since="0.1",
        summary="float16, no loss scale logged, and numbers that are not finite",
    )
    needs: ClassVar = (PRECISION, READINGS)
    condition: ClassVar = None

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where float16 meets numbers that are not finite and no loss scale is logged."""
        if case[PRECISION] != "fp16" or loss_scale(case[READINGS]) is not None:
            return
        judged = [r for r in case[READINGS] if r.role.kind in ("loss", "grad_norm") and not r.held_out]
        bad = [(r, ~np.isfinite(r.series.values)) for r in judged]
        found = next(((r, b) for r, b in bad if bool(b.any())), None)
        if found is None:
            return
        reading, where = found
        yield self.finding(
            f"the run trains in float16, {reading.name} is not finite at {int(where.sum())} points, and no loss scale is logged",
            Evidence(
                label=f"points of {reading.name} that are not finite",
                measured=float(where.sum()),
                expected=0.0,
                span=case.span(reading.series, int(np.argmax(where)), -1),
            ),
            severity=Severity.INFO,
            confidence=0.7,
            why="float16 ends at 65,504: overflow is the first suspect, and the loss scale would show it",
            do=("train in bfloat16 where the device has it", "use a gradient scaler, and log its scale at every step"),
            check="print(torch.cuda.is_bf16_supported(), scaler.get_scale() if scaler else None)",
            decided_by="facts",
            rank=36,
        )
