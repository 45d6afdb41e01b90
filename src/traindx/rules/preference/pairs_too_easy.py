"""PRF004: all pairs are told apart early on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, TRAIN_LOSS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, longest_of
from traindx.rules.preference.pairs import is_preference
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PairsTooEasy(Rule):
    """Every pair is told apart within the first part of the run, and the loss is near zero from then on.

    ## What it looks at
    The reward accuracy and the loss of training over the second half of the run, and how early they got there.

    ## Why it matters
    Pairs without an error left teach nothing more; the later steps only widen the margin. Either the pairs differ in
    something trivial (length, a template, a refusal), or they have been learnt by heart.

    ## What to try
    - Score the held-out pairs: a lower accuracy there means learning by heart.
    - Compare lengths and first tokens of chosen and rejected answers; remove what tells them apart without reading.

    ## When it is wrong
    Sets that are meant to be easy: format, safety, language.
    """

    meta: ClassVar = RuleMeta(
        code="PRF004", name="pairs-too-easy", since="0.1", summary="all pairs are told apart early on"
    )
    needs: ClassVar = (READINGS, TASKS, TRAIN_LOSS)

    points: int = 20
    accuracy: float = 0.995
    loss: float = 0.05
    """A loss of 0.05 is a margin of 3: the typical pair is ranked rightly with 95 % probability."""

    early: float = 0.3

    def check(self, case: Case) -> Iterator[Finding]:
        right = longest_of(case, "reward_accuracy") if is_preference(case) else None
        loss = case[TRAIN_LOSS]
        if right is None or right.curve is None or right.curve.count < self.points or right.held_out:
            return
        shares = (level_of(right, self.early, 0.5), level_of(right, 0.5))
        losses = (level_of(loss, self.early, 0.5), level_of(loss, 0.5))
        if not (min(shares) >= self.accuracy and max(np.abs(losses)) <= self.loss):
            return
        yield self.finding(
            f"{right.name} is {shares[0]:.3f} and {loss.name} {losses[0]:.2g} before half of the run: the pairs have nothing left to teach",
            across(
                case,
                right,
                f"{right.name} from {100 * self.early:.0f} % of the run on",
                shares[1],
                first=self.early,
                expected=self.accuracy,
            ),
            across(case, loss, f"{loss.name} from there on", losses[1], first=self.early, expected=self.loss),
            severity=Severity.INFO,
            confidence=0.8,
            why="later steps only widen the margin of pairs that are ranked rightly already",
            do=(
                "score held-out pairs, and stop where their accuracy is best",
                "look for what tells the answers apart without reading them: length, template, first token",
            ),
            check="rank the pairs by length alone: an accuracy near 1 shows the shortcut",
            rank=22,
        )
