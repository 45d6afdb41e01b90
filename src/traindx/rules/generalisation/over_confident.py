"""GEN003: the held-out loss is higher than honest probabilities can make it at this accuracy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import calibrated_loss_ceiling
from traindx.context import LABEL_SMOOTHING, LOSS_FAMILY, METRICS, NUM_CLASSES, VAL_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OverConfident(Rule):
    """The held-out loss is higher than a model with honest probabilities could have at this accuracy.

    ## What it looks at
    The last validation cross-entropy against h(a) + (1 - a) ln(C - 1), the most that calibrated answers cost at accuracy a
    among C classes (h is the entropy of a coin of probability a).

    ## Why it matters
    The answers may be as good as ever: the loss rises because the model is sure of its mistakes. Choosing the checkpoint by
    the loss then throws away a better model, and its probabilities cannot be used as they are.

    ## What to try
    - Choose the checkpoint by the task metric.
    - Fit one temperature on held-out data (divide the logits by it), or train with label smoothing.

    ## When it is wrong
    Where the loss holds more than the cross-entropy: class weights, auxiliary terms.
    """

    meta: ClassVar = RuleMeta(
        code="GEN003",
        name="over-confident",
        since="0.1",
        summary="the held-out loss is too high for its accuracy: overconfidence",
    )
    needs: ClassVar = (VAL_LOSS, METRICS, NUM_CLASSES)
    may_use: ClassVar = (LOSS_FAMILY, LABEL_SMOOTHING)
    explained_by: ClassVar = ("DIV001", "DIV002", "NAN001", "NAN002", "LOG004", "BAS003")

    above: float = 1.2
    """A short last batch and rounding move both numbers by some per cent."""

    better: float = 1.5
    """Accuracy must be clearly above one over the number of classes: at guessing, a bad loss is no confidence."""

    evaluations: int = 3

    def check(self, case: Case) -> Iterator[Finding]:
        loss, classes = case[VAL_LOSS], case[NUM_CLASSES]
        named = case.get(LOSS_FAMILY) == "cross_entropy" and not case.get(LABEL_SMOOTHING)
        if not named or loss.curve is None or loss.curve.count < self.evaluations or classes < 2:
            return
        for reading in plain(case[METRICS], "accuracy"):
            role, curve = reading.role, reading.curve
            if role.split != loss.role.split or role.component is not None or role.k not in (None, 1) or curve is None:
                continue
            share = curve.end.value / reading.full
            if not self.better / classes < share <= 1:
                continue
            ceiling = calibrated_loss_ceiling(share, classes)
            if loss.curve.end.value > self.above * ceiling + 3 * loss.curve.error:
                yield self._describe(case, loss, reading, (share, ceiling))
                return

    def _describe(self, case: Case, loss: Reading, metric: Reading, found: tuple[float, float]) -> Finding:
        assert loss.curve is not None
        assert metric.curve is not None
        share, ceiling = found
        level = loss.curve.end.value
        return self.finding(
            f"{loss.name} {level:.4g} is above {ceiling:.4g}, the most that honest probabilities cost at {100 * share:.3g} % right: the model is overconfident",
            Evidence(
                label=f"last {loss.name}",
                measured=level,
                expected=ceiling,
                formula="h(a) + (1 - a) ln(C - 1)",
                unit="nats",
                span=case.span(loss.series),
                note=f"{metric.name} {metric.curve.end.value:.4g}",
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="the loss is high because the model is sure of its mistakes, not because it makes more of them",
            do=(
                f"choose the checkpoint by {metric.name}, not by {loss.name}",
                "fit one temperature on held-out data before using the probabilities",
            ),
            check="divide the held-out logits by 2: a lower loss at the same accuracy confirms it",
            decided_by="facts",
            rank=20,
        )
