"""GEN007: validation is below training because a mean over an epoch lags behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, TASKS, TRAIN_LOSS, VAL_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationLeadsByAveraging(Rule):
    """Validation loss is below training loss, and the lag of an epoch mean explains it.

    ## What it looks at
    Each validation value against the training value of its own epoch, which averages models from half an epoch before on
    average, and against that of the next epoch, which averages later ones.

    ## Why it matters
    It is asked often, and it is no leak: the two were measured at different moments. Half a shift of the training curve to
    the left puts them side by side.

    ## What to try
    - Nothing. To compare like with like, evaluate the training set after the epoch.

    ## When it is wrong
    Dropout and augmentation can add to the same effect; they keep the gap open at the end, where this one closes.
    """

    meta: ClassVar = RuleMeta(
        code="GEN007",
        name="validation-leads-by-averaging",
        since="0.1",
        summary="validation is below training because epoch means lag",
    )
    needs: ClassVar = (TRAIN_LOSS, VAL_LOSS)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("GEN002", "DIV001", "DIV002", "NAN001", "NAN002", "BAS001", "BAS002", "LOG004")

    epochs: int = 5
    below: float = 0.97
    between: float = 0.8
    """Most validation values must lie between the training means of their own and of the next epoch."""

    def check(self, case: Case) -> Iterator[Finding]:
        train, val = case[TRAIN_LOSS].series, case[VAL_LOSS].series
        if has_task(case, GAMES) or len(train) != len(val):
            return
        a, b = train.values, val.values
        if len(a) < self.epochs or len(a) > 2_000 or not bool((np.isfinite(a) & np.isfinite(b) & (b > 0)).all()):
            return
        early = slice(0, max(self.epochs - 1, len(a) // 2))
        own, after = a[:-1][early], a[1:][early]
        low = b[:-1][early]
        under = float(np.median(low / own))
        inside = float(np.mean((low < own) & (low > self.below * np.minimum(after, own))))
        if under < self.below and inside >= self.between:
            yield self.finding(
                f"{val.name} is {100 * (1 - under):.2g} % below {train.name} of its epoch and not below that of the next: the mean over an epoch lags",
                Evidence(
                    label=f"{val.name} / {train.name} of the next epoch, typical",
                    measured=float(np.median(low / after)),
                    expected=1.0,
                    formula="equal for values of one moment",
                    span=case.span(val),
                ),
                severity=Severity.INFO,
                confidence=0.85,
                why="a training value is the mean over an epoch, half an epoch old; no leak is needed to explain the gap",
                do=("read the training curve half an epoch to the left before comparing",),
                check="the training loss in evaluation mode after an epoch equals the validation loss about",
                rank=7,
            )
