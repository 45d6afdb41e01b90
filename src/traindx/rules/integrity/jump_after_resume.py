"""LOG006: the loss jumps up where training was resumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, LEARNING_RATES, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats, Series
from traindx.signals import restarts

_HOUR = 3600.0
_MOST = 20


@final
@dataclass(frozen=True, slots=True)
class _Jump:
    """Where a resume begins (index), the levels on both sides, the error of their difference, and what gives the resume away."""

    index: int
    before: float
    after: float
    error: float
    sign: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class JumpAfterResume(Rule):
    """The loss is lastingly higher right after a resume than it was at the same steps before.

    ## What it looks at
    Places where the step counter goes back a little, or where the clock stands still for far longer than usual; the level of
    the points after them against the level of the same steps before (or of the last points, where none repeat).

    ## Why it matters
    Weights were restored and something else was not: the moments of the optimiser, the learning rate schedule, the loss
    scale, averaged weights, the position in the data. The run loses what it had gained since, and may never come back to it.

    ## What to try
    - Save and load optimiser, scheduler, scaler and sampler together with the weights.
    - Log the learning rate: after a resume it must go on where it was.

    ## When it is wrong
    Where data or loss were changed on purpose between the two parts.
    """

    meta: ClassVar = RuleMeta(
        code="LOG006", name="jump-after-resume", since="0.1", summary="the loss jumps up where training was resumed"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS, LEARNING_RATES)
    condition: ClassVar = "restarted"
    explained_by: ClassVar = ("LOG003", "LOG004", "NAN001", "NAN002")

    points: int = 20
    fewest: int = 4
    first: int = 8
    """The first points after a resume show the jump; a run that finds back does so within a few dozen."""

    z: float = 6.0
    """Several places are looked at, and neighbouring losses depend on each other."""

    gained_share: float = 0.15
    """A jump that undoes less than a seventh of all that was gained is made good within the log's own noise."""

    level_share: float = 0.03
    pause: float = 50.0
    """Evaluations and checkpoints pause a log for some steps; fifty of them are a new start of the program."""

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[TRAIN_LOSS]
        if has_task(case, GAMES) or loss.curve is None:
            return
        series, curve = loss.whole.finite(), loss.curve
        floor = max(self.gained_share * curve.gained, self.level_share * abs(curve.best.value))
        if not (curve.gained > 0 and curve.noise > 0):
            return
        found = [
            jump
            for at, sign in self._resumes(series)
            if (jump := self._jump(series, at, sign, curve.noise)) is not None
            and jump.after - jump.before > max(floor, self.z * jump.error)
        ]
        if found:
            yield self._describe(case, loss, series, found)

    def _resumes(self, series: Series) -> list[tuple[int, str]]:
        """Indices of the first points after a resume, and what gives it away."""
        counter = series.steps if series.has_steps else series.epochs
        lowest = float(np.nanmin(counter)) if bool(np.isfinite(counter).any()) else 0.0
        back = [r for r in restarts(counter) if r.after - lowest > 0.1 * (r.before - lowest)]
        if len(back) > _MOST:
            return []  # several writers, not resumes
        found = [(r.index, f"the counter goes back from {r.before:g} to {r.after:g}") for r in back]
        gaps = np.diff(series.wall_times)
        known = gaps[np.isfinite(gaps)]
        if len(known) < 2 * self.points:
            return found
        limit = max(self.pause * float(np.median(known[:2_000])), _HOUR / 6)
        long = np.flatnonzero(gaps > limit)
        if len(long) <= _MOST:
            found += [(int(i) + 1, f"the log pauses for {gaps[i] / _HOUR:.1f} h") for i in long]
        return found

    def _jump(self, series: Series, at: int, sign: str, noise: float) -> _Jump | None:
        after = series.values[at : at + self.first]
        steps = series.steps[at : at + self.first]
        if len(after) < self.fewest:
            return None
        earlier = series.steps[max(0, at - 20 * self.points) : at]
        same = (earlier >= float(steps[0])) & (earlier <= float(steps[-1]))
        past = series.values[max(0, at - 20 * self.points) : at]
        before: Floats = past[same] if np.count_nonzero(same) >= self.fewest else past[-self.points :]
        if len(before) < self.fewest:
            return None
        error = 1.2533 * noise * float(np.sqrt(1 / len(after) + 1 / len(before)))
        return _Jump(at, float(np.median(before)), float(np.median(after)), error, sign)

    def _describe(self, case: Case, loss: Reading, series: Series, found: list[_Jump]) -> Finding:
        worst = max(found, key=lambda jump: jump.after - jump.before)
        more = f" (and at {len(found) - 1} more)" if len(found) > 1 else ""
        return self.finding(
            f"{loss.name} jumps from {worst.before:.4g} to {worst.after:.4g} at step {series.steps[worst.index]:g}, where {worst.sign}{more}",
            Evidence(
                label=f"{loss.name} after the resume",
                measured=worst.after,
                expected=worst.before,
                formula="its level before, at the same steps where they repeat",
                span=case.span(series, worst.index, min(len(series) - 1, worst.index + self.points - 1)),
                note=f"{(worst.after - worst.before) / worst.error:.0f} times its error",
            ),
            *self._rates(case, series, worst.index),
            severity=Severity.WARNING,
            confidence=0.85,
            why="the weights were restored but something else was not: optimiser moments, schedule, loss scale, position in the data",
            do=(
                "save and load optimiser, scheduler, scaler and sampler together with the weights",
                "resume again from the checkpoint before this place, and compare the first losses",
            ),
            check="evaluate the checkpoint in both programs before the first step: equal losses mean that the weights are right and the optimiser state is lost",
            rank=57,
        )

    def _rates(self, case: Case, series: Series, at: int) -> tuple[Evidence, ...]:
        """The learning rate on both sides, where it is logged with every point and changed by a tenth or more."""
        for rate in case.get(LEARNING_RATES) or ():
            values = rate.whole.values
            if len(values) == len(series) and abs(values[at] - values[at - 1]) > 0.1 * abs(values[at - 1]):
                label = f"{rate.name} after the resume"
                before, after = float(values[at - 1]), float(values[at])
                return (Evidence(label=label, measured=after, expected=before, formula="its value before"),)
        return ()
