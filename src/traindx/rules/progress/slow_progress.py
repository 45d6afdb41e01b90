"""PRO004: the loss falls, along a straight line and hardly at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import GAMES, LEARNING_RATES, METRICS, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import between, covers_far, decayed
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import gain


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SlowProgress(Rule):
    """The loss falls along a straight line, and hardly at all.

    ## What it looks at
    The gain of the first and of the last half of the run. A model that learns gains most at first; one whose learning rate is far too low
    walks down a straight line.

    ## Why it matters
    At this pace the run reaches nothing within its budget, and it looks healthy all the time: the loss does fall.

    ## What to try
    - Try ten times the learning rate for the first few hundred steps.
    - Check that the parameters that matter are trained, and that the schedule is not still warming up.

    ## When it is wrong
    Fine-tuning of a model that was good before; the middle of a long run, logged from some later step on.
    """

    meta: ClassVar = RuleMeta(
        code="PRO004",
        name="slow-progress",
        since="0.1",
        summary="the loss falls along a straight line, and hardly at all",
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS, LEARNING_RATES, METRICS)
    explained_by: ClassVar = ("BAS001", "BAS002", "BAS006", "DIV001", "LOG003", "PRO001", "OPT001")

    points: int = 40
    share: float = 0.10
    """A tenth of the first level over a whole run: learning models gain that in their first hundred steps."""

    least: float = 0.01
    sure_z: float = 6.0
    straight: float = 0.6
    """Halves of a straight line gain alike; the second half of a curve that flattens gains less than half of the first."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where both halves gained alike, surely, and little."""
        reading = case[TRAIN_LOSS]
        curve = reading.curve
        if curve is None or curve.count < self.points or not covers_far(reading):
            return
        if has_task(case, GAMES | {"diffusion"}) or self._learnt(case):
            return
        gained, error = gain(curve.levels)
        if (
            not gained > self.sure_z * error
            or not self.least < gained / max(abs(curve.start.value), 1e-12) < self.share
        ):
            return
        half = len(curve.levels) // 2
        first, last = gain(curve.levels[:half])[0], gain(curve.levels[half:])[0]
        if not min(first, last) > self.straight * max(first, last) or decayed(case.get(LEARNING_RATES) or (), 0.1):
            return
        yield self.finding(
            f"{reading.name} fell by {gained:.3g} ({gained / abs(curve.start.value):.1%}) over the whole run, along a straight line",
            Evidence(
                label="gain of the last half over that of the first",
                measured=last / first,
                expected=0.5,
                formula="what a curve that flattens leaves at most",
                span=between(case, reading, 0, len(curve.levels) - 1),
            ),
            severity=Severity.INFO,
            confidence=0.65,
            why="a straight, shallow line is what a learning rate that is far too low looks like",
            do=("try ten times the learning rate for the first few hundred steps",),
            check="ten times the learning rate on the first batches: a line ten times as steep confirms it",
            rank=18,
        )

    def _learnt(self, case: Case) -> bool:
        """Whether a task metric has plainly moved: then it was good before, or this loss is not what is learnt."""
        return any(
            r.curve is not None
            and r.curve.count >= 4
            and r.curve.gained > max(4 * r.curve.error, 0.1 * abs(r.curve.best.value))
            for r in case.get(METRICS) or ()
        )
