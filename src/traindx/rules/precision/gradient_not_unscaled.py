"""AMP006: the gradient norm is that of the scaled loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import CLIP_NORM, GRAD_NORM, OPTIMIZER, READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.precision.loss_scales import at_points_of, loss_scale
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Series
from traindx.signals import Follow, follow


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GradientNotUnscaled(Rule):
    """The gradient norm doubles and halves with the loss scale: it is taken before the gradients are unscaled.

    ## What it looks at
    By which power of the loss scale the gradient norm leaps where the scale does: 1 is proportional, 0 is as it should be.

    ## Why it matters
    If the norm is only logged there, the numbers are off by the scale and no more. If gradients are clipped there as well,
    every step is shortened to clip norm / scale, which SGD cannot bear and which brings Adam near its epsilon.

    ## What to try
    - `scaler.unscale_(optimizer)` before `clip_grad_norm_`, then `scaler.step(optimizer)`.

    ## When it is wrong
    Where the scale moved only a few times and the gradient happened to move with it.
    """

    meta: ClassVar = RuleMeta(
        code="AMP006",
        name="gradient-not-unscaled",
        since="0.1",
        summary="the gradient norm is taken before unscaling",
    )
    needs: ClassVar = (GRAD_NORM, READINGS)
    may_use: ClassVar = (CLIP_NORM, OPTIMIZER)
    condition: ClassVar = None

    leaps: int = 3
    lowest: float = 0.7
    highest: float = 1.3
    agreeing: float = 0.8
    """Four of five leaps: by accident, a norm that varies by half moves with three given leaps one time in a hundred."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the norm leaps with the scale."""
        scale, norm = loss_scale(case[READINGS], points=10), case[GRAD_NORM].series
        if scale is None or len(norm) < 10:
            return
        found = follow(norm.values, at_points_of(norm, scale))
        if found is None or found.leaps < self.leaps or found.agreeing < self.agreeing:
            return
        if not self.lowest <= found.exponent <= self.highest:
            return
        yield self._describe(case, norm, scale, found)

    def _describe(self, case: Case, norm: Series, scale: Series, found: Follow) -> Finding:
        clip = case.get(CLIP_NORM)
        clipped = clip is not None and clip > 0
        return self.finding(
            f"{norm.name} leaps with {scale.name} at {100 * found.agreeing:.0f} % of its {found.leaps} changes: it is the norm of scaled gradients"
            + (f", and they are clipped at {clip:g}" if clipped else ""),
            Evidence(
                label="power of the loss scale by which the gradient norm leaps",
                measured=found.exponent,
                expected=0.0,
                formula="unscaled gradients do not know the scale",
                span=case.span(norm),
            ),
            severity=Severity.WARNING if clipped else Severity.INFO,
            confidence=0.85,
            why="clipping before unscaling shortens every step by the loss scale"
            if clipped
            else "the logged norm is too large by the loss scale; if gradients are clipped there, every step is shortened by it",
            do=("call scaler.unscale_(optimizer) before the norm is taken or clipped",),
            check="scaler.unscale_(optimizer); print(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0), scaler.get_scale())",
            decided_by="facts" if clipped else "log",
            rank=42,
        )
