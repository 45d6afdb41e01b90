"""RLF003: the policy stopped exploring before it had learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across
from traindx.rules.reinforcement.course import course_of, is_playing
from traindx.rules.reinforcement.spread import entropy_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntropyCollapse(Rule):
    """The entropy of the policy has vanished although the reward has not improved.

    ## What it looks at
    The entropy over the last tenth of the run against its start, together with the course of the reward. Policies over
    discrete actions or tokens only: the entropy of a continuous one may be negative.

    ## Why it matters
    A policy that always does the same tries nothing new: what it has not found by now it will not find. Where the
    reward rose meanwhile, it has simply become sure.

    ## What to try
    - Raise the entropy bonus, lower the learning rate, restart from before the fall.
    - Language models: clip the upper side less (a higher upper clip range), sample at temperature 1.

    ## When it is wrong
    Where the best thing to do is the same in every state, and was so from the start.
    """

    meta: ClassVar = RuleMeta(
        code="RLF003", name="entropy-collapse", since="0.1", summary="the policy stopped exploring before it learnt"
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("RLF001",)

    points: int = 20
    left_share: float = 0.05
    """A twentieth of the first entropy: of two equally likely actions, one is then taken 99.5 % of the time."""

    least: float = 0.05
    early: float = 0.5

    def check(self, case: Case) -> Iterator[Finding]:
        found = entropy_of(case) if is_playing(case) else None
        if found is None or len(found[1]) < self.points:
            return
        reading, values = found
        size = len(values)
        begun, now = float(np.median(values[: max(3, size // 20)])), float(np.median(values[-max(3, size // 10) :]))
        if not (begun >= self.least and float(np.min(values)) >= -1e-6 and now <= self.left_share * begun):
            return
        course, gone = course_of(case), float(np.argmax(values <= self.left_share * begun)) / size
        if course == "rose" and gone >= self.early:
            return
        grave = course in ("flat", "fell")
        meanwhile = {"flat": "while the reward has not risen", "fell": "and the reward has fallen back"}.get(course, "")
        yield self.finding(
            f"the entropy of the policy fell from {begun:.3g} to {now:.2g} by {100 * gone:.0f} % of the run {meanwhile}".rstrip(),
            across(
                case,
                reading,
                "entropy over the last tenth",
                now,
                first=0.9,
                expected=self.left_share * begun,
                formula="5 % of its start",
                unit="nats",
            ),
            severity=Severity.WARNING if grave else Severity.INFO,
            confidence=0.85 if grave else 0.7,
            why="a policy that always does the same finds nothing new",
            do=(
                "raise the entropy bonus and restart from before the fall",
                "lower the learning rate or the number of updates per batch",
            ),
            check="sample one state or prompt twenty times: are all answers alike?",
            rank=50 if grave else 16,
        )
