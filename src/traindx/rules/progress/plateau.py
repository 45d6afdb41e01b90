"""PRO002: the loss learnt, and then stood still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import GAMES, LEARNING_RATES, METRICS, TASKS, TRAIN_LOSS, VAL_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import between, decayed
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import plateau


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Plateau(Rule):
    """The loss learnt, and has stood still since, over the last third of the run or more.

    ## What it looks at
    The most that the last part of the run may have gained, given its noise (a line through blocks that hardly depend on each other,
    plus two errors), against one per cent of the level.

    ## Why it matters
    At this learning rate, further steps buy nothing. Often the noise of the steps hides progress that a falling learning rate
    would show.

    ## What to try
    - Let the learning rate decay over a last tenth of the steps, then stop.
    - If that brings nothing: a larger model, more data, or a look at what the errors have in common.

    ## When it is wrong
    Losses whose level says nothing (policy gradients, GANs, diffusion). Some tasks stand still for long and then learn.
    """

    meta: ClassVar = RuleMeta(
        code="PRO002",
        name="plateau",
        since="0.1",
        summary="the loss learnt, and has stood still for a third of the run",
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (VAL_LOSS, TASKS, LEARNING_RATES, METRICS)
    condition: ClassVar = "plateau"
    explained_by: ClassVar = ("BAS001", "BAS002", "BAS006", "DIV001", "DIV002", "NAN001", "NAN002", "LOG003", "PRO001")

    points: int = 30
    late_share: float = 0.01
    gained_share: float = 0.002
    """A hundredth of the level is less than the choice of the seed moves it; near zero, a 500th of all progress takes over."""

    learnt: float = 0.02
    floor: float = 0.02
    """A loss under a fiftieth of its start has next to nothing left to gain."""

    decayed_share: float = 0.3
    """A rate under a third of its peak stands at the end of a schedule: the run has finished as planned."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where a run that had learnt stands still with its learning rate up."""
        reading = case[TRAIN_LOSS]
        curve = reading.curve
        if curve is None or curve.count < self.points or self._of_no_use(case):
            return
        if not curve.gained > max(3 * curve.gain_error, self.learnt * abs(curve.start.value)):
            return
        if 0 <= curve.end.value < self.floor * abs(curve.start.value):
            return
        worth = max(self.late_share * abs(curve.end.value), self.gained_share * curve.gained)
        found = plateau(curve.levels, worth=worth)
        if found is None or self._elsewhere_better(case):
            return
        first = found.first
        step = reading.series.finite().steps[min(curve.count - 1, first * curve.block)]
        stands = (len(curve.levels) - first) / len(curve.levels)
        yield self.finding(
            f"{reading.name} has stood at {found.level:.4g} since step {step:g}, {stands:.0%} of the run",
            Evidence(
                label="most that may have been gained since then",
                measured=found.most,
                expected=worth,
                formula="1 % of the level, or 0.2 % of all that was gained",
                span=between(case, reading, first, len(curve.levels) - 1),
                note=f"measured gain {found.gained:.2g}",
            ),
            severity=Severity.INFO,
            confidence=0.85,
            why="at this learning rate, further steps buy nothing",
            do=("decay the learning rate over a last tenth of the steps, then stop",),
            check="a short branch with a falling learning rate: a drop there means that step noise hid the progress",
            rank=15,
        )

    def _of_no_use(self, case: Case) -> bool:
        playing = has_task(case, GAMES | {"diffusion"})
        return bool(playing) or decayed(case.get(LEARNING_RATES) or (), self.decayed_share)

    def _elsewhere_better(self, case: Case) -> bool:
        """Whether a validation loss or metric is still at its best at the end."""
        readings = [
            r for r in (case.get(VAL_LOSS), *(case.get(METRICS) or ())) if r is not None and r.role.split == "val"
        ]
        return any(
            r.curve is not None and r.curve.count >= 4 and r.curve.lost == 0 and r.curve.gained > 0 for r in readings
        )
