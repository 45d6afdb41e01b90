"""GEN001: validation is past its best and worsening while training goes on improving."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, METRICS, TASKS, TRAIN_LOSS, VAL_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import Curve, local_noise

# Metrics that are the loss by another name: they cannot speak for it.
_OF_THE_LOSS = frozenset({"perplexity", "bits_per_byte", "bits_per_dim"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Overfitting(Rule):
    """Validation loss is past its best and getting worse, while training loss goes on falling or stays low.

    ## What it looks at
    The rise of the validation loss after its best evaluation, against the scatter of evaluations; what the training
    loss did meanwhile. A single evaluation far above a training loss of nearly zero counts as well.

    ## Why it matters
    Every epoch after the best one makes the model worse on new data.

    ## What to try
    - Keep the checkpoint of the best evaluation; stop, or add data, regularisation, augmentation.
    - If the task metric still rises while the loss does too, the model is over-confident: choose by the metric.

    ## When it is wrong
    Where training and validation losses are different sums.
    """

    meta: ClassVar = RuleMeta(
        code="GEN001", name="overfitting", since="0.1", summary="validation worsens while training improves"
    )
    needs: ClassVar = (VAL_LOSS, TRAIN_LOSS)
    may_use: ClassVar = (METRICS, TASKS)
    condition: ClassVar = "overfit"
    explained_by: ClassVar = ("DIV001", "DIV002", "NAN002", "LOG003", "LOG004")

    rise_share: float = 0.05
    """A rise under a twentieth of the best value rarely shows in any task metric."""

    z: float = 4.0
    """The best of many levels lies some two and a half standard errors low by luck alone; four leave room for dependence."""

    most_factor: float = 5.0
    """Over-confidence on new data multiplies a loss by a few; beyond that the weights have broken."""

    few_evaluations: int = 6
    """Of six evaluations or more, two bad ones at the end are a bad pair as often as a turn; three in a row are none."""

    mild_share: float = 0.10
    """Under a tenth, a rise that no task metric follows is what over-confident fine-tuning does; no fault by itself."""

    memorised_share: float = 0.02
    """Training loss under a fiftieth of the validation loss: the training set is known by heart."""

    def check(self, case: Case) -> Iterator[Finding]:
        val, train = case[VAL_LOSS], case[TRAIN_LOSS]
        if has_task(case, GAMES) or val.curve is None or train.curve is None:
            return
        turn = _turn(val.series.finite().values, val.curve)
        rise = turn.level - turn.best
        enough = rise > self.rise_share * abs(turn.best) and not rise <= self.z * turn.error
        if (
            turn.later >= (2 if len(val.series) < self.few_evaluations else 3)
            and enough
            and self._training_fine(train, val, turn.index)
            and turn.level <= self.most_factor * abs(turn.best)
        ):
            yield self._describe(case, val, train, turn)
        elif self._memorised(val, train):
            yield self._by_heart(case, val, train)

    def _training_fine(self, train: Reading, val: Reading, best: int) -> bool:
        """Whether training has not got worse since the best evaluation, nor lost much of what it had gained."""
        curve, series = train.curve, train.series.finite()
        assert curve is not None
        at = (
            int(np.searchsorted(series.steps, float(val.series.finite().steps[best])))
            if series.has_steps
            else len(series) // 2
        )
        width = max(1, len(series) // 20)
        then = float(np.median(series.values[max(0, at - width) : at + width])) if at < len(series) else curve.end.value
        if curve.end.value > then + max(0.05 * abs(then), 3 * curve.error):
            return False
        return curve.gained > 0 and curve.lost <= max(
            0.25 * max(curve.gained, 0.0), 3 * curve.error, 0.02 * abs(curve.best.value)
        )

    def _memorised(self, val: Reading, train: Reading) -> bool:
        assert val.curve is not None
        assert train.curve is not None
        now = train.curve.end.value
        return (
            now >= 0
            and val.curve.end.value > 0.1
            and now < self.memorised_share * val.curve.end.value
            and train.curve.gained > 0
        )

    def _describe(self, case: Case, val: Reading, train: Reading, turn: _Turn) -> Finding:
        series, curve, best, level, noise = val.series.finite(), train.curve, turn.index, turn.level, turn.error
        assert curve is not None
        share = (level - turn.best) / abs(turn.best)
        metric = _still_improving(case, best / max(1, len(series) - 1))
        rose = f"{val.name} rose {100 * share:.0f} % from its best {turn.best:.4g} (step {series.steps[best]:g}) to {level:.4g}, while {train.name} went on to {curve.end.value:.4g}"
        return self.finding(
            f"{rose} and {metric[0]} improved on to {metric[1]:.4g}" if metric else rose,
            Evidence(
                label=f"{val.name}: level of the last evaluations",
                measured=level,
                expected=turn.best,
                formula=f"its best, at step {series.steps[best]:g}",
                span=case.span(series, best, -1),
                note=f"scatter of such a difference {noise:.2g}"
                if noise == noise
                else "too few evaluations to estimate their scatter",
            ),
            *(
                (
                    Evidence(
                        label=f"{metric[0]} is still improving",
                        note="the model grows over-confident rather than worse",
                    ),
                )
                if metric
                else ()
            ),
            severity=Severity.INFO if metric and share < self.mild_share else Severity.WARNING,
            confidence=float(np.clip(0.7 + share, 0.7, 0.97)),
            why="the answers still get better, but the model is ever surer of those that are wrong"
            if metric
            else "what is learnt after the best evaluation does not carry over to new data",
            do=(
                f"choose the checkpoint by {metric[0]}, which is best near step {metric[2]:g}; do not use its probabilities as they are"
                if metric
                else f"keep the checkpoint nearest step {series.steps[best]:g}; more epochs make it worse",
                "add data, augmentation or weight decay before training longer",
            ),
            check="evaluate the best and the last checkpoint on a second held-out set",
            rank=50,
        )

    def _by_heart(self, case: Case, val: Reading, train: Reading) -> Finding:
        assert val.curve is not None
        assert train.curve is not None
        now, held_out = train.curve.end, val.curve.end
        metric = _still_improving(case, 0.0)
        return self.finding(
            f"{train.name} is down to {now.value:.2g} while {val.name} is {held_out.value:.4g}: the training set is known by heart",
            Evidence(
                label=f"{val.name} / {train.name} at the end",
                measured=held_out.value / max(now.value, 1e-12),
                expected=1.0,
                formula="equal on data never seen",
                span=case.span(val.series),
            ),
            severity=Severity.INFO if metric else Severity.WARNING,
            confidence=0.85,
            why="a training loss near zero beside a large validation loss is memorisation",
            do=(
                "stop earlier: evaluate more often and keep the best checkpoint",
                "fewer epochs, more data, or stronger regularisation",
            ),
            check="evaluate an early checkpoint: a lower validation loss there confirms it",
            rank=50,
        )


@final
@dataclass(frozen=True, slots=True)
class _Turn:
    """Where validation was best (index, value), its level now, the error of their difference, and the evaluations since."""

    index: int
    best: float
    level: float
    error: float
    later: int


def _turn(values: Floats, curve: Curve) -> _Turn:
    """The best lasting level against the last one; under twelve evaluations, single ones against their scatter."""
    if curve.count >= 12:
        middle = (curve.best.first + curve.best.last) // 2
        return _Turn(middle, curve.best.value, curve.end.value, curve.error, curve.count - 1 - middle)
    best = int(np.argmin(values))
    after = values[best + 1 :]
    level = float(np.median(after[-3:])) if len(after) else float("nan")
    return _Turn(best, float(values[best]), level, 0.6 * local_noise(values), len(after))


def _still_improving(case: Case, best_share: float) -> tuple[str, float, float] | None:
    """A task metric on held-out data whose best level comes well after the best loss: its name, best level, and step."""
    metrics = [r for r in case.get(METRICS) or () if r.curve is not None and r.role.kind not in _OF_THE_LOSS]
    told_apart = {r.role.kind for r in metrics if r.role.split is not None}
    for reading in metrics:
        curve = reading.curve
        assert curve is not None
        if reading.role.split == "train" or (reading.role.split is None and reading.role.kind in told_apart):
            continue  # beside "val_accuracy", a plain "accuracy" is that of training
        if curve.count < 4 or not curve.gained > 0 or curve.lost > max(curve.error, 0.02 * curve.gained):
            continue
        if curve.best.first / max(1, curve.count - 1) > best_share + 0.2:
            steps = reading.series.finite().steps
            return reading.name, curve.best.value, float(steps[(curve.best.first + curve.best.last) // 2])
    return None
