"""CKP002: the best evaluation is best by luck."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, MAIN_METRIC, READINGS, TASKS, VAL_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.checkpoints.monitored import Monitored, monitored
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceWithinNoise(Rule):
    """Many evaluations are as good as the best one within their noise, and the noise is not small.

    ## What it looks at
    The scatter of single evaluations about their local level, how many lie within two standard deviations of the best, and
    what the best of so many owes to luck.

    ## Why it matters
    Choosing the best of k noisy values overrates it by up to two standard deviations and more: on new data the chosen
    checkpoint is as good as its neighbours, and worse than reported.

    ## What to try
    - Evaluate on more data; report the mean of the last evaluations, or the chosen one on a second held-out set.
    - Average the weights of the tied checkpoints.

    ## When it is wrong
    Evaluations that differ in what they measure from time to time (curricula).
    """

    meta: ClassVar = RuleMeta(
        code="CKP002", name="choice-within-noise", since="0.1", summary="the best evaluation is best by luck"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (MAIN_METRIC, VAL_LOSS, TASKS)
    condition: ClassVar = None
    explained_by: ClassVar = ("BAS001", "BAS002", "BAS006", "DIV001", "PRO001", "LOG003", "NAN001")

    points: int = 12
    tied: int = 5
    spread: float = 1 / 3
    material: float = 0.05
    """The luck of the choice must be a twentieth of all that training gained."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where ties are many, far apart, and luck is a material part of the gain."""
        metric = monitored(case, points=self.points)
        if metric is None or has_task(case, GAMES) or not metric.noise > 0:
            return
        near = np.flatnonzero(metric.costs <= metric.costs[metric.best] + 2 * metric.noise)
        apart = (near[-1] - near[0]) / len(metric.costs)
        luck = metric.noise * best_of(len(near))
        if len(near) < self.tied or not apart >= self.spread or not luck > self.material * metric.curve.gained > 0:
            return
        yield self._describe(case, metric, near, luck)

    def _describe(self, case: Case, metric: Monitored, near: np.ndarray, luck: float) -> Finding:
        series, best = metric.series, metric.best
        return self.finding(
            f"the best {series.name} ({series.values[best]:.4g} at step {series.steps[best]:g}) is within noise of {len(near) - 1} others; about {luck:.2g} of it is luck",
            Evidence(
                label="scatter of one evaluation",
                measured=metric.noise,
                expected=metric.curve.gained,
                formula="all that training gained",
                span=case.span(series, int(near[0]), int(near[-1])),
                note=f"the best of {len(near)} equal values lies {best_of(len(near)):.2g} standard deviations high by luck",
            ),
            severity=Severity.INFO,
            confidence=0.75,
            why="on new data the chosen checkpoint is as good as those tied with it, and worse than reported",
            do=(
                "evaluate the tied checkpoints on a second, larger held-out set, or average their weights",
                "report the mean of the last evaluations instead of the best",
            ),
            check="evaluate the chosen checkpoint and two tied ones on data that was not used to choose",
            rank=5,
        )


def best_of(count: int) -> float:
    """Return how many standard deviations the best of ``count`` equal normal values lies off, on average (Blom 1958).

    >>> round(best_of(10), 2)
    1.55
    """
    return NormalDist().inv_cdf((count - 0.375) / (count + 0.25))
