"""MOE002: nearly all tokens go to a few experts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.baselines import balance_collapse
from traindx.context import FACTS, READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, longest_of, readings_of
from traindx.rules.evidence import come_far
from traindx.rules.experts.routing import balance_losses, experts_of
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import exponential


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FewExpertsWork(Rule):
    """Nearly all tokens go to a few of the experts.

    ## What it looks at
    Over the last third of the run, whichever is logged: the load of each expert (the effective number of experts is e to the
    entropy of their shares); the load of the fullest beside the mean; the experts that got nothing; the balance loss
    against its value at collapse.

    ## Why it matters
    Experts without tokens get no gradient and fall further behind: the model has the memory of all and the capacity of
    a few, and the busy ones overflow.

    ## What to try
    - Raise the factor of the balance loss; add noise to the router or a bias that follows the load; lower its learning rate.
    - Compute the router in float32.

    ## When it is wrong
    Data of one kind only, for models whose experts have specialised; a few batches of a single document.
    """

    meta: ClassVar = RuleMeta(
        code="MOE002", name="few-experts-work", since="0.1", summary="nearly all tokens go to a few experts"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS,)

    points: int = 10
    effective_share: float = 0.25
    top_share: float = 0.6
    fewest: int = 4
    imbalance_share: float = 0.6
    unused_share: float = 0.5
    collapse_share: float = 0.7

    def check(self, case: Case) -> Iterator[Finding]:
        experts, each = experts_of(case)
        found = self._loads(case) or self._unused(case, experts) or self._imbalance(case, experts)
        found = found or self._balance(case, experts, each)
        if found is None:
            return
        reading, said, measured, expected, formula = found
        yield self.finding(
            f"few of the experts work: {said}",
            across(
                case,
                reading,
                f"{reading.name} over the last third",
                measured,
                first=2 / 3,
                expected=expected,
                formula=formula,
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="experts without tokens get no gradient and fall further behind",
            do=(
                "raise the factor of the balance loss, or add a bias that follows the load",
                "compute the router in float32, with a lower learning rate",
            ),
            check="the share of tokens of each expert, layer by layer, over a thousand batches",
            rank=53,
        )

    def _ready(self, reading: Reading | None) -> bool:
        return (
            reading is not None
            and reading.curve is not None
            and reading.curve.count >= self.points
            and come_far(reading)
        )

    def _loads(self, case: Case) -> tuple[Reading, str, float, float | None, str] | None:
        loads = [
            r
            for r in readings_of(case, "expert_load")
            if self._ready(r) and r.role.component not in ("top", "bottom") and not r.held_out
        ][:4_096]
        levels = np.array([level_of(r, 2 / 3) for r in loads])
        if len(loads) < self.fewest or not bool((levels >= 0).all()) or not float(levels.sum()) > 0:
            return None
        shares = levels / levels.sum()
        effective = exponential(-float(np.sum(shares * np.log(np.maximum(shares, 1e-300)))))
        top, at = float(shares.max()), loads[int(np.argmax(shares))]
        few = len(loads) >= 2 * self.fewest and effective <= self.effective_share * len(loads)
        if not (few or top >= self.top_share):
            return None
        said = f"{at.name} gets {100 * top:.0f} % of the load, and {effective:.1f} of {len(loads)} are in effective use"
        return at, said, top, 1 / len(loads), "an even share"

    def _unused(self, case: Case, experts: float) -> tuple[Reading, str, float, float | None, str] | None:
        idle = longest_of(case, "unused_experts", None)
        if idle is None or not self._ready(idle) or not experts >= self.fewest:
            return None
        now = level_of(idle, 2 / 3)
        if not self.unused_share * experts <= now <= experts:
            return None
        return idle, f"{now:.0f} of {experts:.0f} get nothing ({idle.name})", now, 0.0, ""

    def _imbalance(self, case: Case, experts: float) -> tuple[Reading, str, float, float | None, str] | None:
        uneven = longest_of(case, "expert_imbalance", None)
        if uneven is None or not self._ready(uneven) or not experts >= 2 * self.fewest:
            return None
        now = level_of(uneven, 2 / 3)
        if not now >= self.imbalance_share * experts:
            return None
        return (
            uneven,
            f"the fullest of {experts:.0f} gets {now:.3g} times the mean ({uneven.name})",
            now,
            1.0,
            "balance",
        )

    def _balance(self, case: Case, experts: float, each: float) -> tuple[Reading, str, float, float | None, str] | None:
        if not experts >= self.fewest:
            return None
        worst = balance_collapse(int(experts)).value / each
        for loss in balance_losses(case):
            now = level_of(loss, 2 / 3)
            if self._ready(loss) and max(self.collapse_share * worst, 1.5 * each, 2.0) <= now <= 1.05 * experts:
                said = f"{loss.name} is {now:.3g}, near {worst:.3g}, its value where all tokens go to the same"
                return loss, said, now, worst, f"{experts:.0f}/{each:.0f}"
        return None
