"""CKP003: most of the run came after its best evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import MAIN_METRIC, READINGS, VAL_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.checkpoints.monitored import Monitored, monitored
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BestLongAgo(Rule):
    """The monitored metric was at its best in the first half of the run, and has been worse ever since.

    ## What it looks at
    Where the best level of the metric lies, and whether the level at the end is worse beyond its noise.

    ## Why it matters
    What came after it cost time and made the answers worse. Patience of a tenth of the run would have found the same
    checkpoint.

    ## What to try
    - Stop early on this metric; spend the rest on another setting.

    ## When it is wrong
    Runs in which a second rise is known to come late (double descent, grokking).
    """

    meta: ClassVar = RuleMeta(
        code="CKP003", name="best-long-ago", since="0.1", summary="most of the run came after its best evaluation"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (MAIN_METRIC, VAL_LOSS)
    condition: ClassVar = None
    explained_by: ClassVar = (
        "GEN001",
        "DIV001",
        "DIV002",
        "NAN001",
        "LOG003",
        "BAS001",
        "BAS002",
        "BAS004",
        "BAS006",
        "RET001",
    )

    points: int = 12
    after: float = 0.5
    z: float = 3.0
    """Standard deviations of one evaluation, though levels of several are compared: neighbours depend on each other."""

    share: float = 0.02
    """A fiftieth of what was gained is the least that anybody would care for."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where half of the run and more came after the best level."""
        metric = monitored(case, points=self.points)
        if metric is None:
            return
        curve = metric.curve
        middle = (curve.best.first + curve.best.last) // 2
        after = 1 - middle / max(1, curve.count - 1)
        worse = curve.lost > max(self.z * metric.noise, self.share * abs(curve.gained))
        if not after > self.after or not worse:
            return
        yield self._describe(case, metric, middle, after)

    def _describe(self, case: Case, metric: Monitored, middle: int, after: float) -> Finding:
        curve, series = metric.curve, metric.series
        middle = min(middle, len(series) - 1)
        return self.finding(
            f"{series.name} was best near step {series.steps[middle]:g} ({curve.best.value:.4g}); the last {100 * after:.0f} % of the run made it {curve.end.value:.4g}",
            Evidence(
                label=f"{series.name} at the end",
                measured=curve.end.value,
                expected=curve.best.value,
                formula=f"its best level, near step {series.steps[middle]:g}",
                span=case.span(series, middle, -1),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="the time since then was spent on getting worse",
            do=(
                f"keep the checkpoint nearest step {series.steps[middle]:g}",
                "stop the next run after a tenth of its length without a new best",
            ),
            check="evaluate the checkpoint of that step and the last one on a second held-out set",
            rank=11,
        )
