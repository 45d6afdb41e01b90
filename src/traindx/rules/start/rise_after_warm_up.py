"""STA002: the loss rose as soon as the warm-up was over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, LEARNING_RATES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.start.schedule import peak_of
from traindx.run import Floats
from traindx.signals import robust_sd, without_trend


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RiseAfterWarmUp(Rule):
    """The loss rose as the learning rate reached its peak.

    ## What it looks at
    The level of the loss in the last quarter of the warm-up, and in a stretch of the same length as the warm-up behind it.

    ## Why it matters
    It fell while the rate was small and rises where it is full: the peak is too high. Often the run recovers when the
    schedule brings the rate down, having lost those steps.

    ## What to try
    - Halve the peak; a longer warm-up only moves the trouble, unless the rise passes within some hundred steps.

    ## When it is wrong
    A change of data at the same step.
    """

    meta: ClassVar = RuleMeta(
        code="STA002",
        name="rise-after-warm-up",
        since="0.1",
        summary="the loss rose as the learning rate reached its peak",
    )
    needs: ClassVar = (TRAIN_LOSS, LEARNING_RATES)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("DIV001", "DIV002", "NAN001", "LOG003", "STA001")

    warmed: float = 0.5
    """A first rate under half of the peak is a warm-up."""

    points: int = 4
    rise: float = 0.10
    loud_rise: float = 0.3
    noises: float = 6.0

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the loss is higher behind the peak than before it."""
        reading, peak = case[TRAIN_LOSS], peak_of(case[LEARNING_RATES])
        series = reading.series.finite()
        if peak is None or not peak.first < self.warmed * peak.highest or not series.has_steps:
            return
        if has_task(case, GAMES) or not bool((series.values > 0).all()):
            return
        length = peak.reached - peak.first_step
        before = series.values[(series.steps > peak.reached - length / 4) & (series.steps <= peak.reached)]
        behind = series.values[(series.steps > peak.reached) & (series.steps <= peak.reached + length)]
        if min(len(before), len(behind)) < self.points:
            return
        low, high = float(np.median(before)), float(np.median(behind))
        if not high > low * (1 + self.rise) or not high - low > self.noises * _scatter(behind, len(before)):
            return
        last = float(np.median(series.values[-max(3, len(series) // 20) :]))
        lasting = last > low
        yield self.finding(
            f"{series.name} rose from {low:.4g} to {high:.4g} as the learning rate reached its peak of {peak.highest:.3g} at step {peak.reached:g}",
            Evidence(
                label=f"level of {series.name} behind the warm-up",
                measured=high,
                expected=low,
                formula="level in the last quarter of the warm-up",
                span=case.span(series, int(np.searchsorted(series.steps, peak.reached)), -1),
                note="it has not come back" if lasting else "it came back later",
            ),
            severity=Severity.WARNING if high > low * (1 + self.loud_rise) else Severity.INFO,
            confidence=0.85 if lasting else 0.75,
            why="the loss fell while the rate was small and rises where it is full: the peak is too high",
            do=("halve the peak learning rate",),
            check="two hundred steps from the end of the warm-up with half the rate: the loss must go on falling",
            rank=55,
        )


def _scatter(values: Floats, points: int) -> float:
    """Scatter of the median of so many points, about the trend; never under 0.3 of that of one: neighbours may depend."""
    flat = without_trend(values) if len(values) >= 12 else values
    return robust_sd(flat) * max(float(1.2533 / np.sqrt(points)), 0.3)
