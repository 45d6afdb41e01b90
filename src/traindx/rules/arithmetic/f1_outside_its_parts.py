"""MET009: F1 is above what its precision and recall allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import common_points, partners, plain
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class F1OutsideItsParts(Rule):
    """F1 lies above the mean of the precision and recall that are logged beside it.

    ## What it looks at
    The harmonic mean is at most the arithmetic one, for every class; so is an average of F1 over classes or batches at most
    the mean of equally averaged precision and recall. F1 below both is what averaging over classes does, and is no fault.

    ## Why it matters
    The three are not of one threshold or not of one averaging (micro, macro, weighted): they cannot be quoted together.

    ## What to try
    - Compute all three in one call, with one `average` and one threshold.

    ## When it is wrong
    Where F1 is searched for its best threshold while precision and recall are not: then it is told that they differ.
    """

    meta: ClassVar = RuleMeta(
        code="MET009",
        name="f1-outside-its-parts",
        since="0.1",
        summary="F1 is above what its precision and recall allow",
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = "metric_arithmetic"

    slack: float = 0.01
    """Rounding to two decimals moves the bound by half a hundredth."""

    share: float = 0.5
    points: int = 3

    def check(self, case: Case) -> Iterator[Finding]:
        precision, recall = plain(case[READINGS], "precision"), plain(case[READINGS], "recall")
        beside = {id(f1): other for f1, other in partners(plain(case[READINGS], "f1"), recall)}
        for f1, exact in partners(plain(case[READINGS], "f1"), precision):
            if id(f1) in beside and len(f1.series) == len(exact.series) == len(beside[id(f1)].series):
                yield from self._compare(case, f1, exact, beside[id(f1)])

    def _compare(self, case: Case, f1: Reading, precision: Reading, recall: Reading) -> Iterator[Finding]:
        rows, _ = common_points(f1.series, precision.series)
        values = [r.series.values[rows] / r.full for r in (f1, precision, recall)]
        bound = (values[1] + values[2]) / 2
        with np.errstate(invalid="ignore"):
            broken = (values[0] > bound + self.slack) & (values[0] <= 1)
        if len(rows) < self.points or not float(np.mean(broken)) > self.share:
            return
        at = int(np.argmax(np.where(broken, values[0] - bound, -1)))
        yield self.finding(
            f"{f1.name} {values[0][at]:.4g} is above the mean of {precision.name} {values[1][at]:.4g} and {recall.name} {values[2][at]:.4g}",
            Evidence(
                label=f1.name,
                measured=float(values[0][at]),
                expected=float(bound[at]),
                formula="F1 <= (precision + recall) / 2",
                span=case.span(f1.series, int(rows[at]), int(rows[at])),
                note=f"so at {int(broken.sum())} of {len(rows)} evaluations",
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="the three are not of one threshold or not of one averaging over classes",
            do=("compute all three in one call, with one averaging and one threshold",),
            check="2PR/(P+R) per class, averaged as F1 is, must give the printed F1",
            rank=11,
        )
