"""GEN009: the held-out loss was never better than at its start, while training falls."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, final

import numpy as np

from traindx.context import (
    FACTS,
    GAMES,
    LOSS_FAMILY,
    METRICS,
    READINGS,
    TASKS,
    TRAIN_LOSS,
    VAL_LOSS,
    Case,
    Reading,
    has_task,
)
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import covers_far
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import exponential

_OTHER_TASKS = GAMES | frozenset({"diffusion", "preference"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationNeverImproves(Rule):
    """The held-out loss has never been better than at its first evaluation, while the training loss fell.

    ## What it looks at
    The best lasting level of the held-out loss against its first value and against the start of the training loss: below
    both, something of what was learnt had helped. Beside it, by how much training fell. In a sum, each cross-entropy among
    its terms is judged as well: the others may carry the sum.

    ## Why it matters
    Nothing that was learnt carries over, from the first step on: this is not the end of useful training, there was none.
    Labels without relation to their inputs, another preparation of held-out data, or training examples that differ in kind
    look like this.

    ## What to try
    - Evaluate on a hundred training examples with the code of validation: a high loss there means the code, not the data.
    - Compare ten inputs and labels of both splits, after all preparation.

    ## When it is wrong
    Fine-tuning of a model that knew the task before: it can only lose on held-out data. Where that is known it stays quiet.
    """

    meta: ClassVar = RuleMeta(
        code="GEN009",
        name="validation-never-improves",
        since="0.1",
        summary="held-out loss never beat its start while training fell",
    )
    needs: ClassVar = (VAL_LOSS, TRAIN_LOSS)
    may_use: ClassVar = (METRICS, READINGS, LOSS_FAMILY, FACTS, TASKS)
    explained_by: ClassVar = (
        "GEN001",
        "BAS001",
        "BAS002",
        "BAS004",
        "BAS007",
        "BAS008",
        "DIV001",
        "DIV002",
        "NAN001",
        "NAN002",
        "LOG003",
        "LOG004",
        "SEQ001",
    )

    evaluations: int = 5
    better: float = 0.02
    """Under two per cent is less than the choice of the seed moves an evaluation."""

    below_training: float = 0.05
    """The first evaluation may come after some training: then the loss of the first batches is the start."""

    fell: float = 0.05
    sure_z: float = 3.0
    """Training must have come down by a twentieth, and its thirds by three errors: a flat one is another rule's matter."""

    knows: float = 2.0
    """A first accuracy over twice exp(-loss) belongs to a model that knew the task before."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, _OTHER_TASKS) or _known_before(case, self.knows):
            return
        pairs = [(case[VAL_LOSS], case[TRAIN_LOSS]), *_classifying_terms(case.get(READINGS) or ())]
        yield from islice((found for pair in pairs for found in self._judge(case, *pair)), 1)

    def _judge(self, case: Case, val: Reading, train: Reading) -> Iterator[Finding]:
        if val.curve is None or train.curve is None or val.curve.count < self.evaluations or not covers_far(train):
            return
        values = val.curve.levels
        first, best = float(values[0]), _best(values)
        begun, fell = train.curve.start.value, train.curve.start.value - train.curve.end.value
        never = first > 0 and best >= (1 - self.better) * first and best >= (1 - self.below_training) * begun
        if never and fell > self.fell * abs(begun) and _surely_falls(train, self.sure_z):
            yield self._describe(case, val, train, (first, best))

    def _describe(self, case: Case, val: Reading, train: Reading, found: tuple[float, float]) -> Finding:
        assert train.curve is not None
        first, best = found
        begun, now = train.curve.start.value, train.curve.end.value
        return self.finding(
            f"{val.name} has not been better than its first {first:.4g} in {len(val.series)} evaluations, while {train.name} fell from {begun:.4g} to {now:.4g}",
            Evidence(
                label=f"best lasting {val.name} since the first",
                measured=best,
                expected=first,
                formula="its first evaluation",
                span=case.span(val.series),
            ),
            Evidence(label=f"last level of {train.name}", measured=now, expected=begun, span=case.span(train.series)),
            severity=Severity.WARNING,
            confidence=0.8,
            why="nothing that was learnt helps on held-out data: labels that say nothing, or data prepared in another way",
            do=(
                "evaluate a hundred training examples with the code of validation",
                "compare ten inputs and labels of both splits, after all preparation",
            ),
            check="hold out a part of the training data itself: if its loss falls, the other set is of another kind; if not, the labels are noise",
            rank=48,
        )


def _classifying_terms(readings: tuple[Reading, ...]) -> list[tuple[Reading, Reading]]:
    """Held-out and training series of each cross-entropy that is a term of a sum: it may fail while the others carry the sum."""
    terms = [r for r in readings if r.role.kind == "loss" and r.role.component and r.role.family == "cross_entropy"]
    training = {r.role.component: r for r in terms if not r.held_out}
    return [(r, training[r.role.component]) for r in terms if r.held_out and r.role.component in training]


def _best(values: Floats) -> float:
    """The best median of three neighbouring evaluations after the first."""
    later = values[1:]
    return float(np.median(np.lib.stride_tricks.sliding_window_view(later, 3), axis=1).min())


def _surely_falls(train: Reading, z: float) -> bool:
    """Whether the last third of training lies below the first by ``z`` errors of the difference of two such medians."""
    curve = train.curve
    assert curve is not None
    third = max(1, len(curve.levels) // 3)
    apart = float(np.median(curve.levels[:third]) - np.median(curve.levels[-third:]))
    noise = 0.0 if curve.noise != curve.noise else curve.noise / math.sqrt(curve.block)
    return apart > z * 1.25 * noise * math.sqrt(2 / third)


def _known_before(case: Case, times: float) -> bool:
    """Whether the model knew the task before: told so, adapters only, or a first accuracy beyond the guess of its first loss."""
    facts = case.get(FACTS) or {}
    if any(name in facts and bool(facts[name].value) for name in ("pretrained", "lora")):
        return True
    if case.get(LOSS_FAMILY) not in ("cross_entropy", "masked_lm"):
        return False
    losses = case[VAL_LOSS].series.finite().values
    guess = exponential(-max(0.0, float(losses[0]))) if len(losses) else math.inf
    held = (r for r in plain(case.get(METRICS) or (), "accuracy") if r.held_out and (r.role.k or 1) == 1)
    return any(float(r.series.finite().values[0]) / r.full > times * guess for r in held)
