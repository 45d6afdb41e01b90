"""RLF010: answers become much longer or shorter, and no better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, TASKS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, readings_of
from traindx.rules.reinforcement.course import course_of, is_playing
from traindx.rules.rule import Rule, RuleMeta

_EDGES = ("min", "max", "terminated", "clip", "std")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionLengthRunsAway(Rule):
    """Answers have become several times longer or shorter, without a better reward to show for it.

    ## What it looks at
    The mean length of the answers over the last tenth of the run against the first, and the course of the reward.

    ## Why it matters
    Longer answers with a rising reward are reasoning that is learnt. Length that changes by itself is a bias of the
    loss (a mean over tokens of each answer favours long wrong ones) or a reward that pays for length, or for silence.

    ## What to try
    - Normalise the loss over all tokens of a batch; take length out of the reward, or bound it.
    - Read the shortest and the longest answers.

    ## When it is wrong
    Tasks whose prompts change over the run.
    """

    meta: ClassVar = RuleMeta(
        code="RLF010",
        name="completion-length-runs-away",
        since="0.1",
        summary="answers get much longer or shorter, and no better",
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("RLF001", "RLF009")

    points: int = 20
    longer: float = 3.0
    shorter: float = 0.25
    silent: float = 20.0
    """Under twenty tokens an answer to a task that asks for reasoning is a bare guess."""

    def check(self, case: Case) -> Iterator[Finding]:
        length = self._mean_length(case) if is_playing(case) else None
        if length is None or length.curve is None or length.curve.count < self.points:
            return
        begun, now = level_of(length, 0.0, 0.1), level_of(length, 0.9)
        course = course_of(case)
        stretched, shrunk = now >= self.longer * begun > 0, 0 <= now <= self.shorter * begun
        hollow = shrunk and now < self.silent
        if not (stretched or shrunk) or (course == "rose" and not hollow):
            return
        grave = course in ("flat", "fell")
        yield self.finding(
            f"{length.name} went from {begun:.4g} to {now:.4g} tokens"
            + (", and the reward did not rise" if grave else ""),
            across(
                case,
                length,
                f"{length.name} over the last tenth",
                now,
                first=0.9,
                expected=begun,
                formula="its level at the start",
                unit="tokens",
            ),
            severity=Severity.WARNING if grave else Severity.INFO,
            confidence=0.75,
            why="length that changes by itself comes from the way the loss is averaged, or from a reward that pays for it",
            do=(
                "read the shortest and the longest answers",
                "average the loss over all tokens of a batch, and take length out of the reward",
            ),
            check="the correlation of reward and length inside a group",
            rank=43 if grave else 12,
        )

    def _mean_length(self, case: Case) -> Reading | None:
        means = [
            r for r in readings_of(case, "completion_length") if not any(edge in r.name.lower() for edge in _EDGES)
        ]
        return max(means, key=lambda r: r.curve.count if r.curve else 0, default=None)
