"""RLF004: the policy runs away from its reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, TASKS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, longest_of
from traindx.rules.reinforcement.course import course_of, in_groups, is_playing
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LeavesReference(Rule):
    """The divergence from the reference model grows without end while the reward does not.

    ## What it looks at
    The divergence over the last tenth of the run against its middle, and the course of the reward. Language models only:
    there it is measured from the model that training began with.

    ## Why it matters
    A divergence of some nats with a rising reward is the price of learning. One that multiplies while the reward
    stands or falls is a policy that falls apart, or that exploits the reward model.

    ## What to try
    - Raise the factor of the divergence term, lower the learning rate, go back to the checkpoint before the turn.

    ## When it is wrong
    Estimates from single tokens have rare enormous values; the level of a tenth of the run keeps them out mostly.
    """

    meta: ClassVar = RuleMeta(
        code="RLF004", name="leaves-reference", since="0.1", summary="the divergence from the reference runs away"
    )
    needs: ClassVar = (READINGS, TASKS)

    points: int = 30
    growth: float = 5.0
    least: float = 1.0
    """One nat per token: what the policy says is e times less likely under the reference, token by token."""

    def check(self, case: Case) -> Iterator[Finding]:
        kl = self._from_reference(case) if is_playing(case) and in_groups(case) else None
        if kl is None or kl.curve is None or kl.curve.count < self.points:
            return
        middle, now, begun = level_of(kl, 0.3, 0.6), level_of(kl, 0.9), level_of(kl, 0.0, 0.1)
        if not (now >= self.least and now >= self.growth * max(middle, begun)):
            return
        course = course_of(case)
        grave = course in ("flat", "fell")
        yield self.finding(
            f"{kl.name} grew from {middle:.3g} in the middle of the run to {now:.3g} at its end"
            + (", while the reward did not" if grave else ""),
            across(
                case,
                kl,
                f"{kl.name} over the last tenth",
                now,
                first=0.9,
                expected=middle,
                formula="its level in the middle",
                unit="nats",
            ),
            severity=Severity.WARNING if grave else Severity.INFO,
            confidence=0.8,
            why="far from its reference a policy exploits the reward or loses the language; the way back is the checkpoint before",
            do=(
                "go back to the checkpoint before the turn",
                "raise the factor of the divergence term, or lower the learning rate",
            ),
            check="read ten answers of the last checkpoint",
            rank=49 if grave else 17,
        )

    def _from_reference(self, case: Case) -> Reading | None:
        return longest_of(case, "kl", (None, "ref", "reference")) or longest_of(
            case, "loss", ("kl", "actor_kl"), ("kl",)
        )
