"""MET011: a metric is beyond another one that contains it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import common_points, plain
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NestedMetricsDisordered(Rule):
    """A metric is larger than another one of the same evaluation that contains it.

    ## What it looks at
    Four orders that hold for every set of predictions: top-1 accuracy <= top-5 accuracy, average precision over all overlaps
    <= at overlap one half, mean absolute error <= root mean squared error, intersection over union <= Dice.

    ## Why it matters
    One of the two was computed on other data, averaged over other classes, or swapped with its neighbour.

    ## What to try
    - Compute both from one saved set of predictions.

    ## When it is wrong
    Dice without background beside an overlap with it, or two errors in different units. The training itself is not touched by
    any of this, so it is told as information.
    """

    meta: ClassVar = RuleMeta(
        code="MET011",
        name="nested-metrics-disordered",
        since="0.1",
        summary="a metric is beyond another one that contains it",
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = "metric_arithmetic"

    points: int = 3
    slack: float = 0.01
    share: float = 0.5
    """Evaluations of one set of predictions keep the order every time; half of them leaves room for mixed rows."""

    def check(self, case: Case) -> Iterator[Finding]:
        for inner, outer, formula, sure in _nested(case[READINGS]):
            first, second = common_points(inner.series, outer.series)
            scale = max(inner.full, outer.full)
            small, large = (r.series.values[i] for r, i in ((inner, first), (outer, second)))
            broken = small > large * (1 + self.slack) + 1e-3 * scale
            if len(first) < self.points or inner.in_percent != outer.in_percent:
                continue
            if float(np.mean(broken)) > self.share:
                at = int(np.argmax(broken))
                yield self._describe(case, inner, (float(small[at]), float(large[at])), outer, formula, sure=sure)
                return

    def _describe(
        self, case: Case, inner: Reading, values: tuple[float, float], outer: Reading, formula: str, *, sure: bool
    ) -> Finding:
        return self.finding(
            f"{inner.name} {values[0]:.4g} is above {outer.name} {values[1]:.4g}, which contains it",
            Evidence(
                label=inner.name,
                measured=values[0],
                expected=values[1],
                formula=formula,
                span=case.span(inner.series),
            ),
            severity=Severity.INFO,
            confidence=0.85 if sure else 0.6,
            why="both cannot be true of one set of predictions: other data, another averaging, or swapped columns",
            do=("compute both from one saved set of predictions", "check the order of columns and names in the logger"),
            check="the same evaluation on ten examples, by hand",
            rank=13 if sure else 10,
        )


def _nested(readings: tuple[Reading, ...]) -> Iterator[tuple[Reading, Reading, str, bool]]:
    """Pairs (contained, containing, their order, whether it holds whatever the names leave open)."""
    accuracy = [r for r in plain(readings, "accuracy") if r.role.component is None]
    yield from (
        (one, five, "top-1 <= top-5", True)
        for one, five in _pairs(accuracy, accuracy)
        if (one.role.k or 1) == 1 and (five.role.k or 1) > 1
    )
    precision = plain(readings, "map")
    yield from (
        (every, half, "AP over all overlaps <= AP at 0.5", True)
        for every, half in _pairs(precision, precision)
        if every.role.component in ("iou75", "iou95") and half.role.component == "iou50"
    )
    yield from (
        (every, half, "AP over all overlaps <= AP at 0.5", False)
        for every, half in _pairs(precision, precision)
        if every.role.component is None and every.role.k is None and half.role.component == "iou50"
    )
    for small, large, formula in (("mae", "rmse", "MAE <= RMSE"), ("iou", "dice", "IoU <= Dice")):
        pairs = _pairs(plain(readings, small), plain(readings, large))
        yield from ((a, b, formula, False) for a, b in pairs if a.role.component == b.role.component)


def _pairs(ones: list[Reading], others: list[Reading]) -> Iterator[tuple[Reading, Reading]]:
    for one in ones:
        for other in others:
            same = (one.role.split, one.role.part) == (other.role.split, other.role.part)
            if same and one is not other:
                yield one, other
