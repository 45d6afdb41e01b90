"""NAN003: the gradient is NaN or infinite while the loss looks ordinary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.context import GRAD_NORM, READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GradientNotFinite(Rule):
    """The gradient norm is NaN or infinite.

    ## What it looks at
    The share of logged gradient norms that are not finite. Where a loss scale is logged beside them, the first steps,
    while it settles, are not counted, and up to one in twenty after them is a remark: a scaler with a short growth interval.

    ## Why it matters
    With loss scaling (float16), now and then a step overflows and is skipped: ordinary, and rare. Where most steps
    overflow, no step is taken and nothing is learnt, however ordinary the loss looks.

    ## What to try
    - bfloat16 instead of float16; check that the loss scale settles.
    - Find the layer: `torch.autograd.set_detect_anomaly(True)` for one step.

    ## When it is wrong
    In the first steps of a float16 run, while the loss scale comes down from its start.
    """

    meta: ClassVar = RuleMeta(
        code="NAN003", name="gradient-not-finite", since="0.1", summary="the gradient norm is NaN or infinite"
    )
    needs: ClassVar = (GRAD_NORM,)
    may_use: ClassVar = (READINGS,)
    condition: ClassVar = "nan"

    dead_share: float = 0.5
    """When half of all steps are lost, loss scaling is no longer an explanation: it would have settled."""

    skipped_share: float = 0.02
    """Loss scaling tries a doubled scale about once in 2,000 steps; one step in fifty is far more than that."""

    scaled_share: float = 0.05
    """With a logged loss scale the overflows are its probes of a doubled value: at most one in a short growth interval of 20."""

    settling_points: int = 16
    """From 2^16 down to 1 is sixteen halvings: no scaler needs more first steps to settle."""

    def check(self, case: Case) -> Iterator[Finding]:
        series = case[GRAD_NORM].series
        bad = ~np.isfinite(series.values)
        share = float(bad.mean())
        if not (share > self.skipped_share and int(bad.sum()) >= 2):
            return
        dead = share >= self.dead_share and bool(bad[-1])
        yield self.finding(
            f"the gradient norm is not finite at {int(bad.sum())} of {len(series)} logged steps",
            Evidence(
                label="share of steps without a finite gradient",
                measured=share,
                expected=self.dead_share if dead else self.skipped_share,
                span=case.span(series, int(np.argmax(bad)), -1),
            ),
            severity=Severity.ERROR if dead else Severity.INFO if self._probing(case, bad) else Severity.WARNING,
            confidence=0.95 if len(series) >= 3 else 0.8,
            why="a step with such a gradient is skipped at best, and destroys the weights at worst",
            do=("train in bfloat16 or float32", "log the loss scale: if it keeps halving, activations overflow"),
            check="one step in float32: a finite norm there means float16 overflow",
            rank=80,
        )

    def _probing(self, case: Case, bad: NDArray[np.bool_]) -> bool:
        """Whether a logged loss scale that keeps its height explains the overflows: few, and none at the end."""
        scales = [r.curve for r in case.get(READINGS) or () if r.role.kind == "loss_scale" and r.curve is not None]
        settled = next(iter(np.flatnonzero(~bad)), 0)
        late = bad[settled:] if settled <= self.settling_points else bad
        few = float(late.mean()) <= self.scaled_share and not bool(bad[-1])
        return few and any(s.end.value >= 1 and s.end.value >= 0.25 * float(np.median(s.levels)) for s in scales)
