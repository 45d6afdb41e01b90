"""MET006: more answers are wrong than the cross-entropy can pay for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import FACTS, LOSS_FAMILY, LOSSES, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain, side_by_side
from traindx.rules.rule import Rule, RuleMeta

_SOFTMAX = frozenset({"cross_entropy", "info_nce"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyContradictsLoss(Rule):
    """More answers are wrong than the cross-entropy of the same split can pay for.

    ## What it looks at
    A wrong top answer means that the right class got at most one half, which costs ln 2 = 0.69 or more. So the share of wrong
    answers is at most the mean cross-entropy divided by ln 2, at every evaluation.

    ## Why it matters
    Loss and metric are then not of the same examples, or the loss is divided by something: devices, accumulation
    steps, padding that counts as right.

    ## What to try
    - Compute both by hand for one batch.
    - Look for a division of the loss before it is logged, and for positions that only the loss or only the metric ignores.

    ## When it is wrong
    Losses that are no cross-entropy (focal, squared, margin): the bound does not hold for them.
    """

    meta: ClassVar = RuleMeta(
        code="MET006",
        name="accuracy-contradicts-loss",
        since="0.1",
        summary="more answers are wrong than the loss can pay for",
    )
    needs: ClassVar = (READINGS, LOSSES)
    may_use: ClassVar = (FACTS, LOSS_FAMILY)
    condition: ClassVar = "metric_arithmetic"
    explained_by: ClassVar = ("MET001", "LOG004")

    points: int = 5
    slack: float = 0.10
    """A loss averaged over batches and an accuracy over samples differ by the short last batch: some per cent."""

    least_error: float = 0.05
    """A few wrong answers more or less are noise."""

    share: float = 0.8

    def check(self, case: Case) -> Iterator[Finding]:
        named = self._named(case)
        for accuracy in plain(case[READINGS], "accuracy", "token_accuracy"):
            if accuracy.role.component is not None or accuracy.role.k not in (None, 1) or accuracy.role.part:
                continue
            for loss in (r for r in case[LOSSES] if r.role.split == accuracy.role.split and r.role.part == ""):
                found = self._compare(case, accuracy, loss, named=named or loss.role.family == "cross_entropy")
                if found is not None:
                    yield found
                    return

    def _named(self, case: Case) -> bool:
        fact = (case.get(FACTS) or {}).get("loss")
        return fact is not None and fact.origin != "inferred" and fact.value == "cross_entropy"

    def _compare(self, case: Case, accuracy: Reading, loss: Reading, *, named: bool) -> Finding | None:
        right, level = side_by_side(accuracy, loss)
        if len(right) < self.points or not bool((level >= 0).all()):
            return None
        if not named and (case.get(LOSS_FAMILY) not in _SOFTMAX or not _starts_like_softmax(level)):
            return None
        wrong = 1 - right / accuracy.full
        bound = level / math.log(2)
        broken = (wrong > bound * (1 + self.slack) + self.least_error) & (wrong <= 1)
        if not float(np.mean(broken)) >= self.share:
            return None
        worst = int(np.argmax(wrong - bound))
        return self.finding(
            f"{100 * wrong[worst]:.3g} % of answers are wrong in {accuracy.name}, but {loss.name} {level[worst]:.4g} pays for {100 * bound[worst]:.3g} % at most",
            Evidence(
                label=f"share of wrong answers beside {loss.name} {level[worst]:.4g}",
                measured=float(wrong[worst]),
                expected=float(bound[worst]),
                formula="loss / ln 2",
                span=case.span(accuracy.series),
                note=f"so at {int(broken.sum())} of {len(broken)} common points",
            ),
            severity=Severity.WARNING if named else Severity.INFO,
            confidence=0.9 if named else 0.6,
            why="every wrong answer costs at least ln 2 nats: the two numbers are of different examples, or the loss is divided",
            do=(
                "compute loss and accuracy by hand for one batch",
                "look for padding that the loss averages over, and for a division by devices or accumulation steps",
            ),
            check="the loss of one batch must be at least ln 2 times its share of wrong answers",
            rank=56,
        )


def _starts_like_softmax(level: np.ndarray) -> bool:
    """Whether a loss without a name starts where a cross-entropy of two classes or more does."""
    return float(np.max(level[: max(1, len(level) // 10)])) >= 0.5
