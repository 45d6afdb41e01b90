"""DIV002: the run had learnt and fell back to knowing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import JUDGED_LOSS, METRICS, REFERENCES, TASKS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import Curve, true_stretches

# Shares and scores whose value for a model that knows nothing is near zero, and rates whose value is near one.
_FROM_ZERO = frozenset(
    {
        "accuracy",
        "balanced_accuracy",
        "map",
        "average_precision",
        "dice",
        "iou",
        "recall_at_k",
        "hit_rate",
        "mrr",
        "ndcg",
        "bleu",
        "rouge",
        "f1",
        "exact_match",
        "recall",
        "precision",
        "success_rate",
        "mcc",
        "kappa",
    }
)
_FROM_ONE = frozenset({"wer", "cer", "error_rate"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Collapsed(Rule):
    """The run had learnt, and fell back to the level of knowing nothing.

    ## What it looks at
    Task metrics that had risen and lost nearly all of it again; a loss that had been below its chance level and
    stands at it again.

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
    may_use: ClassVar = (METRICS, JUDGED_LOSS, REFERENCES, TASKS, TRAIN_LOSS)
    condition: ClassVar = "collapsed"

    lost_share: float = 0.8
    """Four fifths of the distance from the best level to the level of knowing nothing, lost."""

    z: float = 5.0
    sudden_share: float = 0.6
    sudden_z: float = 20.0
    """Two points in a row, each twenty standard deviations off, are no accident even where tails are heavy."""

    least_gain: float = 0.05
    """A metric must have been a twentieth of its scale away from knowing nothing before its fall means anything."""

    held_share: float = 0.1
    held_points: int = 3
    """Three points are the window of a level; what had been learnt holds longer, or fills a tenth of the run."""

    def check(self, case: Case) -> Iterator[Finding]:
        playing = "reinforcement" in (case.get(TASKS) or frozenset())
        for reading in (case.get(METRICS) or ())[:50]:
            if self._fell(reading) and not _only_new_data(reading, case.get(TRAIN_LOSS)):
                yield self._describe(case, reading, Severity.WARNING if playing else Severity.ERROR)
                return
        yield from self._loss_back_at_chance(case)

    def _fell(self, reading: Reading) -> bool:
        curve = reading.curve
        if curve is None or curve.count < 5 or reading.role.direction is None or reading.role.component:
            return False
        distance = abs(curve.best.value - _nothing(reading))
        if not distance > max(self.least_gain * _scale(reading), 1e-12):
            return False
        lasting = curve.lost >= self.lost_share * distance and curve.lost > self.z * curve.error
        lasting = lasting and self._stood_there(reading, curve)
        return lasting or self._fell_suddenly(reading, curve, distance)

    def _stood_there(self, reading: Reading, curve: Curve) -> bool:
        """Whether the run held its best level: rare lucky episodes of a metric that knows few values are no level."""
        values = reading.series.finite().values
        good = curve.sign * (values - 0.5 * (curve.best.value + _nothing(reading))) < 0
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
        last = max(curve.end.value, float(np.median(reading.series.finite().values[-2:])), key=lambda v: curve.sign * v)
        return self.finding(
            f"{reading.name} had reached {curve.best.value:.4g} and is back at {last:.4g}",
            at_level(
                case,
                reading,
                curve.end,
                f"{reading.name} at the end",
                expected=_nothing(reading),
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


def _nothing(reading: Reading) -> float:
    """The level of knowing nothing: known for shares and rates, else the start of the curve."""
    curve = reading.curve
    assert curve is not None
    if reading.role.kind in _FROM_ZERO:
        return 0.0
    if reading.role.kind == "auroc":
        return 0.5 * _scale(reading)
    if reading.role.kind in _FROM_ONE:
        return 100.0 if max(curve.start.value, curve.end.value) > 2.5 else 1.0
    return curve.start.value


def _scale(reading: Reading) -> float:
    """The width of the metric: 1 or 100 for shares and rates, else its own largest level."""
    curve = reading.curve
    assert curve is not None
    highest = max(abs(curve.best.value), abs(curve.start.value), abs(curve.end.value))
    if reading.role.kind not in _FROM_ZERO | _FROM_ONE | {"auroc"}:
        return highest
    return 100.0 if reading.role.unit == "percent" or highest > 2.5 else 1.0


def _only_new_data(reading: Reading, train: Reading | None) -> bool:
    """Whether an error without a level of knowing nothing got worse on held-out data alone: that is overfitting."""
    if not reading.held_out or reading.role.kind in _FROM_ZERO | _FROM_ONE or train is None or train.curve is None:
        return False
    return train.curve.gained > 0 and train.curve.lost <= 0.25 * train.curve.gained
