"""DET009: training and held-out loss are different sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, TRAIN_LOSS, VAL_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SumsDifferBySplit(Rule):
    """The training loss of a detector is a multiple of its held-out loss, from the beginning to the end.

    ## What it looks at
    The ratio of both losses at the start and at the end of the run: a constant factor of two and a half to fifty.

    ## Why it matters
    Training adds the losses of auxiliary decoder layers and of one-to-many matching; evaluation does not. The gap is neither
    underfitting nor a leak, and the two curves must not be compared.

    ## What to try
    - Compare single terms of the last layer, or evaluate the training set as the held-out one.

    ## When it is wrong
    Where both are known to be the same sum: then training is made harder than evaluation.
    """

    meta: ClassVar = RuleMeta(
        code="DET009", name="sums-differ-by-split", since="0.1", summary="training and held-out loss are different sums"
    )
    needs: ClassVar = (TRAIN_LOSS, VAL_LOSS, TASKS)
    may_use: ClassVar = (READINGS,)
    explained_by: ClassVar = ("DET003", "DIV001", "DIV002", "NAN001", "NAN002")

    least: float = 2.5
    most: float = 50.0
    steady: float = 1.6
    evaluations: int = 3

    def check(self, case: Case) -> Iterator[Finding]:
        train, val = case[TRAIN_LOSS], case[VAL_LOSS]
        if "detection" not in case[TASKS] or train.curve is None or val.curve is None:
            return
        levels = np.array([train.curve.start.value, val.curve.start.value, train.curve.end.value, val.curve.end.value])
        if not bool((levels > 0).all()) or val.curve.count < self.evaluations:
            return
        first, last = float(levels[0] / levels[1]), float(levels[2] / levels[3])
        if (
            min(first, last) > self.least
            and max(first, last) < self.most
            and max(first / last, last / first) < self.steady
        ):
            layers = sorted({r.role.part for r in case.get(READINGS) or () if r.role.part.startswith("layer ")})
            yield self.finding(
                f"{train.name} is {last:.1f} times {val.name} at the end and {first:.1f} times at the start: two different sums",
                Evidence(
                    label=f"{train.name} / {val.name}",
                    measured=last,
                    expected=1.0,
                    formula="one for the same sum",
                    span=case.span(val.series),
                    note=f"{len(layers)} auxiliary layers are logged"
                    if layers
                    else "auxiliary layers, one-to-many matching",
                ),
                severity=Severity.INFO,
                confidence=0.8,
                why="training adds auxiliary layers and one-to-many matching; the gap is neither underfitting nor a leak",
                do=("compare single terms of the last layer, never these totals",),
                check="the terms that the evaluation leaves out, by name",
                rank=8,
            )
