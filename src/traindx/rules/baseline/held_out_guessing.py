"""BAS008: held-out answers are no better than the guesses that the first loss tells of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import (
    GAMES,
    LEARNING_RATES,
    LOSS_FAMILY,
    LOSSES,
    METRICS,
    NUM_CLASSES,
    TASKS,
    Case,
    Reading,
    has_task,
)
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import exponential

_SOFTMAX = frozenset({"cross_entropy", "info_nce", "masked_lm", "bce", "supcon"})
_OTHER_TASKS = GAMES | frozenset({"variational", "diffusion", "preference", "detection"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutGuessing(Rule):
    """Held-out accuracy and held-out loss have both stayed at the guess that the first loss tells of.

    ## What it looks at
    A model that is unsure of everything starts at a loss of ln C and answers one in C right: exp(-loss) is the accuracy
    of guessing, whether C is known or not. Where the first held-out accuracy is about that, this was a start without
    knowledge; the rule then asks whether accuracy and loss have left it by the last third of the evaluations.

    ## Why it matters
    The training loss may fall all the same, by learning each example by heart. Labels that do not belong to their inputs, a
    learning rate far too low and a schedule that never steps all look like this.

    ## What to try
    - Look at ten held-out examples with their labels: do they belong together?
    - Raise the learning rate tenfold for 200 steps: a model that can learn moves.
    - Overfit one batch, then shuffle the labels: no difference means that the labels carry nothing.

    ## When it is wrong
    Tasks that stay at their start for long before they move; labels that are mostly chance by nature (prices, games of luck).
    """

    meta: ClassVar = RuleMeta(
        code="BAS008",
        name="held-out-guessing",
        since="0.1",
        summary="held-out answers never beat the guess that the first loss tells of",
    )
    needs: ClassVar = (LOSSES, METRICS, LOSS_FAMILY)
    may_use: ClassVar = (NUM_CLASSES, TASKS, LEARNING_RATES)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("BAS001", "BAS002", "DIV002", "NAN001", "NAN002", "LOG003")

    evaluations: int = 5
    sure_evaluations: int = 8
    late_epochs: float = 4.0
    """After four epochs, or eight evaluations, every model that was going to learn has begun to."""

    least_loss: float = 0.6
    """Under ln 2 = 0.69, the loss of a coin, the first loss is no guess: it belongs to a model that knows something."""

    share: float = 0.6
    """An untrained network answers alike what looks alike: its hits come in clumps, and scatter by half about 1/C."""

    of_the_rest: float = 0.07
    """Where guessing is often right, that share is too much: seven hundredths of what is left to win are allowed."""

    grown: float = 1.2
    """A fifth more than at the start is still the same lump of hits."""

    least: float = 0.4
    """Under four tenths of the guess it is another quantity than the share of right answers, such as of whole sequences."""

    moved: float = 0.07
    sure_moved: float = 0.05
    """A twentieth of ln C is what the frequencies of slightly uneven classes give to a model that ignores its input."""

    worse: float = 1.5
    """A held-out loss half as high again as guessing is no standing still: surely wrong, not unsure."""

    def check(self, case: Case) -> Iterator[Finding]:
        if case[LOSS_FAMILY] not in _SOFTMAX or has_task(case, _OTHER_TASKS):
            return
        for metric in plain(case[METRICS], "accuracy", "balanced_accuracy"):
            loss = _partner(metric, case[LOSSES])
            if loss is None or metric.role.component is not None or (metric.role.k or 1) != 1:
                continue
            found = self._guesses(metric, loss, case.get(NUM_CLASSES))
            if found is not None:
                yield self._describe(case, metric, loss, found)
                return

    def _guesses(self, metric: Reading, loss: Reading, classes: int | None) -> _Guess | None:
        """What was found of a pair that never left its guess; None where it left it, or never stood there."""
        assert metric.curve is not None
        assert loss.curve is not None
        shares, losses = metric.curve.levels / metric.full, loss.curve.levels
        if min(len(shares), len(losses)) < self.evaluations or not come_far(metric):
            return None
        start = min(float(losses[0]), math.log(classes) if classes and classes > 1 else math.inf)
        if not start >= self.least_loss or not bool((shares <= 1).all()):
            return None
        guess, begun = exponential(-start), float(shares[0])
        above = min(self.share * guess, self.of_the_rest * (1 - guess))
        if not self.least * guess <= begun <= guess + above:
            return None
        limit = max(guess + above, self.grown * begun)
        levels, costs = _thirds(shares), _thirds(losses)
        gained = 1 - min(costs) / start
        stays = max(levels) <= limit and gained < self.moved
        return _Guess(guess, start, limit, levels[-1], gained, costs[-1] > self.worse * start) if stays else None

    def _describe(self, case: Case, metric: Reading, loss: Reading, found: _Guess) -> Finding:
        sure = self._is_sure(case, metric, found)
        return self.finding(
            f"{metric.name} is {found.level:.4g} after {len(metric.series)} evaluations, no better than the guess exp(-{found.start:.4g}) = {found.guess:.3g} of the start, and {loss.name} has come down by {100 * max(0.0, found.gained):.1f} % only",
            Evidence(
                label=f"{metric.name} over the last third",
                measured=found.level,
                expected=found.guess,
                formula=f"exp(-{found.start:.4g}), the accuracy of a model that is unsure of everything",
                span=case.span(metric.series, 2 * len(metric.series) // 3, -1),
                note=f"up to {found.limit:.3g} is within what untrained models scatter",
            ),
            Evidence(
                label=f"share of its start that {loss.name} has come down by",
                measured=found.gained,
                expected=self.moved,
                span=case.span(loss.series),
            ),
            condition=None if found.blown_up else self.condition,
            severity=Severity.ERROR if sure else Severity.WARNING,
            confidence=0.9 if sure else 0.75,
            why="nothing that was learnt, if anything was, helps on data that was not trained on",
            do=(
                "look at ten held-out examples beside their labels, and at ten of training: do they belong together?",
                "check the learning rate as it is used at each step, and that it reaches all parameters",
                "overfit one batch: if that fails, the fault is in the model or the optimiser, else in the data",
            ),
            check="train with shuffled labels: if held-out loss and accuracy are the same, the labels carried nothing",
            rank=66,
        )

    def _is_sure(self, case: Case, metric: Reading, found: _Guess) -> bool:
        """Whether the run had its time: evaluations or epochs enough, no warm-up still going on, and a loss that lies still."""
        epochs = float(np.fmax.reduce(metric.series.epochs, initial=0.0))
        late = len(metric.series) >= self.sure_evaluations or epochs >= self.late_epochs
        return late and found.gained < self.sure_moved and not _still_warming(case.get(LEARNING_RATES) or ())


@final
@dataclass(frozen=True, slots=True)
class _Guess:
    """The accuracy of guessing, the loss it is from, and what is left of a run that never beat it.

    ``limit`` is the highest accuracy that passes for a guess, ``level`` the last one, ``gained`` the share that the loss came
    down by, ``blown_up`` whether it ends far above its start.
    """

    guess: float
    start: float
    limit: float
    level: float
    gained: float
    blown_up: bool


def _partner(metric: Reading, losses: tuple[Reading, ...]) -> Reading | None:
    """The total loss of the same held-out data."""
    same = (r for r in losses if r.role.split == metric.role.split and r.role.part == metric.role.part)
    return next((r for r in same if metric.held_out and r.curve is not None), None)


def _thirds(values: Floats) -> tuple[float, float, float]:
    """Medians of the three thirds."""
    cut = max(1, len(values) // 3)
    first, middle, last = (float(np.median(part)) for part in (values[:cut], values[cut:-cut], values[-cut:]))
    return first, middle, last


def _still_warming(rates: tuple[Reading, ...]) -> bool:
    """Whether a learning rate ends at its peak and has risen to it: the run has not had its full step yet."""
    return any(
        r.curve is not None and r.curve.end.value >= 0.95 * float(np.max(r.curve.levels)) > 2 * r.curve.start.value
        for r in rates
    )
