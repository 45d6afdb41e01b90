"""STA003: a hump at the start that passed."""

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
class WarmUpHump(Rule):
    """The loss rose a little at the start, and then fell as it should.

    ## What it looks at
    The largest rise among the first points, beside the rises that later stretches of the same length show, where the loss
    came back below where the rise began.

    ## Why it matters
    A remark: the first ten to hundred steps of a sound run may rise (biased moments of Adam, large first logits). Judge the run
    from behind the hump on.

    ## What to try
    - Nothing, if it passed. A longer warm-up makes it smaller.

    ## When it is wrong
    A hump of a tenth of the run is no start: look at the learning rate.
    """

    meta: ClassVar = RuleMeta(
        code="STA003", name="warm-up-hump", since="0.1", summary="the loss rose at the start and then fell as it should"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("STA001", "STA002", "STA004", "DIV001", "NAN001", "LOG003")

    factor: float = 1.1
    """A tenth of the level; smaller humps change no judgement."""

    most: float = 10.0
    early: float = 0.2
    """A start is the first fifth of the points; what lasts longer is no hump of the start."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where a hump has passed."""
        series = case[TRAIN_LOSS].series.finite()
        if has_task(case, GAMES) or not bool((series.values > 0).all()):
            return
        found = hump(series.values)
        if found is None or found.back is None or not math.log(self.factor) < found.rise <= math.log(self.most):
            return
        if not found.back <= self.early * len(series):
            return
        step = series.steps[found.back]
        yield self.finding(
            f"{series.name} rose from {series.values[found.low]:.4g} to {series.values[found.peak]:.4g} at the start and was back at step {step:g}",
            rise_of(case, series, found, found.back),
            severity=Severity.INFO,
            confidence=0.8,
            why="the first steps of a sound run may rise; what counts begins behind the hump",
            do=(f"judge the run from step {step:g} on",),
            check="a warm-up of twice the length makes the hump smaller",
            rank=6,
        )
