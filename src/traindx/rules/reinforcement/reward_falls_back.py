"""RLF006: the policy was better before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across
from traindx.rules.reinforcement.course import fall_of, is_playing, reward_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RewardFallsBack(Rule):
    """The reward had risen and has lost most of what it had gained.

    ## What it looks at
    The levels of the ten tenths of the run: the first, the best and the last two, in units of their errors and of what
    neighbouring tenths usually differ by.

    ## Why it matters
    A policy makes its own data: once it has got worse, it also sees worse, and seldom comes back by itself.

    ## What to try
    - Keep the checkpoint of the best level.
    - Fewer epochs per batch, a smaller learning rate that decays, a stop at the target divergence, clipped rewards.

    ## When it is wrong
    Environments that get harder; returns that come and go over few evaluations.
    """

    meta: ClassVar = RuleMeta(
        code="RLF006", name="reward-falls-back", since="0.1", summary="the reward had risen and has fallen back"
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("DIV002",)

    points: int = 30
    everything: float = 0.8
    """Four fifths lost is a collapse; under three fifths (see ``fall_of``) nothing is said."""

    def check(self, case: Case) -> Iterator[Finding]:
        reward = reward_of(case) if is_playing(case) else None
        if reward is None or reward.curve is None or reward.curve.count < self.points:
            return
        fall = fall_of(reward)
        if fall is None:
            return
        yield self.finding(
            f"{reward.name} had reached {fall.best:.4g} and is back at {fall.last:.4g}: {100 * min(fall.share, 9.99):.0f} % of what it had gained is lost",
            across(
                case,
                reward,
                f"{reward.name} over the last tenth",
                fall.last,
                first=0.9,
                expected=fall.best,
                formula="its best tenth",
                note=f"{fall.first:.4g} over the first tenth",
            ),
            condition="collapsed" if fall.share >= self.everything else None,
            severity=Severity.WARNING,
            confidence=0.9 if fall.share >= self.everything else 0.8,
            why="a policy makes its own data: once worse, it sees worse, and seldom comes back by itself",
            do=(
                "keep the checkpoint of the best level",
                "restart from it with smaller or fewer updates per batch, and a decaying learning rate",
            ),
            check="evaluate the best checkpoint again: if it still scores, the policy fell, not the environment",
            rank=68,
        )
