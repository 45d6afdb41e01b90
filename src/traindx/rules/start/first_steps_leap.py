"""STA001: the loss leapt in the first steps and came down again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import GAMES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.start.leap import rise_of
from traindx.signals import hump


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStepsLeap(Rule):
    """The loss leapt tenfold in the first steps, and settled.

    ## What it looks at
    The largest rise among the first points, in medians of three, beside the rises that later stretches of the same length show.

    ## Why it matters
    The first updates threw the weights far away from where they were initialised; what the run does afterwards starts from there. Good
    initialisations, and pretrained weights above all, are lost that way.

    ## What to try
    - Warm the learning rate up over some hundred steps.
    - Look at the scale of the last layer and of the targets; clip the gradient norm.

    ## When it is wrong
    A log whose first value is of another kind (a resumed mean, a first batch of padding).
    """

    meta: ClassVar = RuleMeta(
        code="STA001", name="first-steps-leap", since="0.1", summary="the loss leapt tenfold in the first steps"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("DIV001", "NAN001", "LOG003", "STA004")

    factor: float = 10.0
    """Random logits, a hard batch or a warm-up lift a loss by half, never by ten."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the first steps multiplied the loss."""
        reading = case[TRAIN_LOSS]
        series = reading.series.finite()
        if has_task(case, GAMES) or not bool((series.values > 0).all()):
            return
        found = hump(series.values)
        if found is None or not found.rise > math.log(self.factor) or reading.curve is None:
            return
        low, peak = float(series.values[found.low]), float(series.values[found.peak])
        settled = (
            f"it was back at step {series.steps[found.back]:g}" if found.back is not None else "it has not come back"
        )
        yield self.finding(
            f"{series.name} leapt from {low:.4g} to {peak:.4g} by step {series.steps[found.peak]:g}; {settled}",
            rise_of(case, series, found, found.peak),
            severity=Severity.WARNING,
            confidence=0.85,
            why="the first updates threw the weights far from where they had been initialised",
            do=(
                "warm the learning rate up over some hundred steps",
                "clip the gradient norm, and look at the scale of the last layer",
            ),
            check="the norm of the first updates beside that of the weights: over a hundredth is too much",
            rank=54,
        )
