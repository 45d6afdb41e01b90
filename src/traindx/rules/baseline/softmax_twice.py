"""BAS009: the loss stands at the floor of a softmax that is applied twice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import double_softmax_floor
from traindx.context import LABEL_SMOOTHING, LOSS_FAMILY, METRICS, REFERENCES, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import exponential


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SoftmaxTwice(Rule):
    """Nearly all training answers are right, and the loss stands just above the least that a softmax of probabilities can reach.

    ## What it looks at
    The training loss at the end, the training accuracy beside it, and the level of guessing (where facts give it, else the first loss).

    ## Why it matters
    A cross-entropy that takes logits puts a softmax over what it gets. Where the model ends in a softmax already, the
    logits lie between 0 and 1: the right class gets e / (e + C - 1) at most, and the loss never falls below ln(e + C - 1) - 1, which is 1.461
    for ten classes. The gradient is small from the start, and vanishes early.

    ## What to try
    - Take the softmax out of the model, or use the loss that expects probabilities (`from_logits=False`, `NLLLoss` with `log_softmax`).

    ## When it is wrong
    Strong label smoothing, and heavy mixing of labels, whose own floor may lie there; a contrastive loss of cosines at a scale of 1, whose
    floor is nearly the same (log the temperature).
    """

    meta: ClassVar = RuleMeta(
        code="BAS009", name="softmax-twice", since="0.1", summary="the loss is at the floor of a softmax of a softmax"
    )
    needs: ClassVar = (TRAIN_LOSS, METRICS)
    may_use: ClassVar = (REFERENCES, LOSS_FAMILY, LABEL_SMOOTHING)

    explained_by: ClassVar = ("RET004",)

    right: float = 0.8
    band: float = 0.15
    """How far above the floor, as a share of the way from it to guessing: answers that are nearly all right end there."""

    below: float = 0.02
    near: float = 2.0
    """One batch of guesses has up to twice as many right as the average batch."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the answers are right and the loss is that of clipped probabilities."""
        loss, accuracy = case[TRAIN_LOSS], _accuracy(case)
        if (case.get(LOSS_FAMILY) or "cross_entropy") not in ("cross_entropy", "info_nce") or (
            case.get(LABEL_SMOOTHING) or 0
        ) > 0:
            return
        if loss.curve is None or accuracy is None or accuracy.curve is None or loss.curve.count < 5:
            return
        start, end = float(loss.series.finite().values[0]), loss.curve.end.value
        known = [r.value for r in case.get(REFERENCES) or () if r.kind == "chance" and r.origin != "constant"]
        classes = _choices(known[0]) if known else self._told_by_start(start, accuracy)
        share = accuracy.curve.end.value / accuracy.full
        if not (2 <= classes < 1e6 and share >= self.right):
            return
        floor = double_softmax_floor(round(classes))
        if not floor.value - self.below <= end <= floor.value + self.band * (math.log(classes) - floor.value):
            return
        yield self.finding(
            f"{loss.name} stands at {end:.4g} while {100 * share:.0f} % of the answers are right: a softmax applied twice cannot go below {floor.value:.4g}",
            at_level(
                case,
                loss,
                loss.curve.end,
                f"level of {loss.name}",
                expected=floor.value,
                formula=floor.formula,
                unit="nats",
            ),
            Evidence(
                label=f"last level of {accuracy.name}",
                measured=accuracy.curve.end.value,
                span=case.span(accuracy.series),
            ),
            severity=Severity.WARNING,
            confidence=0.9 if known else 0.8,
            why="the model ends in a softmax, and the loss applies another: its gradient is small and vanishes early",
            do=("return raw scores from the model and let the loss apply the softmax",),
            check="print(output.sum(-1)): rows that add up to 1 are probabilities already",
            rank=50,
        )

    def _told_by_start(self, start: float, accuracy: Reading) -> float:
        """The classes that a first loss tells of; 0 where more answers are right there than guessing has: an epoch has passed."""
        classes, values = _choices(start), accuracy.series.finite().values
        guessing = 1 / classes if classes else 0.0
        return classes if len(values) and float(values[0]) / accuracy.full <= self.near * guessing else 0.0


def _accuracy(case: Case) -> Reading | None:
    """The plain training accuracy."""
    return next(
        (
            r
            for r in case[METRICS]
            if r.role.kind in ("accuracy", "token_accuracy")
            and not r.held_out
            and r.role.component is None
            and (r.role.k or 1) == 1
        ),
        None,
    )


def _choices(loss: float) -> float:
    """Among how many equal answers a first loss guesses; 0 where it is none."""
    return exponential(loss) if 0 < loss < 14 else 0.0
