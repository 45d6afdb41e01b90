"""BAS001: the loss never left the level of guessing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import JUDGED_LOSS, LOSS_FAMILY, REFERENCES, TASKS, VAL_LOSS, VAL_REFERENCES, Case
from traindx.diagnosis import Finding
from traindx.rules.baseline.standing import Limits, described, nearest_standing
from traindx.rules.rule import Rule, RuleMeta

# Families whose loss is the cost of choosing among candidates: at or above the log of their number nothing is known.
_SOFTMAX = frozenset({"cross_entropy", "info_nce", "masked_lm"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossAtChance(Rule):
    """The loss never left the level of guessing.

    ## What it looks at
    The best lasting level of the judged loss against the chance level of its family, computed from the facts of the run
    (number of classes, batch size, ...), short last batches included. Without facts, a loss that never moved is compared
    with the well-known constants.

    ## Why it matters
    A plateau at this level is not convergence: the model has learnt nothing. Waiting does not help.

    ## What to try
    - Overfit one batch: the loss must come down to its floor. If it does not, the fault is in the code.
    - Check that the optimiser holds the parameters, that gradients are not zero, and that labels match inputs.
    - Lower the learning rate and add warm-up and clipping, if the loss rose before it settled there.

    ## When it is wrong
    In the first hundred steps; where labels are pure noise; where the printed value is a regulariser, not the loss.
    """

    meta: ClassVar = RuleMeta(
        code="BAS001", name="loss-at-chance", since="0.1", summary="the loss never left the level of guessing"
    )
    needs: ClassVar = (JUDGED_LOSS, REFERENCES)
    may_use: ClassVar = (TASKS, VAL_LOSS, VAL_REFERENCES, LOSS_FAMILY)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = (
        "NAN001",
        "NAN002",
        "DIV002",
        "PRF001",
        "SSL001",
        "SSL004",
    )  # what collapsed had left its chance level

    above_share: float = 0.05
    """A start may lie a little above chance (confident random logits); a twentieth covers usual initialisations."""

    surprising_odds: float = 0.02
    """A constant that no fact supports counts only where a random value would match it in under one case of fifty."""

    sure_odds: float = 0.005
    widest_share: float = 0.05
    """Noise wider than a twentieth of the level cannot place a loss at it."""

    def check(self, case: Case) -> Iterator[Finding]:
        if (case.get(TASKS) or frozenset()) & {"reinforcement", "gan"}:
            return
        limits = Limits(
            above_share=self.above_share,
            surprising_odds=self.surprising_odds,
            sure_odds=self.sure_odds,
            widest_share=self.widest_share,
            lasting=case.get(LOSS_FAMILY) in _SOFTMAX,
        )
        ref = nearest_standing(case[JUDGED_LOSS], case[REFERENCES], "chance", limits)
        if ref is None:
            return
        headline, evidence, more = described(case, case[JUDGED_LOSS], ref, limits)
        why = "a plateau at this level is not convergence; the model has learnt nothing that the loss rewards"
        check = "shuffle the labels: if the loss stays the same, the labels never reached the model"
        yield self.finding(headline, *evidence, why=why, check=check, rank=85, **more)
