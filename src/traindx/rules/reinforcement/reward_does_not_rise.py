"""RLF005: many updates, and the reward is where it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, sample
from traindx.rules.reinforcement.course import course, is_playing, reward_of
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import change, robust_sd


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RewardDoesNotRise(Rule):
    """The reward is where it was at the start, and a rise hidden by noise can be ruled out.

    ## What it looks at
    The reward over the first third of the run against the last, in units of its own scatter: two standard errors above
    the difference must still be under half of what single points scatter.

    ## Why it matters
    The loss of a policy says nothing about learning; the reward does. Where it does not rise, either no signal arrives,
    or the steps are too small to follow it, or too large to keep it.

    ## What to try
    - Language models: 1e-6 is often too small a learning rate for adapters; make sure that the ratio is 1 before an update.
    - Larger batches, more answers per prompt, normalised advantages; a reward that grows with partial success.

    ## When it is wrong
    A policy that was as good as it gets from the start; a curriculum that gets harder.
    """

    meta: ClassVar = RuleMeta(
        code="RLF005", name="reward-does-not-rise", since="0.1", summary="the reward is where it was at the start"
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("RLF001", "RLF003", "RLF004", "RLF006", "RLF008", "RLF009", "DIV002")

    points: int = 100
    hidden_share: float = 0.5
    perfect: float = 0.9

    def check(self, case: Case) -> Iterator[Finding]:
        reward = reward_of(case) if is_playing(case) else None
        if reward is None or reward.curve is None or reward.curve.count < self.points or course(reward) != "flat":
            return
        values = sample(reward)
        moved = change(values)
        if moved is None:
            return
        gain, scatter = moved.after - moved.before, robust_sd(values)
        perfect = float(np.min(values)) >= 0 and self.perfect <= float(np.median(values)) <= 1
        if not gain + 2 * moved.error <= self.hidden_share * scatter or perfect:
            return
        yield self.finding(
            f"{reward.name} has not risen: {moved.before:.4g} over the first third of the run, {moved.after:.4g} over the last",
            across(
                case,
                reward,
                f"{reward.name} over the last third",
                moved.after,
                first=2 / 3,
                expected=moved.before,
                formula="its level over the first third",
                note=f"standard error of the difference {moved.error:.2g}",
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why="the loss of a policy says nothing; the reward is what it learns, and a hidden rise can be ruled out here",
            do=(
                "check that the probability ratio is 1 before an update, and that advantages are not all zero",
                "try a larger learning rate or batch, and a reward with partial credit",
            ),
            check="train on one prompt or one fixed start state: the reward must rise there",
            rank=42,
        )
