"""DIV002: the run had learnt and fell back to knowing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import JUDGED_LOSS, METRICS, NUM_CLASSES, REFERENCES, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.stability.nothing import FROM_ONE, FROM_ZERO, UNRELATED, level_of_nothing, width_of
from traindx.signals import Curve, true_stretches


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Collapsed(Rule):
    """The run had learnt, and fell back to the level of knowing nothing.

    ## What it looks at
    Task metrics that had risen and lost nearly all of it again; a share of explained variance (or of right answers among
    known classes) that is nothing in the whole last half of the evaluations after having been plainly more; a loss that had
    been below its chance level and stands at it again.

    ## Why it matters
    A collapsed representation or classifier rarely comes back: all outputs are alike, and so are the gradients.

    ## What to try
    - Restart from the best checkpoint with a lower learning rate, warm-up and clipping.

    ## When it is wrong
    Returns of reinforcement learning come and go; there it is only a warning.
    """

    meta: ClassVar = RuleMeta(
        code="DIV002", name="collapsed", since="0.1", summary="had learnt, then fell back to knowing nothing"
    )
    needs: ClassVar = ()
    may_use: ClassVar = (METRICS, JUDGED_LOSS, REFERENCES, TASKS, TRAIN_LOSS, NUM_CLASSES)
    condition: ClassVar = "collapsed"

    lost_share: float = 0.8
    """Four fifths of the distance from the best level to the level of knowing nothing, lost."""

    z: float = 5.0
    sudden_share: float = 0.6
    sudden_z: float = 20.0
    """Two points in a row, each twenty standard deviations off, are no accident even where tails are heavy."""

    least_gain: float = 0.05
    """A metric must have been a twentieth of its scale away from knowing nothing before its fall means anything."""

    evaluations: int = 8
    """Half of eight evaluations are four: the fewest that are a state and no bad luck."""

    plain_share: float = 0.2
    """A fifth of all variance explained is no accident of a validation set that allows any judgement."""

    held_share: float = 0.1
    held_points: int = 3
    """Three points are the window of a level; what had been learnt holds longer, or fills a tenth of the run."""

    def check(self, case: Case) -> Iterator[Finding]:
        playing = has_task(case, {"reinforcement"})
        for reading in (case.get(METRICS) or ())[:50]:
            if self._fell(case, reading) and not _only_new_data(reading, case.get(TRAIN_LOSS)):
                yield self._describe(case, reading, Severity.WARNING if playing else Severity.ERROR)
                return
        yield from self._loss_back_at_chance(case)

    def _fell(self, case: Case, reading: Reading) -> bool:
        curve = reading.curve
        if curve is None or curve.count < 5 or reading.role.direction is None or reading.role.component:
            return False
        if self._nothing_since(case, reading):
            return True
        distance = abs(curve.best.value - level_of_nothing(reading, case.get(NUM_CLASSES)))
        if not distance > max(self.least_gain * width_of(reading), 1e-12):
            return False
        lasting = curve.lost >= self.lost_share * distance and curve.lost > self.z * curve.error
        lasting = lasting and self._stood_there(case, reading, curve)
        return lasting or self._fell_suddenly(reading, curve, distance)

    def _nothing_since(self, case: Case, reading: Reading) -> bool:
        """Whether the whole last half of the evaluations knows nothing, where one before stood far outside their scatter.

        No level of the first half is asked for: what half of all evaluations deny is no skill of the model that is left,
        however short the time in which it had it.
        """
        values, sign = reading.series.finite().values, 1 if reading.role.direction == "higher" else -1
        known = reading.role.kind in UNRELATED or (reading.role.kind == "accuracy" and NUM_CLASSES in case)
        if not (known and reading.held_out and TRAIN_LOSS in case) or len(values) < self.evaluations:
            return False
        early, late = sign * values[: -(len(values) // 2)], sign * values[-(len(values) // 2) :]
        nothing, best = sign * level_of_nothing(reading, case.get(NUM_CLASSES)), float(early.max())
        distance = best - nothing
        scatter = 1.4826 * float(np.median(np.abs(late - np.median(late))))
        return (
            distance > self.plain_share * width_of(reading)
            and float(late.max()) < nothing + (1 - self.lost_share) * distance
            and float(np.median(late[-3:])) < nothing + self.least_gain * width_of(reading)
            and distance > self.z * scatter
        )

    def _stood_there(self, case: Case, reading: Reading, curve: Curve) -> bool:
        """Whether the run held its best level: rare lucky episodes of a metric that knows few values are no level."""
        values = reading.series.finite().values
        good = curve.sign * (values - 0.5 * (curve.best.value + level_of_nothing(reading, case.get(NUM_CLASSES)))) < 0
        longest = max((last - first + 1 for first, last in true_stretches(good)), default=0)
        return curve.count < 20 or float(good.mean()) >= self.held_share or longest > self.held_points

    def _fell_suddenly(self, reading: Reading, curve: Curve, distance: float) -> bool:
        """Whether both of the last two points, far beyond any noise, have lost most of it: the fall may be too fresh for a level."""
        values = reading.series.finite().values
        lost = float(np.min(curve.sign * (values[-2:] - curve.best.value)))
        before = float(
            np.median(curve.sign * (values[-7:-2] - curve.best.value))
        )  # it must have stood there just before
        return (
            curve.count >= 20
            and before <= 0.5 * distance
            and lost >= self.sudden_share * distance
            and lost > self.sudden_z * curve.noise
        )

    def _describe(self, case: Case, reading: Reading, severity: Severity) -> Finding:
        curve = reading.curve
        assert curve is not None
        peak = self._reached(case, reading, curve)
        last = max(curve.end.value, float(np.median(reading.series.finite().values[-2:])), key=lambda v: curve.sign * v)
        return self.finding(
            f"{reading.name} had reached {peak:.4g} and is back at {last:.4g}",
            at_level(
                case,
                reading,
                curve.end,
                f"{reading.name} at the end",
                expected=level_of_nothing(reading, case.get(NUM_CLASSES)),
                formula="knowing nothing",
            ),
            at_level(case, reading, curve.best, f"best level of {reading.name}"),
            severity=severity,
            confidence=0.96 if curve.count >= 20 else 0.88,
            why="nearly everything that had been learnt is lost; a collapsed model rarely recovers by itself",
            do=(
                "go back to the checkpoint of the best level",
                "restart from it with a lower learning rate, warm-up and clipping",
            ),
            check="evaluate the best checkpoint again: if it still scores, the weights collapsed, not the evaluation",
            rank=72,
        )

    def _reached(self, case: Case, reading: Reading, curve: Curve) -> float:
        """The best level or, where a single evaluation was all there was, that one."""
        nothing = level_of_nothing(reading, case.get(NUM_CLASSES))
        peak = curve.sign * float((curve.sign * reading.series.finite().values).min())
        brief = abs(curve.best.value - nothing) < 0.5 * abs(peak - nothing)
        return peak if brief and self._nothing_since(case, reading) else curve.best.value

    def _loss_back_at_chance(self, case: Case) -> Iterator[Finding]:
        reading, known = case.get(JUDGED_LOSS), case.get(REFERENCES)
        if reading is None or reading.curve is None or known is None or reading.curve.count < 5:
            return
        curve = reading.curve
        for ref in known:
            left = curve.best.value < 0.9 * ref.value - self.z * curve.error
            back = abs(curve.end.value - ref.value) <= ref.tolerance + 3 * curve.error
            if ref.origin != "constant" and ref.kind == "chance" and left and back:
                yield self.finding(
                    f"{reading.name} had reached {curve.best.value:.4g} and is back at {ref.formula} = {ref.value:.4g}",
                    at_level(
                        case,
                        reading,
                        curve.end,
                        f"level of {reading.name} at the end",
                        expected=ref.value,
                        formula=ref.formula,
                    ),
                    severity=Severity.ERROR,
                    confidence=0.95,
                    why=f"that is {ref.meaning}: what had been learnt is lost",
                    do=(
                        "go back to the checkpoint of the best level",
                        "restart from it with a lower learning rate and clipping",
                    ),
                    check="the spread of the embeddings or logits over a batch: near zero means collapse",
                    rank=72,
                )
                return


def _only_new_data(reading: Reading, train: Reading | None) -> bool:
    """Whether an error without a level of knowing nothing got worse on held-out data alone: that is overfitting."""
    if not reading.held_out or reading.role.kind in FROM_ZERO | FROM_ONE or train is None or train.curve is None:
        return False
    return train.curve.gained > 0 and train.curve.lost <= 0.25 * train.curve.gained
