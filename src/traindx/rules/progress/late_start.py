"""PRO006: the loss stood still at its first level for long before learning began."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, LEARNING_RATES, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import between, log_levels
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LateStart(Rule):
    """The loss stood at its first level for a large part of the run, and then began to fall.

    ## What it looks at
    When the loss left the level of its first stretch for good, by more than its noise and three per cent, and how much was gained after.

    ## Why it matters
    A remark, not a fault: it says from which step on the run is to be judged. Long starts waste steps: they come from a warm-up
    that is too long, from an initialisation near a saddle, or from a task that must first find its alignment (CTC, attention).

    ## What to try
    - A shorter warm-up or a higher learning rate, if the plateau ends only when the rate has risen.
    - For CTC and attention: shorter samples first.

    ## When it is wrong
    Runs that resume from a checkpoint; logs whose first values are means over many steps.
    """

    meta: ClassVar = RuleMeta(
        code="PRO006", name="late-start", since="0.1", summary="the loss stood still for long before learning began"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS, LEARNING_RATES)
    explained_by: ClassVar = ("LOG003", "DIV001")

    points: int = 40
    share: float = 0.15
    left: float = 0.03
    noises: float = 5.0
    gained: float = 0.2
    """A fifth of the first level must be gained after it, else the plateau is the run."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where a long first plateau was left."""
        reading = case[TRAIN_LOSS]
        curve, logs = reading.curve, log_levels(reading, self.points)
        if logs is None or curve is None or has_task(case, GAMES):
            return
        if not curve.start.value - curve.end.value > self.gained * curve.start.value:
            return
        begun = self._begun(curve.levels)
        if begun is None or not begun >= self.share * len(logs):
            return
        step = reading.series.finite().steps[min(curve.count - 1, begun * curve.block)]
        yield self.finding(
            f"{reading.name} stood at {curve.start.value:.4g} for {begun / len(logs):.0%} of the run: learning began at step {step:g}",
            Evidence(
                label="level up to that step",
                measured=float(np.median(curve.levels[:begun])),
                expected=curve.start.value,
                formula="level of the first points",
                span=between(case, reading, 0, begun - 1),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why=self._why(case.get(TASKS) or frozenset(), case.get(LEARNING_RATES) or ()),
            do=(f"judge the run from step {step:g} on",),
            check="the same run with half the warm-up: learning must begin earlier, or the plateau has another cause",
            rank=8,
        )

    def _begun(self, levels: np.ndarray) -> int | None:
        """Index from which on the loss lies below its first level for good; None where it never stood there."""
        size = len(levels)
        first = levels[: max(5, size // 10)]
        start, spread = float(np.median(first)), float(np.median(np.abs(first - np.median(first)))) * 1.4826
        limit = start - max(self.left * start, self.noises * spread / np.sqrt(5))
        width = max(3, size // 40)
        medians = np.median(np.lib.stride_tricks.sliding_window_view(levels, width), axis=1)
        above = np.flatnonzero(medians >= limit)
        stood = levels[: int(above[-1]) + 1] if len(above) else levels[:0]
        if (
            not len(stood)
            or float(np.median(stood)) < limit
            or float(np.mean(np.abs(stood / start - 1) < 3 * self.left)) < 0.8
        ):
            return None
        return int(above[-1]) + width // 2

    def _why(self, tasks: frozenset[str], rates: tuple[Reading, ...]) -> str:
        if "transcription" in tasks:
            return (
                "transcription first learns to print nothing, and then where the letters are: a long plateau is normal"
            )
        if any(r.curve is not None and r.curve.start.value < 0.1 * float(np.max(r.curve.levels)) for r in rates):
            return "the learning rate was still warming up at first"
        return "the first steps bought nothing: a long warm-up, an initialisation near a saddle, or an alignment to be found"
