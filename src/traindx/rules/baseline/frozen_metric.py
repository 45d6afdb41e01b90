"""BAS007: a share of right answers is the same number at every evaluation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import JUDGED_LOSS, LOSS_FAMILY, METRICS, TASKS, VAL_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import exponential

_SHARES = frozenset(
    {"accuracy", "balanced_accuracy", "f1", "auroc", "error_rate", "recall", "precision", "mcc", "kappa"}
)
_PRINTED = 0.00005


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenMetric(Rule):
    """A share of right answers is the same number at every evaluation.

    ## What it looks at
    All of accuracy, F1 and their relatives that are measured on held-out data, over all evaluations of the run: at least five,
    each equal as printed, and neither 0 nor over 90 %, where a trained model has little left to change. The first fifth of
    eight evaluations or more may differ: a fresh model gives other answers before it settles on one.

    Whether it is sure depends on the loss. Always answering one class that is right in a share p costs no less than the
    entropy of the most uneven classes of which none is above p; a loss below that tells examples apart.

    ## Why it matters
    A model that changes its mind about a single example changes this number. One that never does answers the same class
    every time; the number is then the share of that class.

    ## What to try
    - Print the distribution of predicted classes: one class only confirms it.
    - Check that the weights change at all, and that inputs are scaled as the model expects.

    ## When it is wrong
    Held-out sets of a few dozen examples, on which nothing happens to change; a metric that is printed but never computed.
    """

    meta: ClassVar = RuleMeta(
        code="BAS007", name="frozen-metric", since="0.1", summary="a metric is the same number at every evaluation"
    )
    needs: ClassVar = (METRICS,)
    may_use: ClassVar = (JUDGED_LOSS, VAL_LOSS, LOSS_FAMILY, TASKS)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("BAS001", "BAS002", "BAS004", "NAN001", "NAN002")

    evaluations: int = 5
    sure_evaluations: int = 8
    """On a hundred examples, eight evaluations of a model that learns agree by chance in far under one case of a thousand."""

    settling_share: float = 0.2
    """Weights that end in one answer do so within the first fifth; a learning rate near zero freezes a metric late, if at all."""

    saturated: float = 0.9
    moving_loss_share: float = 0.10
    """A loss that came down by a tenth is a model that learns something: then the metric may be at fault."""

    flat_share: float = 0.02
    """Under two per cent gained over the later half of the frozen stretch is no learning that a metric could follow."""

    learnt: float = 2.0
    """Untrained weights are right in about exp(-loss) of all cases; twice as often, they had learnt before they stood still."""

    few_samples: int = 20
    """A share that twenty examples or fewer can make need not move while a model learns."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, {"reinforcement"}):
            return
        shares = [r for r in case[METRICS] if r.held_out and r.role.kind in _SHARES]
        if shares and all(self._is_frozen(r) for r in shares):
            yield from self._judge(case, shares)

    def _is_frozen(self, reading: Reading) -> bool:
        values = reading.series.finite().values
        since = _frozen_since(values)
        if len(values) - since < self.evaluations or since > self._settled(len(values)):
            return False
        full = 100.0 if float(np.max(values)) > 1.0 else 1.0
        return 0.0 < float(values[-1]) <= self.saturated * full

    def _settled(self, count: int) -> int:
        """The last evaluation from which on the metric may stand still: the first one of a short run."""
        return int(self.settling_share * count) if count >= self.sure_evaluations else 0

    def _judge(self, case: Case, frozen: list[Reading]) -> Iterator[Finding]:
        """A metric that moved at first counts only where the losses, too, are those of one answer."""
        reading = max(frozen, key=lambda r: len(r.series))
        values = reading.series.finite().values
        since = _frozen_since(values)
        loss = case.get(JUDGED_LOSS)
        curve = loss.curve if loss is not None else None
        moved = curve is not None and curve.gained > self.moving_loss_share * abs(curve.start.value)
        alike = self._one_answer(case, reading, since)
        if alike or not since:
            enough = len(values) - since >= self.sure_evaluations and come_far(reading)
            sure = enough and (alike or not moved) and not self._learnt_before(case, reading)
            yield self._describe(case, reading, since, sure=sure)

    def _describe(self, case: Case, reading: Reading, since: int, *, sure: bool) -> Finding:
        values = reading.series.finite().values
        value, count = float(values[-1]), len(values)
        where = f"every one of {count}" if not since else f"all but the first {since} of {count}"
        return self.finding(
            f"{reading.name} is {value:.4g} at {where} evaluations: a model that always gives one answer",
            Evidence(
                label=f"distinct values of {reading.name}",
                measured=1.0,
                expected=float(count - since),
                formula="a learning model changes some answer",
                span=case.span(reading.series, since, -1),
            ),
            severity=Severity.ERROR if sure else Severity.WARNING,
            confidence=0.9 if sure else 0.75,
            why="the number is the share of the class that is always answered; nothing of the input arrives at the output",
            do=(
                "print how often each class is predicted: one class alone confirms it",
                "check the scale of the inputs, dead units, and whether the weights change at all",
            ),
            check="shuffle the inputs between examples: an unchanged metric proves that they are ignored",
            rank=64,
        )

    def _one_answer(self, case: Case, reading: Reading, since: int) -> bool:
        """Whether losses say as well that one class is always answered: none below what that costs, held-out loss lying still."""
        share = float(reading.series.finite().values[-1]) / reading.full
        held, judged = case.get(VAL_LOSS), case.get(JUDGED_LOSS)
        if reading.role.kind != "accuracy" or case.get(LOSS_FAMILY) != "cross_entropy":
            return False
        if held is None or held.curve is None:
            return False
        if not _samples_at_least(share) > self.few_samples:
            return False
        curves = [r.curve for r in (held, judged) if r is not None and r.curve is not None]
        dear = all(c.end.value >= 0.95 * _cost_of_one_answer(share) for c in curves)
        losses = held.curve.levels
        return dear and not _stands(losses) and self._lies_still(losses, since / len(reading.series))

    def _learnt_before(self, case: Case, reading: Reading) -> bool:
        """Whether the held-out loss stands as well, and the share is far beyond its guess: weights that stopped after they had learnt."""
        held = case.get(VAL_LOSS)
        if held is None or reading.role.kind != "accuracy" or case.get(LOSS_FAMILY) != "cross_entropy":
            return False
        losses = held.series.finite().values
        share = float(reading.series.finite().values[-1]) / reading.full
        return _stands(losses) and share > self.learnt * exponential(-max(0.0, float(losses[-1])))

    def _lies_still(self, losses: Floats, since_share: float) -> bool:
        late = losses[int((since_share + 1) / 2 * len(losses)) :]
        if len(late) < 3:
            return False
        cut = len(late) // 2
        first, last = float(np.median(late[:cut])), float(np.median(late[cut:]))
        return first - last <= self.flat_share * abs(first)


