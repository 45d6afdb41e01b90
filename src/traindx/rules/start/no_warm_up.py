"""STA004: full learning rate from the first step on, and an unstable start."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import GAMES, LEARNING_RATES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.start.leap import rise_of
from traindx.rules.start.schedule import peak_of
from traindx.signals import hump


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NoWarmUp(Rule):
    """The learning rate is full from the first step on, and the loss leapt at the start.

    ## What it looks at
    The first logged learning rate beside its peak, and the largest rise of the loss among its first points.

    ## Why it matters
    The moments of Adam rest on a few gradients at first, so that its first steps are as long as they can be. With a full rate they
    throw the weights out.

    ## What to try
    - Warm up linearly over one to five per cent of the steps.

    ## When it is wrong
    A log that begins long after the training did, behind a warm-up.
    Runs that resume in the middle of a schedule; plain SGD with a small rate.
    """

    meta: ClassVar = RuleMeta(
        code="STA004", name="no-warm-up", since="0.1", summary="no warm-up, and the loss leapt at the start"
    )
    needs: ClassVar = (TRAIN_LOSS, LEARNING_RATES)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("NAN001", "LOG003", "LOG001")

    full: float = 0.9
    """From nine tenths of the peak on there is no warm-up to speak of."""

    factor: float = 1.2
    loud_factor: float = 2.0

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where both hold: no warm-up, and a leap."""
        series, peak = case[TRAIN_LOSS].series.finite(), peak_of(case[LEARNING_RATES])
        if peak is None or not peak.first >= self.full * peak.highest or not series.has_steps:
            return
        if has_task(case, GAMES) or not bool((series.values > 0).all()):
            return
        if len(series) < 20:
            return
        found = hump(series.values)
        if found is None or not found.rise > math.log(self.factor):
            return
        low, high = float(series.values[found.low]), float(series.values[found.peak])
        yield self.finding(
            f"{series.name} leapt from {low:.4g} to {high:.4g} by step {series.steps[found.peak]:g}, under a learning rate of {peak.first:.3g} from the first step on",
            Evidence(
                label="first learning rate over its peak",
                measured=peak.first / peak.highest,
                expected=self.full,
                formula="what a warm-up stays under at first",
                span=case.span(series, found.low, found.peak),
            ),
            rise_of(case, series, found, found.peak),
            severity=Severity.WARNING if found.rise > math.log(self.loud_factor) else Severity.INFO,
            confidence=0.85,
            why="the first steps of an adaptive optimiser are as long as they can be; at the full rate they throw the weights out",
            do=("warm the learning rate up linearly over one to five per cent of the steps",),
            check="the first two hundred steps with a warm-up: the leap must be gone",
            rank=55,
        )
