"""PRO001: the loss never improved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, METRICS, TASKS, TRAIN_LOSS, VAL_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Series
from traindx.signals import Curve, change

_RIGHT = frozenset({"accuracy", "token_accuracy", "f1", "auroc", "map", "dice", "iou"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FlatLoss(Rule):
    """The loss has not improved over the whole run.

    ## What it looks at
    The gain of the whole run, against the noise and against two per cent of the level. A validation loss that is the
    same number at every evaluation beside it proves that no weight moved.

    ## Why it matters
    Flat from the start is no convergence: something keeps the model from learning.

    ## What to try
    - Overfit one batch.
    - Print which parameters require gradients, and the norm of their update.

    ## When it is wrong
    Losses whose level says nothing: policy gradients, GANs, diffusion.
    """

    meta: ClassVar = RuleMeta(
        code="PRO001", name="flat-loss", since="0.1", summary="the loss has not improved since its start"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS, METRICS, VAL_LOSS)
    condition: ClassVar = "plateau"
    explained_by: ClassVar = (
        "BAS001",
        "BAS002",
        "BAS006",
        "DIV001",
        "DIV002",
        "NAN001",
        "NAN002",
        "LOG003",
        "PRF001",
        "SSL001",
        "SSL002",
        "SSL003",
        "SSL004",
        "SSL006",
        "RET002",
        "GNR006",
        "SEQ001",
        "SEQ005",
    )

    points: int = 5
    flat_share: float = 0.02
    """Under two per cent of the level gained over a whole run is less than the choice of the seed moves it."""

    sure_z: float = 8.0
    """More than one per cent, and eight standard errors, is progress, however slow: a model that was good before."""

    evaluations: int = 5
    """Five evaluations that agree to the last digit while a model trains are no accident: each step moves the fourth or fifth one."""

    frozen_z: float = 4.0
    """Four standard errors between the outer thirds are progress, which frozen weights cannot make."""

    blind_points: int = 8
    blind_noise: float = 0.003
    """Batches of a model that tells examples apart scatter more than that, unless they hold many thousands."""

    blind_gain: float = 0.01
    blind_level: float = 0.6
    """A loss far below ln 2 = 0.69, the cheapest guess there is, may be flat because it is already good."""

    def check(self, case: Case) -> Iterator[Finding]:
        reading = case[TRAIN_LOSS]
        curve = reading.curve
        if has_task(case, GAMES | {"diffusion"}) or curve is None or curve.count < self.points:
            return
        values = reading.series.finite().values
        third = max(1, len(values) // 3)
        first, last = float(np.median(values[:third])), float(np.median(values[-third:]))
        gained = max(curve.gained, first - last)
        small_but_sure = gained > self.blind_gain * abs(first) and gained > self.sure_z * curve.error > 0
        flat = gained <= self.flat_share * abs(first) and last <= 1.5 * abs(first) and not small_but_sure
        if self._nothing_moves(case, reading, first, last):
            yield self._nothing_moved(case, reading)
        elif flat and (float(np.ptp(values)) == 0.0 or not _task_learnt(case)):
            yield self._from_the_start(case, reading)

    def _nothing_moves(self, case: Case, reading: Reading, first: float, last: float) -> bool:
        """Whether the validation loss is one number from first to last, and what training shows is its noise about one level."""
        held = case.get(VAL_LOSS)
        values = held.series.finite().values if held is not None else np.empty(0)
        if len(values) < self.evaluations or float(np.ptp(values)) != 0.0 or not _has_digits(float(values[0])):
            return False
        moved = change(reading.series.finite().values)
        still = abs(moved.z) < self.frozen_z if moved is not None else abs(first - last) <= self.flat_share * abs(first)
        return still and come_far(reading) and _from_its_start(reading.series) and self._began_there(reading)

    def _began_there(self, reading: Reading) -> bool:
        """Whether the first points are like the last half: weights that moved and then stood (a schedule that ended early) had learnt."""
        values = reading.series.finite().values
        late = values[len(values) // 2 :]
        middle = float(np.median(late))
        scatter = 1.4826 * float(np.median(np.abs(late - middle)))
        slack = max(self.frozen_z * scatter, 1e-6 * abs(middle))
        return bool((np.abs(values[: min(3, len(values) // 4 + 1)] - middle) <= slack).all())

    def _nothing_moved(self, case: Case, reading: Reading) -> Finding:
        held, curve = case[VAL_LOSS], reading.curve
        assert curve is not None
        value, count = float(held.series.finite().values[0]), len(held.series.finite())
        return self.finding(
            f"{held.name} is {value:.6g} at every one of {count} evaluations, and {reading.name} stands at {curve.end.value:.4g} within its noise: no weight moves",
            Evidence(
                label=f"distinct values of {held.name}",
                measured=1.0,
                expected=float(count),
                formula="every update changes the last digits",
                span=case.span(held.series),
            ),
            condition="at_chance",
            severity=Severity.ERROR,
            confidence=0.95,
            why="the same answers to the same data from first to last: the weights that are evaluated are never updated",
            do=(
                "print which parameters require gradients, and whether the optimiser holds them",
                "compare a weight before and after one step",
            ),
            check="print the sum of all weights at two evaluations: equal sums prove it",
            rank=46,
        )

    def _from_the_start(self, case: Case, reading: Reading) -> Finding:
        curve = reading.curve
        assert curve is not None
        exact = curve.count >= 5 and float(np.ptp(reading.series.finite().values)) == 0.0
        blind = not exact and self._answers_alike(reading) and not _learnt(curve.end.value, case)
        return self.finding(
            f"{reading.name} has not improved since its start at {curve.start.value:.4g}: {'identical' if exact else 'now ' + format(curve.end.value, '.4g')} after {curve.count} points",
            Evidence(
                label="gained since the start",
                measured=curve.gained,
                expected=self.flat_share * abs(curve.start.value),
                formula="2 % of the first level",
                span=case.span(reading.series),
            ),
            *(self._noise(case, reading) if blind else ()),
            condition="at_chance" if exact or blind else "plateau",
            severity=Severity.ERROR if blind or (exact and curve.count >= 10) else Severity.WARNING,
            confidence=0.95 if exact else 0.85 if blind else 0.8,
            why="a loss that never moved is no convergence: parameters frozen, gradients cut off or learning rate near zero"
            if exact
            else "every batch costs the same from the start on: the answers do not depend on the input"
            if blind
            else "a loss that never moved is rarely converged; say the number of classes, batch size or target variance to know the level of guessing",
            do=(
                "overfit one batch: the loss must come down",
                "print which parameters require gradients, and the norm of their update",
            ),
            check="a ten times higher learning rate for 100 steps: if nothing moves either way, the gradient does not arrive",
            rank=45,
        )

    def _answers_alike(self, reading: Reading) -> bool:
        """Whether a log that covers the start shows one level for every batch, as a model does that answers all alike.

        What a batch costs a model that has learnt depends on the batch: some examples are easy for it and others hard.
        """
        curve, series = reading.curve, reading.series
        if curve is None or curve.count < self.blind_points or not come_far(reading) or not _from_its_start(series):
            return False
        level = abs(curve.start.value)
        moved = abs(curve.end.value - curve.start.value)
        return (
            level >= self.blind_level
            and curve.noise <= self.blind_noise * level
            and max(moved, curve.gained) <= self.blind_gain * level
        )

    def _noise(self, case: Case, reading: Reading) -> tuple[Evidence, ...]:
        curve = reading.curve
        assert curve is not None
        share = curve.noise / max(abs(curve.start.value), 1e-12)
        return (
            Evidence(
                label="scatter between points, as a share of the level",
                measured=share,
                expected=self.blind_noise,
                formula="the most that equal answers leave",
                span=case.span(reading.series),
            ),
        )


def _has_digits(value: float) -> bool:
    """Whether a number is given with four significant digits or more, so that two that agree are no matter of rounding."""
    return value != 0.0 and float(f"{value:.3g}") != value


def _from_its_start(series: Series) -> bool:
    """Whether the log begins where the training began: its first step lies within the first tenth."""
    axis = series.steps if series.has_steps else series.epochs
    known = axis[np.isfinite(axis)]
    return not len(known) or float(known[0]) <= max(1.0, 0.1 * float(np.max(known)))


def _task_learnt(case: Case) -> bool:
    """Whether a share of right answers has plainly risen: a loss on another scale (a soft ranking, a margin) may then stand."""
    return any(
        r.role.kind in _RIGHT and r.curve is not None and r.curve.count >= 8 and _risen(r.curve)
        for r in case.get(METRICS) or ()
    )


def _risen(curve: Curve) -> bool:
    """By four times its error, by a tenth of its scale, and kept."""
    scale = 100.0 if curve.best.value > 1.5 else 1.0
    kept = curve.end.value - curve.start.value
    return kept > 0.1 * scale and kept > 4 * curve.error and curve.sign < 0


def _learnt(loss: float, case: Case) -> bool:
    """Whether an accuracy is well above e to the minus loss, what guessing at this loss would give."""
    guessing = float(np.exp(-min(abs(loss), 700.0)))
    for reading in case.get(METRICS) or ():
        if reading.role.kind in _RIGHT and reading.curve is not None:
            best = reading.curve.best.value
            share = best / reading.full
            floor = 0.5 if reading.role.kind == "auroc" else guessing
            if share > floor + max(0.5 * floor, 0.05):
                return True
    return False
