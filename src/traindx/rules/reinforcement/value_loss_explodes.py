"""RLF011: the critic's error is larger than the returns themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, longest_of, sample
from traindx.rules.reinforcement.course import is_playing, reward_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLossExplodes(Rule):
    """The squared error of the critic is far larger than the square of any return.

    ## What it looks at
    The value loss over the last tenth of the run, against ten times the square of the largest reward or return that was
    logged, and against a hundred times its own level before.

    ## Why it matters
    Answering zero to everything costs at most the square of the largest return. A critic beyond that has diverged: its
    targets are its own estimates, which feed each other.

    ## What to try
    - Clip or scale rewards, slow the target network, lower the learning rate of the critic, clip its gradient.

    ## When it is wrong
    Where only the reward of single steps is logged, and returns are sums over very many of them.
    """

    meta: ClassVar = RuleMeta(
        code="RLF011", name="value-loss-explodes", since="0.1", summary="the critic's error exceeds the returns"
    )
    needs: ClassVar = (READINGS, TASKS)

    points: int = 30
    beyond: float = 10.0
    growth: float = 100.0

    def check(self, case: Case) -> Iterator[Finding]:
        loss = longest_of(case, "loss", None, ("ppo_value",)) if is_playing(case) else None
        reward = reward_of(case)
        if loss is None or reward is None or loss.curve is None or loss.curve.count < self.points:
            return
        largest = float(np.max(np.abs(sample(reward)), initial=0.0)) ** 2
        before, now = level_of(loss, 0.0, 0.6), level_of(loss, 0.9)
        if not (largest > 0 and now > self.beyond * largest and now > self.growth * max(before, 0.0)):
            return
        yield self.finding(
            f"{loss.name} has grown from {before:.3g} to {now:.3g}, beyond the square of the largest return ({largest:.3g})",
            across(
                case,
                loss,
                f"{loss.name} over the last tenth",
                now,
                first=0.9,
                expected=largest,
                formula="largest return squared: the cost of answering 0",
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="a critic that is worse than answering zero has diverged: its own estimates feed each other",
            do=(
                "clip or scale rewards, and clip the critic's gradient",
                "slow the target network down; lower the critic's learning rate",
            ),
            check="plot the mean estimate beside the returns: it must not leave their range",
            rank=45,
        )
