"""MOE003: many tokens find no room at their expert."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, readings_of, sample
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TokensDropped(Rule):
    """A large share of the tokens finds no room at the expert that they are sent to.

    ## What it looks at
    The logged share of dropped tokens over the last third of the run (in per cent, where it passes one); of several
    series, the one with the smallest share, because second choices overflow more. Plain counts are left alone.

    ## Why it matters
    A dropped token passes the layer untouched: for it, the experts do not exist. A few per cent are the price of a fixed
    capacity, a third is not.

    ## What to try
    - Raise the capacity factor or the factor of the balance loss; route without a capacity.

    ## When it is wrong
    The first hundreds of steps, before the router has come into balance.
    """

    meta: ClassVar = RuleMeta(
        code="MOE003", name="tokens-dropped", since="0.1", summary="many tokens find no room at their expert"
    )
    needs: ClassVar = (READINGS,)
    explained_by: ClassVar = ("MOE002",)

    points: int = 20
    limit: float = 0.3

    def check(self, case: Case) -> Iterator[Finding]:
        shares = [(self._share(r), r) for r in readings_of(case, "expert_overflow") if not r.held_out]
        known = [(share, r) for share, r in shares if share == share]
        if not known:
            return
        share, reading = min(known, key=lambda pair: pair[0])
        if not share >= self.limit:
            return
        yield self.finding(
            f"{100 * share:.0f} % of the tokens find no room at their expert over the last third of the run ({reading.name})",
            across(case, reading, f"{reading.name} over the last third", level_of(reading, 2 / 3), first=2 / 3),
            severity=Severity.WARNING,
            confidence=0.8,
            why="a dropped token passes the layer untouched: for it, the experts do not exist",
            do=("raise the capacity factor", "raise the factor of the balance loss, or route without a capacity"),
            check="the same run with twice the capacity for 100 steps: how far does the loss fall?",
            rank=40,
        )

    def _share(self, reading: Reading) -> float:
        """The late level as a share, NaN where it is too early or a count."""
        if reading.curve is None or reading.curve.count < self.points or not come_far(reading):
            return float("nan")
        highest, late = float(np.max(sample(reading), initial=0.0)), level_of(reading, 2 / 3)
        if highest <= 1:
            return late
        percent = reading.role.unit == "percent" or "overflow" in reading.name.lower()
        return late / 100 if percent and highest <= 100 else float("nan")
