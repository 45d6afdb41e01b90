"""DIV001: a loss ended lastingly worse than it had been."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, LOSSES, METRICS, READINGS, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import Curve, summarise

# Seven rows are the fewest whose order (three before four) has odds under one in twenty.
_FEWEST_APART = 7
_MATERIAL = 0.2


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Diverged(Rule):
    """The loss ended materially and lastingly worse than its earlier best.

    ## What it looks at
    The level of the last thirtieth of the run against the best level of any stretch of that length, in units of the
    noise and of the progress made before. Where a few rows scatter so much that no noise can be told, their order is
    asked instead: all of the last half above all of the first points. Every total loss is looked at: a printed training
    loss can fall while the loss measured in evaluation mode explodes.

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

    exploded_points: int = 12
    """An explosion within the first points hides the level that the run began from; a third of twelve rows shows that it lasts."""

    z: float = 5.0
    sure_odds: float = 0.005
    joint_odds: float = 0.05
    """Rows in an order that luck gives once in two hundred times, or once in twenty in two series each (once in four hundred)."""

    training_share: float = 0.05
    """Near zero, training losses double for nothing; a twentieth of what training had gained is lost by more than noise."""

    validation_factor: float = 2.0
    """Validation may rise by overfitting; twice its best while training is no better is more than that."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, GAMES):
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
        if self._exploded_at_once(curve):
            return True
        if not (self._beyond_noise(reading, curve) or self._apart(reading, case)) or _contradicted(reading, case):
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

    def _exploded_at_once(self, curve: Curve) -> bool:
        """Whether all of the last third lies an explosion above the first point, which a median of five points may not show."""
        levels = curve.levels
        if len(levels) < self.exploded_points or not bool((levels > 0).all()):
            return False
        return float(levels[-(len(levels) // 3) :].min()) > self.explosion_factor * float(levels[0])

    def _apart(self, reading: Reading, case: Case) -> bool:
        """Whether the order of the rows alone tells that the loss rose for good, by itself or with a second series."""
        curve = reading.curve
        if curve is None or len(curve.levels) < _FEWEST_APART:
            return False
        odds = _odds_of_rise(curve)
        if odds <= self.sure_odds:
            return True
        if not odds <= self.joint_odds:
            return False
        series = (*case[LOSSES], *(case.get(METRICS) or ()))
        others = [r for r in series if r.role.direction is not None and r.role.split != reading.role.split]
        return any(_odds_of_rise(r.curve) <= self.joint_odds for r in others[:50] if r.curve is not None)

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


def _odds_of_rise(curve: Curve) -> float:
    """The odds that luck alone puts the first f points all better than all l of the last half: 1 over (f + l choose f).

    ``f`` is the largest number for which it holds. Under any exchangeable noise "at least f" has exactly these odds, so
    that nothing is lost by looking for the largest. 1.0 where not even the first point lies below them all, or where
    the level did not move by a fifth.
    """
    levels = curve.sign * curve.levels
    half = len(levels) // 2
    early, late = levels[:half], levels[half:]
    if not len(early):
        return 1.0
    below = np.maximum.accumulate(early) < float(late.min())
    ahead = int(np.argmin(below)) if not below.all() else half
    material = float(np.median(late)) - float(np.median(early[: max(1, ahead)]))
    if ahead == 0 or not material > _MATERIAL * abs(float(np.median(early[: max(1, ahead)]))):
        return 1.0
    return 1.0 / math.comb(min(ahead, 50) + min(len(late), 50), min(ahead, 50))


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
