"""MOE004: the balance term never moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import FACTS, READINGS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, sample
from traindx.rules.experts.routing import balance_losses
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTermConstant(Rule):
    """The balance term of a mixture of experts is the same number at every point.

    ## What it looks at
    All values of the balance loss, over twenty points at least.

    ## Why it matters
    The load differs from batch to batch, and the term with it. A constant one is not computed from this batch; exactly
    0 means that it is never computed, or never handed on to the total.

    ## What to try
    - Add the term of every layer to the loss that is differentiated; some models only return it when asked to
      (`output_router_logits=True`).

    ## When it is wrong
    Models that balance without a loss, by a bias on the router; values printed with two decimals.
    """

    meta: ClassVar = RuleMeta(
        code="MOE004", name="balance-term-constant", since="0.1", summary="the balance term never moves"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS,)

    points: int = 20

    def check(self, case: Case) -> Iterator[Finding]:
        for loss in balance_losses(case):
            values = sample(loss)
            if len(values) < self.points or float(np.ptp(values)) > 0.0:
                continue
            value = float(values[0])
            yield self.finding(
                f"{loss.name} is {value:.4g} at every one of {len(loss.series)} points: "
                + ("it is never computed, or switched off" if value == 0 else "it does not depend on the batch"),
                across(
                    case,
                    loss,
                    f"distinct values of {loss.name}",
                    1.0,
                    expected=float(len(values)),
                    formula="one per batch",
                ),
                severity=Severity.INFO,
                confidence=0.75,
                why="the load differs from batch to batch, and the term with it",
                do=("add the term of every layer to the loss that is differentiated, and log it before its factor",),
                check="the gradient of the router from this term alone: zero confirms it",
                rank=19,
            )
            return
