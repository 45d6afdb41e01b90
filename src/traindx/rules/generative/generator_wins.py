"""GNR003: the discriminator is fooled all the time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, sample
from traindx.rules.evidence import come_far
from traindx.rules.generative.players import adversaries_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorWins(Rule):
    """The discriminator does far worse than guessing, and the generator's loss is near zero.

    ## What it looks at
    Both losses over the last third of the run: the discriminator above 3 (guessing costs 1.39, or 2 with a hinge), the
    generator between 0 and 0.3.

    ## Why it matters
    A discriminator that is wrong about nearly every sample teaches the generator nothing: it makes one thing that
    passes, over and over.

    ## What to try
    - Check the labels of real and generated samples: one of them may be swapped.
    - More steps or a larger learning rate for the discriminator; let its gradient flow in its own step only.

    ## When it is wrong
    Wasserstein losses, whose level means nothing: negative values are left alone.
    """

    meta: ClassVar = RuleMeta(
        code="GNR003", name="generator-wins", since="0.1", summary="the discriminator is fooled all the time"
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("NAN001", "NAN002")

    points: int = 30
    judge_above: float = 3.0
    maker_below: float = 0.3

    def check(self, case: Case) -> Iterator[Finding]:
        pair = adversaries_of(case)
        if pair is None or not all(self._long_enough(reading) for reading in pair):
            return
        judge, maker = pair
        high, low = level_of(judge, 2 / 3), level_of(maker, 2 / 3)
        lowest = min(float(np.min(sample(reading), initial=0.0)) for reading in pair)
        if not (lowest >= 0 and high >= self.judge_above and 0 <= low <= self.maker_below):
            return
        yield self.finding(
            f"the discriminator is wrong about nearly every sample: {judge.name} is {high:.3g} and {maker.name} {low:.2g} over the last third",
            across(case, judge, f"{judge.name} over the last third", high, first=2 / 3, expected=self.judge_above),
            across(case, maker, f"{maker.name} over the last third", low, first=2 / 3, expected=self.maker_below),
            severity=Severity.WARNING,
            confidence=0.8,
            why="a discriminator that is always wrong teaches nothing; the generator repeats what passes",
            do=(
                "check that real and generated samples carry their own labels",
                "give the discriminator more steps or a larger learning rate",
            ),
            check="train the discriminator alone for 100 steps: its loss must fall under guessing",
            rank=54,
        )

    def _long_enough(self, reading: Reading) -> bool:
        return reading.curve is not None and reading.curve.count >= self.points and come_far(reading)
