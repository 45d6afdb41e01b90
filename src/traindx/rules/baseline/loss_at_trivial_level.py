"""BAS002: the loss is what the best constant answer scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import GAMES, JUDGED_LOSS, REFERENCES, TASKS, VAL_LOSS, VAL_REFERENCES, Case, has_task
from traindx.diagnosis import Finding
from traindx.rules.baseline.standing import Limits, described, nearest_standing
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossAtTrivialLevel(Rule):
    """The loss is what the best constant answer scores.

    ## What it looks at
    The best lasting level of the judged loss against the score of a constant: the entropy of the class frequencies, the
    variance of the targets, the mean absolute deviation from their median, computed from the facts of the run.

    ## Why it matters
    The model has learnt how often each answer occurs and ignores its input. A loss that fell to this level looks like
    learning, and is none.

    ## What to try
    - Feed zeros as inputs: a loss that stays the same proves that the input does not matter.
    - Check the path from input to output: normalisation of inputs, dead units, a detached branch, mismatched pairs.

    ## When it is wrong
    Where the targets cannot be predicted from the inputs at all.
    """

    meta: ClassVar = RuleMeta(
        code="BAS002",
        name="loss-at-trivial-level",
        since="0.1",
        summary="the loss is what the best constant answer scores",
    )
    needs: ClassVar = (JUDGED_LOSS, REFERENCES)
    may_use: ClassVar = (TASKS, VAL_LOSS, VAL_REFERENCES)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("BAS001", "BAS006")

    above_share: float = 0.10
    """A fresh or noisy network scores up to a tenth worse than the constant without being further from it."""

    widest_share: float = 0.05
    """Noise wider than a twentieth of the level cannot place a loss at it."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, GAMES | {"diffusion"}):
            return
        limits = Limits(
            above_share=self.above_share, surprising_odds=0.0, sure_odds=0.0, widest_share=self.widest_share
        )
        ref = nearest_standing(case[JUDGED_LOSS], case[REFERENCES], "trivial", limits)
        if ref is None:
            return
        headline, evidence, more = described(case, case[JUDGED_LOSS], ref, limits)
        why = "the model answers with frequencies or a mean, and ignores its input"
        check = "feed zeros as inputs: if the loss stays the same, the input does not reach the output"
        yield self.finding(headline, *evidence, why=why, check=check, rank=83, **more)
