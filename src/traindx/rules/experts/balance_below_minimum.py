"""MOE001: a balance loss below what perfect balance gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import balance_level
from traindx.context import FACTS, READINGS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of
from traindx.rules.experts.routing import balance_losses, experts_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceBelowMinimum(Rule):
    """The balance loss of a mixture of experts is below the value of perfect balance.

    ## What it looks at
    The balance loss over the last half of the run, where it lies between 0.5 and 0.97: too large to be one that is printed
    times its small factor (0.001 to 0.02), too small for one that is not.

    ## Why it matters
    Number of experts times the sum of load share times mean probability is 1 where both are even (k, where k choices are
    added up), and more where the router prefers some. Below one, the two are computed over different tokens, padding is
    counted in one of them, or a factor is missing: the term then does not balance.

    ## What to try
    - Compute it for a router that gives every expert the same probability: it must be exactly 1 (or k).
    - Count the same tokens in both factors, without padding; multiply by the number of experts, not of groups.

    ## When it is wrong
    Sums over layers times a small factor that happen to lie there; small batches, in which load and probability differ by
    chance.
    """

    meta: ClassVar = RuleMeta(
        code="MOE001", name="balance-below-minimum", since="0.1", summary="a balance loss below perfect balance"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS,)

    points: int = 10
    lowest: float = 0.5
    highest: float = 0.97

    def check(self, case: Case) -> Iterator[Finding]:
        experts, _ = experts_of(case)
        level = balance_level()
        for loss in balance_losses(case):
            now = level_of(loss, 0.5)
            if loss.curve is None or loss.curve.count < self.points or loss.role.weighted is True:
                continue
            if not (self.lowest <= now <= self.highest and level_of(loss, 0.8) <= self.highest):
                continue
            yield self.finding(
                f"{loss.name} is {now:.3g}, below 1, what perfect balance gives",
                across(
                    case,
                    loss,
                    f"{loss.name} over the last half",
                    now,
                    first=0.5,
                    expected=level.value,
                    formula="experts · sum of share · probability, even",
                ),
                severity=Severity.WARNING if experts >= 2 else Severity.INFO,
                confidence=0.75 if experts >= 2 else 0.6,
                why="load and probability are then counted over different tokens, or a factor is missing: the term does not balance",
                do=(
                    "compute the term for an even router: it must be exactly 1, or k where k choices are added up",
                    "count the same tokens in both factors, without padding",
                ),
                check="the load of each expert over one batch, beside its mean probability",
                decided_by="facts" if experts >= 2 else "log",
                rank=30,
            )
            return
