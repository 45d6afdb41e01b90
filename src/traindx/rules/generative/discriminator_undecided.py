"""GNR002: the discriminator guesses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, sample
from traindx.rules.evidence import come_far
from traindx.rules.generative.players import adversaries_of
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import robust_sd


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorUndecided(Rule):
    """The loss of the discriminator stands at what guessing costs.

    ## What it looks at
    The loss of the discriminator over the last half of the run, against 2 ln 2 = 1.386 (real and generated added) and
    ln 2 = 0.693 (averaged).

    ## Why it matters
    It is either the end that one wishes for, samples that cannot be told from real ones, or the beginning that was never
    left: a discriminator that gets no gradient. Losses cannot tell the two apart.

    ## What to try
    - Look at the samples. Noise: the discriminator does not learn; check its optimiser, inputs and labels.

    ## When it is wrong
    It is a question, not a fault.
    """

    meta: ClassVar = RuleMeta(
        code="GNR002", name="discriminator-undecided", since="0.1", summary="the discriminator guesses"
    )
    needs: ClassVar = (READINGS, TASKS)

    points: int = 20
    near: float = 0.01
    quiet: float = 0.02

    def check(self, case: Case) -> Iterator[Finding]:
        pair = adversaries_of(case)
        judge = pair[0] if pair is not None else None
        if judge is None or judge.curve is None or judge.curve.count < self.points or not come_far(judge):
            return
        late = level_of(judge, 0.5)
        formula, level = min(
            (("2 ln 2", 2 * math.log(2)), ("ln 2", math.log(2))), key=lambda known: abs(known[1] - late)
        )
        if not (abs(late - level) <= self.near * level and robust_sd(sample(judge, 0.5)) <= self.quiet * level):
            return
        yield self.finding(
            f"{judge.name} stands at {late:.4g} = {formula}: the discriminator guesses, at the best end or at the start",
            across(
                case,
                judge,
                f"{judge.name} over the last half",
                late,
                first=0.5,
                expected=level,
                formula=formula,
                unit="nats",
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="losses cannot tell samples like real ones from a discriminator that never learnt",
            do=("look at the samples: they tell the two apart at once",),
            check="train the discriminator alone for 100 steps: its loss must fall",
            rank=12,
        )
