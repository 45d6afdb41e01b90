"""GEN002: validation loss is far below training loss, more than averaging and dropout explain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.context import GAMES, LABEL_SMOOTHING, METRICS, TASKS, TRAIN_LOSS, VAL_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats

# Dropout and augmentation that lower a loss to two fifths take away about as large a share of the errors.
_SAME_ERRORS = 0.6


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationFarBelowTraining(Rule):
    """Validation loss is far below training loss.

    ## What it looks at
    Every evaluation against the training loss of the *following* stretch: a training value averaged over an epoch
    describes the model of half an epoch before, so the following one is the fair partner. Only a
    gap that stays over the last quarter of the run counts.

    ## Why it matters
    It can be harmless (dropout, augmentation, label smoothing, extra terms in training mode), or mean that
    validation examples were trained on, or that the two numbers are different sums.

    ## What to try
    - Evaluate the training set in evaluation mode, without augmentation: like against like.
    - Count examples (and groups: games, patients, songs) that both splits share.

    ## When it is wrong
    Heavy dropout (half of all units) or mixing augmentations alone can halve the loss in evaluation mode. Where training
    and validation are wrong equally often, only the losses differ (label smoothing, a sum); where training errs more often by as
    much, its inputs are made harder (augmentation). Both are told as information.
    """

    meta: ClassVar = RuleMeta(
        code="GEN002",
        name="validation-far-below-training",
        since="0.1",
        summary="validation loss is far below training loss",
    )
    needs: ClassVar = (TRAIN_LOSS, VAL_LOSS)
    may_use: ClassVar = (TASKS, LABEL_SMOOTHING, METRICS)
    condition: ClassVar = "suspicious_val"
    explained_by: ClassVar = ("DIV001", "DIV002", "NAN001", "NAN002", "LOG003", "LOG004", "GEN005", "DET003", "SCL002")

    ratio: float = 0.42
    """Dropout of one half lowers the loss in evaluation mode to 0.43 of training; beyond it something else is at work."""

    evaluations: int = 4

    perfect: float = 0.01
    """Fewer errors than one in a hundred beside a training that makes many are no matter of augmentation."""

    consistent: float = 2.0
    """Losses and errors of one model go together, within a factor that confidence makes."""

    def check(self, case: Case) -> Iterator[Finding]:
        train, val = case[TRAIN_LOSS], case[VAL_LOSS]
        if has_task(case, GAMES | {"variational", "detection"}):
            return
        pairs = _partners(train, val)
        if len(pairs) == 1 or (0 < len(pairs) < self.evaluations):
            yield from self._lag(case, train, val, pairs)
        if len(pairs) < self.evaluations or not bool((pairs > 0).all()):
            return
        late = pairs[3 * len(pairs) // 4 :]
        ratios = late[:, 1] / late[:, 0]
        typical = float(np.median(ratios))
        if not (0 < typical < self.ratio and float(np.mean(ratios < self.ratio)) > 0.7):
            return
        alike, harder = _as_often_wrong(case), self._harder_training(case, typical)
        yield self.finding(
            f"{val.name} is {1 / typical:.1f} times lower than {train.name} over the last quarter of the run",
            Evidence(
                label=f"{val.name} / {train.name}, corrected for epoch averaging",
                measured=typical,
                expected=self.ratio,
                formula="the lowest that dropout of one half produces",
                span=case.span(val.series, 3 * len(val.series) // 4, -1),
            ),
            severity=Severity.INFO if alike or harder else Severity.WARNING,
            confidence=0.75,
            why="training and validation are wrong as often as each other: the two losses are different sums, as label smoothing makes them"
            if alike
            else "training is wrong more often by as much: its inputs are made harder, as strong augmentation does"
            if harder
            else "either the two numbers are different sums, or training is made much harder than evaluation, or validation was seen",
            do=(
                "evaluate the training set in evaluation mode without augmentation and compare like with like",
                "count examples and groups that both splits share",
                "list what only training adds: auxiliary terms, label smoothing, mixup, weight decay in the loss",
            ),
            check="training loss in evaluation mode equal to validation loss would clear the data",
            rank=35,
        )

    def _harder_training(self, case: Case, ratio: float) -> bool:
        """Whether training errs more often by about as much as it costs more, and validation is not suspiciously perfect."""
        wrong = _wrong(case)
        if len(wrong) < 2 or not wrong[True] > self.perfect:
            return False
        return self.consistent > wrong[True] / max(wrong[False], 1e-9) / ratio > 1 / self.consistent

    def _lag(self, case: Case, train: Reading, val: Reading, pairs: np.ndarray) -> Iterator[Finding]:
        """With one or two epochs, a low validation loss is what averaging over the epoch predicts: say so."""
        if not (bool((pairs > 0).all()) and float(pairs[-1, 1] / pairs[-1, 0]) < self.ratio):
            return
        yield self.finding(
            f"{val.name} {pairs[-1, 1]:.4g} is far below {train.name} {pairs[-1, 0]:.4g}, as an average over the first epoch predicts",
            Evidence(
                label=f"{val.name} / {train.name}",
                measured=float(pairs[-1, 1] / pairs[-1, 0]),
                expected=1.0,
                formula="equal only for values of the same moment",
                span=case.span(val.series),
            ),
            condition=None,
            severity=Severity.INFO,
            confidence=0.8,
            why="the training value is a mean over an epoch that began at chance; validation is measured at its end. No leak is needed to explain it",
            do=("look again after the next epoch: its training mean should come down to about this validation loss",),
            check="if the next training mean stays far above it, count duplicates between the splits",
            rank=10,
        )


def _as_often_wrong(case: Case) -> bool:
    """Whether accuracies of both splits leave errors of about one size: then only the losses are of different kinds."""
    wrong = _wrong(case)
    return len(wrong) == 2 and wrong[True] >= _SAME_ERRORS * wrong[False]


def _wrong(case: Case) -> dict[bool, float]:
    """The last share of errors, by whether it was held out."""
    wrong: dict[bool, float] = {}
    for reading in case.get(METRICS) or ():
        if reading.role.kind == "accuracy" and reading.role.component is None and reading.curve is not None:
            wrong.setdefault(reading.held_out, 1 - reading.curve.end.value / reading.full)
    return {held: share for held, share in wrong.items() if share >= 0}


def _partners(train: Reading, val: Reading) -> np.ndarray:
    """Rows (training, validation): each evaluation with the lower of the training values just before and just after it."""
    a, b = train.series.finite(), val.series.finite()
    if not len(a) or not len(b):
        return np.empty((0, 2))
    if not (a.has_steps and b.has_steps) and len(a) == len(b):
        after = np.append(a.values[1:], a.values[-1])
        return np.column_stack([np.minimum(a.values, after), b.values])
    order = np.argsort(a.steps, kind="stable")
    steps, values = a.steps[order], a.values[order]
    width = max(1, len(values) // max(1, 2 * len(b)))
    at = np.searchsorted(steps, b.steps, side="right")
    before, behind = _medians(values, at - width, width), _medians(values, at, width)
    return np.column_stack([np.minimum(before, behind), b.values])


def _medians(values: Floats, firsts: NDArray[np.intp], width: int) -> Floats:
    """The median of ``width`` values from each of ``firsts`` on; at the ends of the series the last value stands for those beyond."""
    rows = np.clip(firsts[:, None] + np.arange(width), 0, len(values) - 1)
    return np.asarray(np.median(values[rows], axis=1), dtype=np.float64)
