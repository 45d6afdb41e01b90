"""RLF007: the critic does not know what to expect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, longest_of, sample
from traindx.rules.reinforcement.course import course_of, is_playing
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CriticExplainsNothing(Rule):
    """The critic explains none of the variance of the returns, all through the second half of the run.

    ## What it looks at
    The explained variance over the second half of the run: 1 is perfect, 0 is what the mean return explains, below 0 is
    worse than the mean.

    ## Why it matters
    Advantages are then returns less noise, or worse: the policy gradient has more variance than without a critic.

    ## What to try
    - Normalise returns; give the critic a learning rate of its own and more updates; do not share layers with the policy.
    - Rewards that the state does not tell cannot be explained: check the observation.

    ## When it is wrong
    Sparse rewards that were never met; returns that hardly vary.
    """

    meta: ClassVar = RuleMeta(
        code="RLF007", name="critic-explains-nothing", since="0.1", summary="the critic explains none of the returns"
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("RLF001", "RLF003", "RLF006", "DIV002")

    points: int = 50
    nothing: float = 0.02
    upper: float = 0.10
    """Nine tenths of the points under a tenth: not a critic that is good now and then."""

    def check(self, case: Case) -> Iterator[Finding]:
        explained = longest_of(case, "explained_variance", None) if is_playing(case) else None
        if explained is None or explained.curve is None or explained.curve.count < self.points:
            return
        late = sample(explained, 0.5)
        if not len(late):
            return
        middle, high = float(np.median(late)), float(np.quantile(late, 0.9))
        if not (middle <= self.nothing and high <= self.upper) or float(np.ptp(late)) == 0.0:
            return
        grave = course_of(case) in ("flat", "fell")
        yield self.finding(
            f"{explained.name} is {middle:.2g} over the second half of the run: the critic explains nothing of the returns",
            across(
                case,
                explained,
                f"{explained.name} over the second half",
                middle,
                first=0.5,
                expected=0.0,
                formula="what the mean return explains",
            ),
            severity=Severity.WARNING if grave else Severity.INFO,
            confidence=0.8,
            why="advantages are then returns plus the noise of the critic: its gradient is worse than none",
            do=(
                "normalise returns, and train the critic longer per batch",
                "do not share layers between policy and critic, or weigh the value loss down",
            ),
            check="train the critic alone on the data of one policy: the explained variance must rise",
            rank=41 if grave else 14,
        )
