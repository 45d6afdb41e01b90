"""OPT010: the gradient norm has grown by powers of ten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import CLIP_NORM, GAMES, GRAD_NORM, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.optimiser.rates import worse_than
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import Curve


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ExplodingGradient(Rule):
    """The gradient norm ends a thousand times above where it was, or stands at a size that no loss of this level has.

    ## What it looks at
    The last level of the gradient norm against its lowest level, and against the loss; and whether the loss got worse.

    ## Why it matters
    A gradient that grows by powers of ten belongs to weights or activations that do. Clipping shortens the step and keeps
    the direction, which is then that of a few exploding units.

    ## What to try
    - Lower the learning rate from the point where the growth began; check the activations' scale there.
    - Recurrent networks: clip; very deep ones: normalise.

    ## When it is wrong
    Sharp late fits have gradients that grow by ten or thirty; norms of a sum over many elements are large by nature.
    """

    meta: ClassVar = RuleMeta(
        code="OPT010", name="exploding-gradient", since="0.1", summary="the gradient norm has grown by powers of ten"
    )
    needs: ClassVar = (GRAD_NORM, TRAIN_LOSS)
    may_use: ClassVar = (CLIP_NORM, TASKS)
    condition: ClassVar = None
    explained_by: ClassVar = ("DIV001", "DIV002", "NAN001", "NAN003", "AMP006", "LOG003")

    points: int = 12
    growth: float = 1_000.0
    """Fits of ever sharper data bring a factor of some tens; a thousand is out of proportion to any loss."""

    least: float = 100.0
    """A norm below it does little harm, however small it was before."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the last level of the norm is a thousand times its lowest."""
        norm, loss = case[GRAD_NORM], case[TRAIN_LOSS]
        if has_task(case, GAMES) or norm.curve is None or loss.curve is None:
            return
        if norm.curve.count < self.points or loss.curve.count < self.points:
            return
        low, end = self._lowest(norm.curve), norm.curve.end.value
        if not (low > 0 and end > self.growth * low and end > self.least * max(1.0, abs(loss.curve.end.value))):
            return
        yield self._describe(case, norm, loss.curve, low)

    def _lowest(self, norm: Curve) -> float:
        """The lowest of the levels at the start and at the best."""
        return min(norm.start.value, norm.best.value if norm.sign > 0 else norm.start.value)

    def _describe(self, case: Case, norm: Reading, loss: Curve, low: float) -> Finding:
        assert norm.curve is not None
        worse, clip = worse_than(loss, loss.best.value, share=0.05), case.get(CLIP_NORM)
        return self.finding(
            f"{norm.name} has grown {norm.curve.end.value / low:.2g} times, from {low:.3g} to {norm.curve.end.value:.3g}"
            + (f", and the loss got worse, from {loss.best.value:.4g} to {loss.end.value:.4g}" if worse else ""),
            at_level(
                case,
                norm,
                norm.curve.end,
                "last level of the gradient norm",
                expected=low,
                formula="its lowest level",
                note=f"clipped at {clip:g}: the step is shortened, its direction is that of the exploding units"
                if clip
                else "",
            ),
            severity=Severity.WARNING if worse else Severity.INFO,
            confidence=0.85 if worse else 0.6,
            why="such a gradient comes from weights or activations that grow without bound",
            do=(
                "go back to where the growth began and halve the learning rate there",
                "log the norm of every layer: the first one that grows is the place",
            ),
            check="print(max((p.grad.norm().item(), n) for n, p in model.named_parameters() if p.grad is not None))",
            rank=46,
        )
