"""PRF001: the policy answers like its reference, to the last digit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.choosing import across, sample
from traindx.rules.evidence import at_level, come_far
from traindx.rules.preference.pairs import chosen_of, is_preference, margin_of, rejected_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MarginStaysZero(Rule):
    """The margin between chosen and rejected answers is zero at every point of the run.

    ## What it looks at
    The training margin of a preference loss, over all points; and the log-probabilities of the answers, where they are
    logged.

    ## Why it matters
    A margin of exactly zero means that the policy still equals its reference: no update arrives. The loss then stands at
    ln 2 = 0.6931 for ever. Log-probabilities of zero as well mean that no token of the answers is counted at all.

    ## What to try
    - Log-probabilities 0: the answers are empty after truncation or masked out; print one pair as the loss sees it.
    - Otherwise: print which parameters require gradients, and make sure that policy and reference are two models.

    ## When it is wrong
    In the first steps of a warm-up; where margins are printed with two decimals and the learning rate is tiny.
    """

    meta: ClassVar = RuleMeta(
        code="PRF001", name="margin-stays-zero", since="0.1", summary="the policy still equals its reference"
    )
    needs: ClassVar = (READINGS, TASKS)
    may_use: ClassVar = (TRAIN_LOSS,)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("NAN001", "NAN002", "OPT001")

    zero: float = 1e-4
    """Far below what one ordinary update of a preference loss moves the margin by (beta times some hundredths of a nat)."""

    points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        margin = margin_of(case) if is_preference(case) else None
        if margin is None or not come_far(margin):
            return
        values = sample(margin)
        if len(values) < self.points or not float(np.max(np.abs(values))) <= self.zero:
            return
        empty = all(
            self._is_zero(r) for r in (chosen_of(case, "log_probability"), rejected_of(case, "log_probability"))
        )
        why = (
            "log-probabilities of zero: no token of the answers is counted, they are empty or masked out"
            if empty
            else "the policy has not moved away from its reference: frozen parameters, or both are one model"
        )
        yield self.finding(
            f"{margin.name} is 0 at all of {len(margin.series)} points: the policy still equals its reference",
            across(case, margin, f"largest size of {margin.name}", float(np.max(np.abs(values))), expected=self.zero),
            *self._loss(case),
            severity=Severity.ERROR,
            confidence=0.95,
            why=why,
            do=(
                "print one pair of answers as the loss sees it, with the mask",
                "print which parameters require gradients; load the reference as a model of its own",
            ),
            check="the norm of one update: zero means that no gradient arrives",
            rank=87,
        )

    def _loss(self, case: Case) -> Iterator[Evidence]:
        """The loss beside ln 2, which equal models cost."""
        loss = case.get(TRAIN_LOSS)
        if loss is not None and loss.curve is not None:
            told = "ln 2: a coin flip between the two answers"
            yield at_level(case, loss, loss.curve.end, f"level of {loss.name}", expected=math.log(2), formula=told)

    def _is_zero(self, reading: Reading | None) -> bool:
        return reading is not None and float(np.max(np.abs(sample(reading)), initial=0.0)) <= self.zero
