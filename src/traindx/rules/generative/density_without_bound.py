"""GNR008: a density loss falls without end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import FACTS, JUDGED_LOSS, LOSS_FAMILY, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import exponential


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DensityWithoutBound(Rule):
    """A Gaussian likelihood loss has fallen so low that the predicted spread is below float32's own grain.

    ## What it looks at
    The level of a Gaussian negative log-likelihood at the end of the run, per value: -10 means a standard deviation of
    1e-5 in units of the targets.

    ## Why it matters
    Densities have no upper bound: where a target is constant, or repeats, the predicted variance goes to zero and the loss
    to minus infinity. It then measures how small the variance is allowed to be, and single points off the line
    explode.

    ## What to try
    - Bound the variance from below; standardise the targets; look for constant columns among them.

    ## When it is wrong
    Losses summed over many values; targets in very small units.
    """

    meta: ClassVar = RuleMeta(
        code="GNR008", name="density-without-bound", since="0.1", summary="a density loss falls without end"
    )
    needs: ClassVar = (JUDGED_LOSS, LOSS_FAMILY)
    may_use: ClassVar = (FACTS,)
    explained_by: ClassVar = ("NAN001", "NAN002")

    limit: float = -10.0
    points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[JUDGED_LOSS]
        reduction = (case.get(FACTS) or {}).get("reduction")
        summed = reduction is not None and "sum" in str(reduction.value)
        if case[LOSS_FAMILY] != "gaussian_nll" or loss.curve is None or loss.curve.count < self.points or summed:
            return
        now = level_of(loss, 0.9)
        if not now < self.limit:
            return
        spread = exponential(max(now, -300.0) - 0.5 * math.log(2 * math.pi * math.e))
        yield self.finding(
            f"{loss.name} is {now:.4g}: a predicted spread of about {spread:.1g}, below the grain of float32 targets",
            across(
                case,
                loss,
                f"{loss.name} over the last tenth",
                now,
                first=0.9,
                expected=self.limit,
                formula="(1/2) ln(2 pi e sd²) at sd 1e-5",
                unit="nats",
            ),
            severity=Severity.WARNING,
            confidence=0.75,
            why="where targets repeat, the variance goes to zero and the loss to minus infinity: it measures the variance's bound",
            do=("bound the predicted variance from below", "standardise the targets, and look for constant ones"),
            check="the smallest predicted standard deviation of a batch",
            rank=44,
        )
