"""AMP002: many steps are thrown away because their gradient overflowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.precision.loss_scales import loss_scale, steps_covered
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Series


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ManySkippedSteps(Rule):
    """Mixed precision throws away far more steps than its search for the right scale needs.

    ## What it looks at
    Logged counts of skipped steps (per line, or counted from the start), and the halvings of the loss scale, each of which is
    one skipped step at least; as a share of all steps after the first twentieth.

    ## Why it matters
    A dynamic loss scale is doubled every 1,000 or 2,000 steps and overflows once for it. Ten times as many mean that the
    gradients themselves leap; every skipped step is a batch that was paid for and not learnt from.

    ## What to try
    - bfloat16; a lower learning rate; gradient clipping; the softmax and the loss in float32.

    ## When it is wrong
    Scalers with a short growth interval (100 steps) skip one step in a hundred by design.
    """

    meta: ClassVar = RuleMeta(
        code="AMP002", name="many-skipped-steps", since="0.1", summary="many steps are skipped because of overflow"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = None
    explained_by: ClassVar = ("AMP001", "NAN001", "NAN003")

    usual: float = 1 / 1_000
    share: float = 0.01
    """One in a hundred is ten times what a growth interval of 1,000 steps causes."""

    heavy: float = 0.10
    """One in ten makes a material part of the run."""

    fewest: float = 3.0
    points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where more than one step in a hundred is skipped."""
        counted = [_skipped(r.series.finite()) for r in _counts(case[READINGS]) if len(r.series) >= self.points]
        scale = loss_scale(case[READINGS], points=self.points)
        if scale is not None:
            counted.append(_halvings(scale))
        series, skipped, steps = max(counted, key=lambda found: found[1] / found[2], default=(None, 0.0, 1.0))
        share = skipped / steps
        if series is None or skipped < self.fewest or not share > self.share:
            return
        yield self.finding(
            f"{skipped:.0f} of about {steps:.0f} steps were skipped because their gradient overflowed ({100 * share:.2g} %)",
            Evidence(
                label="share of skipped steps",
                measured=share,
                expected=self.usual,
                formula="once per growth interval of the loss scale",
                span=case.span(series),
            ),
            severity=Severity.WARNING if share > self.heavy else Severity.INFO,
            confidence=0.85,
            why="a skipped step is a batch that was computed and not learnt from; so many mean that gradients leap",
            do=("train in bfloat16", "lower the learning rate or clip, so that gradients leap less"),
            check="print(scaler.get_scale(), scaler._growth_interval)  # the scale must stay for a whole interval",
            rank=38,
        )


def _counts(readings: Sequence[Reading]) -> list[Reading]:
    return [r for r in readings if r.role.kind == "overflow" and r.role.component is None and not r.held_out]


def _skipped(series: Series) -> tuple[Series, float, float]:
    """The series after its first twentieth, the steps skipped there, and all steps there."""
    late = series.take(slice(len(series) // 20, None))
    values = np.clip(late.values, 0, 1e12)
    if len(values) < 2:
        return late, 0.0, 1.0
    growing = bool((np.diff(values) >= 0).all()) and float(values[-1]) > 1
    steps = max(1.0, steps_covered(late))
    if not growing and float(values.max()) > 1.01 * steps / len(values):
        return late, 0.0, steps  # neither a count from the start nor one per line: two engines in turns
    return late, float(values[-1] - values[0]) if growing else float(values.sum()), steps


def _halvings(scale: Series) -> tuple[Series, float, float]:
    late = scale.take(slice(len(scale) // 20, None))
    before, now = late.values[:-1], late.values[1:]
    at = np.flatnonzero((now < 0.75 * before) & (now > 0))
    halvings = np.round(np.log2(before[at]) - np.log2(now[at]))
    return late, float(halvings.sum()), max(1.0, steps_covered(late))
