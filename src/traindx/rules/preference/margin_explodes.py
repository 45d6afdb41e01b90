"""PRF005: margins grow beyond what the loss can feel."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of
from traindx.rules.preference.pairs import chosen_of, is_preference, margin_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MarginExplodes(Rule):
    """The typical margin has grown so large that the loss cannot feel it any more.

    ## What it looks at
    The level of the training margin over the last fifth of the run, against 24 ln 2 = 16.6: there 1 - sigmoid(margin) is
    below the resolution of float32.

    ## Why it matters
    Such pairs send no gradient. A margin that still grows is pulled along by others, and the policy moves far from its
    reference for nothing: beta times the log-ratio is tens of nats.

    ## What to try
    - Lower the learning rate or raise beta; stop where held-out reward accuracy is best.
    - A loss with a bounded margin (IPO), or label smoothing, takes away the wish for ever larger ones.

    ## When it is wrong
    Rewards that are scaled by hand; losses that do not pass through a sigmoid.
    """

    meta: ClassVar = RuleMeta(
        code="PRF005", name="margin-explodes", since="0.1", summary="margins grow beyond what the loss can feel"
    )
    needs: ClassVar = (READINGS, TASKS)

    limit: float = 24 * math.log(2)
    """The sigmoid rounds to one in float32 from here on."""

    grave: float = 2.0
    points: int = 20

    def check(self, case: Case) -> Iterator[Finding]:
        margin = margin_of(case) if is_preference(case) else None
        if margin is None or margin.curve is None or margin.curve.count < self.points:
            return
        now = level_of(margin, 0.8)
        if not now > self.limit:
            return
        chosen = chosen_of(case, "reward")
        fallen = chosen is not None and level_of(chosen, 0.8) < 0
        grave = now > self.grave * self.limit and fallen
        yield self.finding(
            f"{margin.name} has grown to {now:.4g}, beyond {self.limit:.1f}, where a typical pair sends no gradient any more",
            across(
                case,
                margin,
                f"{margin.name} over the last fifth",
                now,
                first=0.8,
                expected=self.limit,
                formula="24 ln 2",
            ),
            severity=Severity.WARNING if grave else Severity.INFO,
            confidence=0.8,
            why="the policy moves far from its reference although the pairs are ranked rightly already"
            + ("; chosen answers have become less likely than under the reference" if fallen else ""),
            do=(
                "stop earlier, lower the learning rate or raise beta",
                "use a loss with a bounded margin, or label smoothing",
            ),
            check="generate ten answers of the policy and of its reference: are the new ones still sane?",
            rank=36,
        )
