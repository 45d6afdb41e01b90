"""LOG008: a value is repeated in every row until the next evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import METRICS, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta

_FIRST = 2_000  # points that show whether most values change


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedForward(Rule):
    """A value that is measured now and then is written into every row in between.

    ## What it looks at
    Losses and metrics whose values stay equal to the last digit over stretches of one and the same length.

    ## Why it matters
    The log seems to hold many evaluations and holds few: noise looks small, plateaus look long, and the row in which the
    value appears is not the one it was measured at.

    ## What to try
    - Write the value only in the row of its evaluation, and leave the others empty.

    ## When it is wrong
    A quantity that really changes only at such intervals, such as a schedule.
    """

    meta: ClassVar = RuleMeta(
        code="LOG008",
        name="carried-forward",
        since="0.1",
        summary="a value is repeated in every row until the next one",
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (METRICS,)

    points: int = 20
    measured: int = 4
    shortest: int = 3
    """Two equal values in a row come by rounding."""

    regular: float = 0.8

    def check(self, case: Case) -> Iterator[Finding]:
        losses = [r for r in case[READINGS] if r.role.kind == "loss"]
        for reading in (*losses, *(case.get(METRICS) or ())):
            if len(reading.series) >= self.points:
                length = self._length(reading)
                if length:
                    yield self._describe(case, reading, length)
                    return

    def _length(self, reading: Reading) -> int:
        """Rows that one value is repeated over; 0 where values change as they like."""
        values = reading.series.values
        if int(np.count_nonzero(np.diff(values[:_FIRST]))) * self.shortest > min(len(values), _FIRST) + self.shortest:
            return 0
        changes = np.flatnonzero(np.diff(values))
        if not bool(np.isfinite(values).all()) or not self.measured <= len(changes) < len(values) / self.shortest:
            return 0
        lengths = np.diff(changes)
        typical = int(np.bincount(lengths).argmax())
        if typical < self.shortest or np.count_nonzero(lengths % typical == 0) < self.regular * len(lengths):
            return 0
        return typical

    def _describe(self, case: Case, reading: Reading, length: int) -> Finding:
        values = reading.series.values
        distinct = 1 + int(np.count_nonzero(np.diff(values)))
        return self.finding(
            f"{reading.name} repeats each value over {length} rows: {distinct} measurements in {len(values)} rows",
            Evidence(
                label="measurements",
                measured=float(distinct),
                expected=float(len(values)),
                formula="one per row",
                span=case.span(reading.series),
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="its noise looks smaller and its plateaus longer than they are",
            do=("write the value only in the row of its evaluation",),
            check=f"the interval of evaluation in the program: {length} rows of this log",
            rank=8,
        )
