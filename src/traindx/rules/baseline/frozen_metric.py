"""BAS007: a share of right answers is the same number at every evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import JUDGED_LOSS, METRICS, TASKS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta

_SHARES = frozenset(
    {"accuracy", "balanced_accuracy", "f1", "auroc", "error_rate", "recall", "precision", "mcc", "kappa"}
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenMetric(Rule):
    """A share of right answers is the same number at every evaluation.

    ## What it looks at
    All of accuracy, F1 and their relatives that are measured on held-out data, over all evaluations of the run: at least five,
    each equal as printed, and neither 0 nor over 90 %, where a trained model has little left to change.

    ## Why it matters
    A model that changes its mind about a single example changes this number. One that never does answers the same class
    every time; the number is then the share of that class.

    ## What to try
    - Print the distribution of predicted classes: one class only confirms it.
    - Check that the weights change at all, and that inputs are scaled as the model expects.

    ## When it is wrong
    Held-out sets of a few dozen examples, on which nothing happens to change; a metric that is printed but never computed.
    """

    meta: ClassVar = RuleMeta(
        code="BAS007", name="frozen-metric", since="0.1", summary="a metric is the same number at every evaluation"
    )
    needs: ClassVar = (METRICS,)
    may_use: ClassVar = (JUDGED_LOSS, TASKS)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("BAS001", "BAS002", "BAS004", "NAN001", "NAN002")

    evaluations: int = 5
    sure_evaluations: int = 8
    """On a hundred examples, eight evaluations of a model that learns agree by chance in far under one case of a thousand."""

    saturated: float = 0.9
    moving_loss_share: float = 0.10
    """A loss that came down by a tenth is a model that learns something: then the metric may be at fault."""

    def check(self, case: Case) -> Iterator[Finding]:
        if "reinforcement" in (case.get(TASKS) or frozenset()):
            return
        shares = [r for r in case[METRICS] if r.held_out and r.role.kind in _SHARES]
        if shares and all(self._is_frozen(r) for r in shares):
            yield self._describe(case, shares)

    def _is_frozen(self, reading: Reading) -> bool:
        values = reading.series.finite().values
        if len(values) < self.evaluations:
            return False
        low, high = float(np.min(values)), float(np.max(values))
        full = 100.0 if high > 1.0 else 1.0
        return low == high and 0.0 < low <= self.saturated * full

    def _describe(self, case: Case, frozen: list[Reading]) -> Finding:
        reading = max(frozen, key=lambda r: len(r.series))
        value, count = float(reading.series.finite().values[0]), len(reading.series.finite())
        loss = case.get(JUDGED_LOSS)
        curve = loss.curve if loss is not None else None
        moved = curve is not None and curve.gained > self.moving_loss_share * abs(curve.start.value)
        sure = count >= self.sure_evaluations and come_far(reading) and not moved
        return self.finding(
            f"{reading.name} is {value:.4g} at every one of {count} evaluations: a model that always gives one answer",
            Evidence(
                label=f"distinct values of {reading.name}",
                measured=1.0,
                expected=float(count),
                formula="a learning model changes some answer",
                span=case.span(reading.series),
            ),
            severity=Severity.ERROR if sure else Severity.WARNING,
            confidence=0.9 if sure else 0.75,
            why="the number is the share of the class that is always answered; nothing of the input arrives at the output",
            do=(
                "print how often each class is predicted: one class alone confirms it",
                "check the scale of the inputs, dead units, and whether the weights change at all",
            ),
            check="shuffle the inputs between examples: an unchanged metric proves that they are ignored",
            rank=64,
        )
