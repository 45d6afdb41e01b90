"""DIV001: a loss ended lastingly worse than it had been."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LOSSES, METRICS, READINGS, TASKS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import Curve, summarise


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Diverged(Rule):
    """The loss ended materially and lastingly worse than its earlier best.

    ## What it looks at
    The level of the last thirtieth of the run against the best level of any stretch of that length, in units of the
    noise and of the progress made before. Every total loss is looked at: a printed training loss can fall while the
    loss measured in evaluation mode explodes.

    ## Why it matters
    What was learnt is being lost; more steps lose more.

    ## What to try
    - Resume from the best checkpoint with a third of the learning rate, and with gradient clipping.
    - Look at the gradient norm before the turn: if it grew first, it is the step size; if not, the data.

    ## When it is wrong
    Where a rising loss is normal: policy gradients, the two sides of a GAN, a curriculum that gets harder.
    """

    meta: ClassVar = RuleMeta(
        code="DIV001", name="diverged", since="0.1", summary="a loss ends lastingly worse than its best"
    )
    needs: ClassVar = (LOSSES,)
    may_use: ClassVar = (TASKS, TRAIN_LOSS, READINGS, METRICS)
    condition: ClassVar = "diverged"

    lost_share: float = 0.5
    """Half of all progress lost is beyond any warm-up hump or schedule restart that recovers."""

    worsening_share: float = 0.2
    """Where little had been gained, a rise by a fifth of the best level is needed instead."""

    explosion_factor: float = 10.0
    """Ten times the start and the best is beyond any noise or schedule."""

    z: float = 5.0
    training_share: float = 0.05
    """Near zero, training losses double for nothing; a twentieth of what training had gained is lost by more than noise."""

    validation_factor: float = 2.0
    """Validation may rise by overfitting; twice its best while training is no better is more than that."""

    def check(self, case: Case) -> Iterator[Finding]:
        if (case.get(TASKS) or frozenset()) & {"reinforcement", "gan"}:
            return
        found = [reading for reading in case[LOSSES] if self._diverged(reading, case)]
        for reading in found[:2]:
            yield self._describe(case, reading)
        if not found:
            yield from self._against_logged_best(case)

    def _diverged(self, reading: Reading, case: Case) -> bool:
        curve = reading.curve
        if curve is None or curve.count < 5 or reading.role.statistic in ("min", "max", "std") or _was_off(reading):
            return False
        if curve.end.value > self.explosion_factor * max(abs(curve.start.value), abs(curve.best.value)):
            return True
        if not self._beyond_noise(reading, curve) or _contradicted(reading, case):
            return False
        needed = self.lost_share * curve.gained if curve.gained > 3 * curve.error else 0.0
        needed = max(needed, self.worsening_share * abs(curve.best.value))
        if not curve.lost > needed:
            return False
        return not reading.held_out or self._beyond_overfitting(reading, case)

    def _beyond_noise(self, reading: Reading, curve: Curve) -> bool:
        """Against the noise on the linear scale or, for positive values, on the log scale: explosions have no linear noise."""
        if curve.lost > max(self.z * curve.error, 1e-12):
            return True
        values = reading.series.finite().values
        if not bool((values > 0).all()):
            return False
        logs = summarise(np.log(values))
        return logs.lost > max(self.z * logs.error, math.log(2))

    def _beyond_overfitting(self, reading: Reading, case: Case) -> bool:
        curve, train = reading.curve, case.get(TRAIN_LOSS)
        if curve is None or not curve.end.value > self.validation_factor * abs(curve.best.value):
            return False
        training = train.curve if train is not None else None
        exploded = curve.end.value > self.explosion_factor * abs(curve.start.value)
        if training is None or not training.end.value > 1.2 * training.best.value:
            return exploded
        return exploded or training.lost > self.training_share * training.gained

    def _describe(self, case: Case, reading: Reading) -> Finding:
        curve = reading.curve
        assert curve is not None
        share = curve.lost / curve.gained if curve.gained > 0 else float("inf")
        worse = "all of what it had gained" if share >= 1 else f"{100 * share:.0f} % of what it had gained"
        worse = worse if curve.gained > 3 * curve.error else "more than it ever gained"
        certain = share >= 1 or curve.end.value > curve.start.value
        return self.finding(
            f"{reading.name} rose from {curve.best.value:.4g} to {curve.end.value:.4g} and stayed there: {worse} is lost",
            at_level(
                case,
                reading,
                curve.end,
                f"level of {reading.name} at the end",
                expected=curve.best.value,
                formula="its best level before",
            ),
            at_level(case, reading, curve.best, f"best level of {reading.name}"),
            severity=Severity.ERROR,
            confidence=0.97 if certain and curve.count >= 20 else 0.9,
            why="the optimiser has left the region it had found; more steps at this setting lose more",
            do=(
                "resume from the checkpoint nearest the best level, with a third of the learning rate",
                "clip the gradient norm and log it",
            ),
            check="plot loss and gradient norm around the turn: a norm that grew first means step size, a sudden jump means data",
            rank=70,
        )

    def _against_logged_best(self, case: Case) -> Iterator[Finding]:
        """A log may hold only the end of the story, but print the best value so far beside the current one."""
        readings = case.get(READINGS) or ()
        bests = [r for r in readings if r.role.kind == "loss" and r.role.statistic == "best" and r.curve is not None]
        for best in bests:
            current = next(
                (
                    r
                    for r in case[LOSSES]
                    if r.role.split == best.role.split and r.role.component == best.role.component
                ),
                None,
            )
            train = case.get(TRAIN_LOSS)
            if current is None or current.curve is None or best.curve is None or train is None or train.curve is None:
                continue
            now, then = current.curve.end.value, best.curve.end.value
            if not (now > 1.2 * then > 0 and train.curve.end.value > 1.1 * then):
                continue
            yield self.finding(
                f"{current.name} is {now:.4g} where the log's own best was {then:.4g}, and training ({train.curve.end.value:.4g}) is above that best too",
                at_level(
                    case,
                    current,
                    current.curve.end,
                    f"{current.name} now",
                    expected=then,
                    formula=f"{best.name} in the log",
                ),
                severity=Severity.ERROR,
                confidence=0.9,
                why="when training loss is above the best validation loss, this is not overfitting: the weights have got worse",
                do=(
                    "resume from the best checkpoint with a lower learning rate",
                    "read the log from the best epoch on",
                ),
                check="evaluate the best checkpoint again: it must give its old value",
                rank=70,
            )
            return


def _was_off(reading: Reading) -> bool:
    """Whether the loss is exactly 0 from the first point on for a while: a term that is switched on later, not a best level."""
    values = reading.series.finite().values
    return len(values) >= 2 and bool((values[: max(2, len(values) // 20)] == 0).all())


def _contradicted(reading: Reading, case: Case) -> bool:
    """Whether an error of the same split fell while this "loss" rose: then it is not the loss (another rule says so)."""
    for other in case.get(METRICS) or ():
        curve = other.curve
        if other.role.kind not in ("mse", "rmse", "mae") or other.role.split != reading.role.split or curve is None:
            continue
        if curve.gained > 0.5 * abs(curve.start.value) and curve.lost <= 0.1 * curve.gained:
            return True
    return False
