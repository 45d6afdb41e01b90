"""LOG009: the loss is printed with too few digits to see it move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import TRAIN_LOSS, VAL_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TooFewDigits(Rule):
    """The loss is printed with so few digits that its last third is a handful of values.

    ## What it looks at
    The number of decimals, the level of the last third, and whether its points lie within three units of the last digit.

    ## Why it matters
    A loss of 0.01 in two decimals may have halved three times since. Whether it still falls, whether it is flat, whether
    it is better than before: none of this can be read from it.

    ## What to try
    - Print four significant digits.

    ## When it is wrong
    Never about the digits; the run may be as good as it looks.
    """

    meta: ClassVar = RuleMeta(
        code="LOG009", name="too-few-digits", since="0.1", summary="the loss has too few digits to see it move"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (VAL_LOSS,)
    explained_by: ClassVar = ("NAN001", "NAN002")

    points: int = 20
    distinct: int = 5
    units: int = 50
    """At fifty units of the last digit, one unit is two per cent: the gain of a third of many a run."""

    def check(self, case: Case) -> Iterator[Finding]:
        for reading in (case[TRAIN_LOSS], case.get(VAL_LOSS)):
            if reading is not None and len(reading.series) >= self.points:
                decimals = self._decimals(reading.series.finite().values)
                if decimals:
                    yield self._describe(case, reading, decimals)
                    return

    def _decimals(self, values: Floats) -> int:
        """How many decimals are printed, where they are too few; 0 where they are enough or cannot be told."""
        third = values[-max(1, min(2_000, len(values) // 3)) :] if len(values) >= self.points else values[:0]
        seen = np.concatenate((values[:2_000], third))
        if not len(third) or len(np.unique(seen)) < self.distinct or float(np.max(np.abs(seen))) > 1e6:
            return 0
        decimals = next((d for d in range(4) if bool((np.abs(seen - np.round(seen, d)) < 1e-9).all())), 0)
        grain = 10.0**-decimals
        coarse = float(np.ptp(third)) <= 3.5 * grain and abs(float(np.median(third))) <= self.units * grain
        return decimals if coarse else 0

    def _describe(self, case: Case, reading: Reading, decimals: int) -> Finding:
        values = reading.series.finite().values
        level = float(np.median(values[-max(1, len(values) // 3) :]))
        share = f"{100 * 10.0**-decimals / level:.0f} % of it" if level > 0 else "all of it"
        return self.finding(
            f"{reading.name} stands at {level:g} with {decimals} decimals: one unit of the last digit is {share}",
            Evidence(
                label="last level in units of the last digit",
                measured=level * 10.0**decimals,
                expected=float(self.units),
                formula="two per cent per unit",
                span=case.span(reading.series, 2 * len(reading.series) // 3, -1),
            ),
            severity=Severity.INFO,
            confidence=0.95,
            why="whether it still falls cannot be read from these digits",
            do=("print four significant digits, for example '{:.4g}'",),
            check="the same log with more digits",
            rank=8,
        )
