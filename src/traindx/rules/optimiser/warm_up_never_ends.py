"""OPT007: the learning rate is still rising at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LEARNING_RATES, TOTAL_STEPS, WARMUP_STEPS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.optimiser.rates import Course, course
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUpNeverEnds(Rule):
    """The learning rate rises from the first logged point to the last.

    ## What it looks at
    Whether the rate grows through the second half of the log as well, and how far the run has come: by its planned steps,
    or by its epochs.

    ## Why it matters
    A run that spends its time in warm-up trains at a fraction of the rate that was chosen, and ends without any decay. The
    usual reason is a warm-up counted in another unit (steps for epochs, batches for updates) or a scheduler that
    is stepped too rarely.

    ## What to try
    - Let the warm-up take one to five per cent of the run.

    ## When it is wrong
    The log covers only the beginning; a learning rate range test rises on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="OPT007",
        name="warm-up-never-ends",
        since="0.1",
        summary="the learning rate rises from the first point to the last",
    )
    needs: ClassVar = (LEARNING_RATES,)
    may_use: ClassVar = (TOTAL_STEPS, WARMUP_STEPS)
    condition: ClassVar = "lr_schedule"

    points: int = 10
    growth: float = 1.05
    """The second half of the log must add a twentieth: less may be rounding."""

    range_test: float = 1_000.0
    """A range test spans three powers of ten and more, each point a fixed multiple of the last."""

    progress: float = 0.5
    """A warm-up that fills half of the planned run is no warm-up."""

    epochs: float = 3.0
    """Without a plan: hardly any recipe warms up for three epochs; those with hundreds to come do (a remark only)."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the last rate is the highest and the second half still rises."""
        rate = course(case[LEARNING_RATES], points=self.points)
        if rate is None:
            return
        values = rate.values
        rising = bool((np.diff(values) >= -1e-6 * rate.peak).all())
        if not rising or not float(values[-1]) > self.growth * float(values[len(values) // 2]):
            return
        first = float(values[values > 0][0])
        if rate.peak / first >= self.range_test and _geometric(values[values > 0]):
            return
        yield self._describe(case, rate)

    def _describe(self, case: Case, rate: Course) -> Finding:
        total, warm_up = case.get(TOTAL_STEPS), case.get(WARMUP_STEPS)
        last = float(rate.series.steps[-1])
        done = last / total if total and rate.series.has_steps else float("nan")
        late = done >= self.progress
        planned = f", {100 * done:.0f} % of the planned {total}" if done == done else ""
        return self.finding(
            f"{rate.reading.name} is still rising at its last point (step {last:g}{planned}): {rate.peak:.3g}, from {float(rate.values[0]):.3g}",
            Evidence(
                label="learning rate at the last point over that at half of the log",
                measured=float(rate.values[-1]) / max(float(rate.values[len(rate.values) // 2]), 1e-300),
                expected=1.0,
                formula="a warm-up is over by then",
                span=case.span(rate.series),
                note=f"warm-up of {warm_up} steps" if warm_up else "",
            ),
            severity=Severity.WARNING if late else Severity.INFO,
            confidence=0.85 if late else 0.5,
            why="the run trains below the rate that was chosen, and no decay follows",
            do=(
                "let the warm-up end within the first twentieth of the run",
                "count warm-up and schedule in the unit in which scheduler.step() is called",
            ),
            check="print(warmup_steps, total_optimizer_steps)  # the first must be a small part of the second",
            decided_by="facts" if done == done else "log",
            rank=28,
        )


def _geometric(values: np.ndarray) -> bool:
    """Whether each value is nearly the same multiple of the last, as in a learning rate range test."""
    steps = np.diff(np.log(values))
    return len(steps) >= 5 and float(np.std(steps)) <= 0.2 * abs(float(np.mean(steps)))
