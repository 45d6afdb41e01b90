"""RLF001: all answers to a prompt earn the same, so that nothing is learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GRAD_NORM, READINGS, TASKS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, longest_of, sample
from traindx.rules.reinforcement.course import course_of, in_groups, is_playing, reward_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NoRewardSignal(Rule):
    """All answers to one prompt earn the same reward, so that the policy gets no gradient.

    ## What it looks at
    The spread of rewards inside a group, or the share of groups without any, over the run; and the gradient norm.

    ## Why it matters
    Advantages are rewards less the mean of their group. Where a whole group earns the same, they are all zero: the
    loss and the gradient norm are exactly 0.0. Unlike a loss near zero with a gradient, this is not cosmetic.

    ## What to try
    - All wrong: easier prompts, partial credit, more answers per prompt, a higher temperature, longer answers.
    - All right: harder prompts; stop, if the task is solved.
    - Print five answers with their rewards: a parser that never finds the answer gives 0 to all of them.

    ## When it is wrong
    Where the logged spread is that of another quantity.
    """

    meta: ClassVar = RuleMeta(
        code="RLF001", name="no-reward-signal", since="0.1", summary="all answers to a prompt earn the same"
    )
    needs: ClassVar = (READINGS, TASKS)
    may_use: ClassVar = (GRAD_NORM,)
    condition: ClassVar = "at_chance"

    points: int = 10
    zero: float = 1e-8
    silent_share: float = 0.95
    """One batch in twenty with a signal still leaves nineteen in twenty without."""

    wasted_share: float = 0.5
    perfect: float = 0.99

    def check(self, case: Case) -> Iterator[Finding]:
        found = self._silence(case) if is_playing(case) and in_groups(case) else None
        if found is None:
            return
        reading, silent = found
        share, late = float(np.mean(silent)), float(np.mean(silent[2 * len(silent) // 3 :]))
        if share >= self.silent_share:
            yield self._describe(case, reading, share, self._severity(case, len(silent)), "from the start on")
        elif late >= self.silent_share and len(silent) >= 3 * self.points:
            solved = course_of(case) == "rose"
            severity = Severity.INFO if solved else Severity.WARNING
            yield self._describe(case, reading, late, severity, "over the last third", condition=None)
        elif share >= self.wasted_share and len(silent) >= self.points:
            yield self._describe(case, reading, share, Severity.INFO, "in all", condition=None)

    def _silence(self, case: Case) -> tuple[Reading, np.ndarray] | None:
        """A series that tells of the signal, and where it tells of none."""
        for kind in ("zero_std_fraction", "reward_std"):
            reading = longest_of(case, kind)
            if reading is not None and len(values := sample(reading)):
                return reading, (
                    values >= 1 - self.zero if kind == "zero_std_fraction" else np.abs(values) <= self.zero
                )
        return None

    def _severity(self, case: Case, count: int) -> Severity:
        reward, norm = reward_of(case), case.get(GRAD_NORM)
        values = sample(reward) if reward is not None else np.array([])
        solved = bool(len(values)) and float(np.min(values)) >= 0 and self.perfect <= float(np.median(values)) <= 1
        moving = norm is not None and level_of(norm) > 0
        if count < self.points or moving or solved:
            return Severity.WARNING if count >= self.points or (norm is not None and not moving) else Severity.INFO
        return Severity.ERROR

    def _describe(
        self, case: Case, reading: Reading, share: float, severity: Severity, when: str, **more: str | None
    ) -> Finding:
        return self.finding(
            f"{100 * share:.0f} % of the batches hold no reward signal {when}: all answers to a prompt earn the same ({reading.name})",
            across(case, reading, "share of logged batches without any spread of rewards", share, expected=0.0),
            severity=severity,
            confidence=0.95 if severity is Severity.ERROR else 0.8,
            why="advantages are rewards less the mean of their group: all zero, and so is the gradient",
            do=(
                "print five answers with their rewards: all wrong, all right, or never parsed",
                "make prompts easier or harder, give partial credit, sample more answers at a higher temperature",
            ),
            check="the gradient norm: exactly 0 confirms it, any other value refutes it",
            rank=84 if severity is Severity.ERROR else 48,
            **more,
        )
