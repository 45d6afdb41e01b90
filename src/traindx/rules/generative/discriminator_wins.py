"""GNR001: the discriminator tells every sample, and the generator learns nothing from it."""

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
class DiscriminatorWins(Rule):
    """The loss of the discriminator has gone to zero, and that of the generator has risen and stays high.

    ## What it looks at
    Both losses over the last third of the run: the discriminator under 0.02, the generator above 4 and risen by half since
    its first third (or, with squared losses, at 1, which is what a perfect discriminator gives it).

    ## Why it matters
    A generator loss of 4 means that a sample is taken for real with a probability of e^-4 = 2 %. From there the
    discriminator has nothing more to learn, and its gradient tells the generator little. Balance is about 2 ln 2 = 1.39.

    ## What to try
    - Look for a trivial cue: padding, value range, compression, a different resizing of real and generated samples.
    - A smaller learning rate or fewer steps for the discriminator, a gradient penalty, label smoothing, augmentation of
      both sides.

    ## When it is wrong
    Wasserstein losses have no zero of this meaning (negative values are left alone). Samples decide, not losses.
    """

    meta: ClassVar = RuleMeta(
        code="GNR001", name="discriminator-wins", since="0.1", summary="the discriminator tells every sample"
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("NAN001", "NAN002")

    points: int = 30
    nothing: float = 0.02
    """A log-loss of 0.02 is 98 % certainty on the right side, on average over real and generated samples."""

    lost: float = 4.0
    risen: float = 1.5
    squared: float = 0.1

    def check(self, case: Case) -> Iterator[Finding]:
        pair = adversaries_of(case)
        if pair is None or not self._long_enough(pair[0]) or not self._long_enough(pair[1]):
            return
        judge, maker = pair
        low, high, before = level_of(judge, 2 / 3), level_of(maker, 2 / 3), level_of(maker, 0.0, 1 / 3)
        lowest = float(np.min(sample(judge), initial=0.0))
        if not (lowest >= 0 and 0 <= low <= self.nothing):
            return
        log_lost = high >= self.lost and high >= self.risen * before
        if not (log_lost or abs(high - 1.0) <= self.squared):
            return
        yield self.finding(
            f"the discriminator has won: {judge.name} is {low:.2g} over the last third of the run and {maker.name} {high:.3g}",
            across(case, judge, f"{judge.name} over the last third", low, first=2 / 3, expected=self.nothing),
            across(
                case,
                maker,
                f"{maker.name} over the last third",
                high,
                first=2 / 3,
                expected=before,
                formula="its level over the first third",
            ),
            severity=Severity.WARNING,
            confidence=0.85 if log_lost else 0.7,
            why="a discriminator that is always right gives the generator hardly any gradient, and needs none itself",
            do=(
                "look for a trivial cue: padding, value range, resizing, compression",
                "slow the discriminator down, or regularise it: gradient penalty, augmentation, smoothed labels",
            ),
            check="train the discriminator on real samples against other real ones: anything under ln 2 is a leak",
            rank=55,
        )

    def _long_enough(self, reading: Reading) -> bool:
        return reading.curve is not None and reading.curve.count >= self.points and come_far(reading)
