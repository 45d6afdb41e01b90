"""MET005: the total is a constant multiple of the sum of its terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import COMPONENTS, TRAIN_LOSS, Case, Reading, same_points
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TotalIsNoSum(Rule):
    """The total loss is the sum of its terms times a constant that is not one.

    ## What it looks at
    The total divided by the sum of the terms, at points where all of them are logged, and whether that ratio stays the same
    while the shares of the terms change.

    ## Why it matters
    The factor is hidden in one of the two: a mean over terms, layers, accumulation steps or devices. The learning rate was
    chosen for the total as it is, and levels that theory gives for the terms do not add up to it.

    ## What to try
    - Divide the printed total by the factor before comparing it with levels of the terms.

    ## When it is wrong
    Terms that all carry the same weight on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="MET005", name="total-is-no-sum", since="0.1", summary="the total is a multiple of the sum of its terms"
    )
    needs: ClassVar = (TRAIN_LOSS, COMPONENTS)
    condition: ClassVar = "metric_arithmetic"

    points: int = 8
    rows: int = 2_000
    """A factor that holds at two thousand points of the whole run holds at all of them."""

    off: float = 0.03
    """Printing with three digits leaves the sum of a few terms within one per cent."""

    spread: float = 0.01
    shares_move: float = 0.05
    """Terms whose shares stand still would hide weights behind one factor."""

    def check(self, case: Case) -> Iterator[Finding]:
        total = case[TRAIN_LOSS]
        terms = [r for r in case[COMPONENTS] if r.name not in total.name.split(" + ") and same_points(r, total)]
        if len(terms) < 2 or len(total.series) < self.points:
            return
        size = len(total.series)
        rows = np.unique(np.linspace(0, size - 1, min(size, self.rows), dtype=np.intp))
        columns = np.array([r.series.values[rows] for r in terms])
        with np.errstate(all="ignore"):
            summed = columns.sum(axis=0)
            ratio = total.series.values[rows] / summed
            good = np.isfinite(ratio) & (summed > 0) & (columns >= 0).all(axis=0)
        if np.count_nonzero(good) < max(self.points, 0.9 * len(ratio)):
            return
        factor = float(np.median(ratio[good]))
        near = np.abs(ratio[good] / factor - 1) < self.spread if factor > 0 else np.zeros(0)
        moves = float(np.ptp(columns[0][good] / summed[good]))
        if abs(factor - 1) > self.off and moves > self.shares_move and float(np.mean(near)) > 0.9:
            yield self._describe(case, total, terms, factor)

    def _describe(self, case: Case, total: Reading, terms: list[Reading], factor: float) -> Finding:
        return self.finding(
            f"{total.name} is {factor:.4g} times the sum of its {len(terms)} terms, at every step",
            Evidence(
                label=f"{total.name} / ({' + '.join(t.name for t in terms[:4])}{' + ...' if len(terms) > 4 else ''})",
                measured=factor,
                expected=1.0,
                formula=_guess(factor, len(terms)),
                span=case.span(total.series),
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="the total or its terms are divided by something that the other is not: terms, layers, accumulation steps, devices",
            do=("find the division in the training step, and log both on one scale",),
            check="print total and terms for one batch on one device without accumulation: they must add up",
            rank=11,
        )


def _guess(factor: float, terms: int) -> str:
    if abs(factor * terms - 1) < 0.02:
        return f"1/{terms} would be their mean"
    whole = round(max(factor, 1 / factor))
    fits = abs(max(factor, 1 / factor) / whole - 1) < 0.02
    return f"{whole if factor > 1 else f'1/{whole}'}: layers, devices or accumulation steps" if fits else "1 for a sum"
