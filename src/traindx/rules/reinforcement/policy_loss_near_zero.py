"""RLF002: a policy loss of zero is no fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import GRAD_NORM, READINGS, TASKS, TRAIN_LOSS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, sample
from traindx.rules.reinforcement.course import in_groups, is_playing, reward_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLossNearZero(Rule):
    """The loss of group-relative training starts at zero and stays there or rises: as it must.

    ## What it looks at
    The first and the last losses of a run that rewards groups of answers, and whether the gradient norm is above zero.

    ## Why it matters
    At the first update the probability ratio is 1 and advantages add up to zero, so that the loss is 0 whatever is
    learnt. Later it is about beta times the divergence from the reference: it rises while the policy learns. Many such
    runs are stopped for no reason.

    ## What to try
    - Watch the reward, its spread inside a group, and the gradient norm.

    ## When it is wrong
    It is a remark, not a fault. A gradient norm of exactly zero is one.
    """

    meta: ClassVar = RuleMeta(
        code="RLF002", name="policy-loss-near-zero", since="0.1", summary="a policy loss at zero or rising is expected"
    )
    needs: ClassVar = (READINGS, TASKS, TRAIN_LOSS)
    may_use: ClassVar = (GRAD_NORM,)
    explained_by: ClassVar = ("RLF001",)

    start: float = 2e-3
    """Four printed decimals, and what a ratio that is not exactly 1 in half precision adds."""

    def check(self, case: Case) -> Iterator[Finding]:
        loss, norm = case[TRAIN_LOSS], case.get(GRAD_NORM)
        if not (is_playing(case) and in_groups(case)) or not len(loss.series):
            return
        first = sample(loss)[:3]
        begun, now = level_of(loss, 0.0, 0.05) if len(first) else float("nan"), level_of(loss, 0.9)
        dead = norm is not None and not level_of(norm) > 0
        if not (abs(begun) <= self.start and now >= -self.start) or dead:
            return
        reward = reward_of(case)
        yield self.finding(
            f"{loss.name} starts at {begun:.2g} and is {now:.2g}: expected of group-relative training, and no sign of learning or failing",
            across(
                case,
                loss,
                f"{loss.name} at the end",
                now,
                first=0.9,
                expected=0.0,
                formula="ratio 1, advantages adding up to 0",
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="what is left of it is about beta times the divergence from the reference, which grows as the policy learns",
            do=(
                f"judge the run by {reward.name}" if reward is not None else "log the reward, and judge the run by it",
            ),
            check="the gradient norm: above zero, updates arrive",
            rank=10,
        )