def _frozen_since(values: Floats) -> int:
    """The index of the first value of the closing stretch of equal ones; 0 where there are none."""
    other = np.flatnonzero(values != values[-1]) if len(values) else np.empty(0)
    return int(other[-1]) + 1 if len(other) else 0


def _stands(losses: Floats) -> bool:
    """Whether the later half of the losses is one number: the weights do not change any more."""
    late = losses[len(losses) // 2 :]
    return len(late) >= 3 and float(np.ptp(late)) == 0.0


def _cost_of_one_answer(share: float) -> float:
    """The least cross-entropy of ignoring the input where no class is more frequent than ``share``.

    Of all class mixes whose largest share is p, the most uneven is floor(1/p) classes of p and one of what remains.

    >>> round(_cost_of_one_answer(0.5), 4), round(_cost_of_one_answer(0.75), 4)
    (0.6931, 0.5623)
    """
    whole = int(1 / share + 1e-9)
    rest = max(0.0, 1 - whole * share)
    return -whole * share * math.log(share) - (rest * math.log(rest) if rest > 1e-9 else 0.0)


def _samples_at_least(share: float) -> int:
    """The smallest number of examples of which a whole number makes this share, as printed with four digits."""
    sizes = np.arange(2, 200)
    apart = np.abs(share - np.round(share * sizes) / sizes)
    fits = sizes[apart <= _PRINTED]
    return int(fits[0]) if len(fits) else 200
