"""RLF009: nearly all answers are cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, longest_of
from traindx.rules.reinforcement.course import course_of, is_playing
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionsTruncated(Rule):
    """Nearly all answers reach the longest length allowed and are cut off.

    ## What it looks at
    The share of answers that were cut off, over the last third of the run.

    ## Why it matters
    An answer that is cut off has not come to its result: its reward says nothing about what it would have been. The
    policy learns to be short, or nothing.

    ## What to try
    - Allow longer answers, or ask for shorter ones in the prompt; leave answers that were cut off out of the loss.
    - Check that the end-of-sequence token is in the template, and that generation stops at it.

    ## When it is wrong
    Tasks with answers of one fixed length.
    """

    meta: ClassVar = RuleMeta(
        code="RLF009", name="completions-truncated", since="0.1", summary="nearly all answers are cut off"
    )
    needs: ClassVar = (READINGS, TASKS)

    points: int = 20
    nearly_all: float = 0.9
    half: float = 0.5

    def check(self, case: Case) -> Iterator[Finding]:
        cut = longest_of(case, "truncation_rate") if is_playing(case) else None
        if cut is None or cut.curve is None or cut.curve.count < self.points or "prompt" in cut.name.lower():
            return
        share = level_of(cut, 2 / 3)
        if not share >= self.half:
            return
        grave = share >= self.nearly_all and course_of(case) != "rose"
        yield self.finding(
            f"{100 * share:.0f} % of the answers are cut off at the longest length over the last third of the run ({cut.name})",
            across(case, cut, f"{cut.name} over the last third", share, first=2 / 3, expected=0.0),
            severity=Severity.WARNING if grave else Severity.INFO,
            confidence=0.9,
            why="an answer that is cut off has not come to its result: its reward says nothing",
            do=(
                "allow longer answers, or leave those that were cut off out of the loss",
                "check that generation stops at the end-of-sequence token",
            ),
            check="read five answers to their end: did they finish?",
            rank=47 if grave else 15,
        )
