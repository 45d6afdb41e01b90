"""BAS001: the loss never left the level of guessing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import (
    FACTS,
    GAMES,
    JUDGED_LOSS,
    LEARNING_RATES,
    LOSS_FAMILY,
    LOSSES,
    METRICS,
    REFERENCES,
    TASKS,
    VAL_LOSS,
    VAL_REFERENCES,
    Case,
    Reading,
    Reference,
    has_task,
)
from traindx.diagnosis import Finding, Severity
from traindx.rules.baseline.late import answers_known, at_its_end, early, hardly_below, still_falling
from traindx.rules.baseline.standing import Limits, described, nearest_standing
from traindx.rules.evidence import at_level, come_far
from traindx.rules.rule import Rule, RuleMeta

# Families whose loss is the cost of choosing among candidates: at or above the log of their number nothing is known.
_SOFTMAX = frozenset({"cross_entropy", "info_nce", "masked_lm"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossAtChance(Rule):
    """The loss never left the level of guessing.

    ## What it looks at
    The best lasting level of the judged loss against the chance level of its family, computed from the facts of the run
    (number of classes, batch size, ...), short last batches included. A loss over candidates is judged by its last third:
    at or above the level there, and no longer falling, it knows nothing, wherever it had been before; and where the run is
    at its planned end, less than a twentieth below the level is next to nothing. Without facts, a loss that never moved is
    compared with the well-known constants.

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
    may_use: ClassVar = (
        TASKS,
        VAL_LOSS,
        VAL_REFERENCES,
        LOSS_FAMILY,
        LOSSES,
        METRICS,
        FACTS,
        LEARNING_RATES,
    )
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
    least_skill: float = 0.05
    """Class frequencies alone are worth more than a twentieth of the level on nearly any data: a run that is over and has less knows nothing."""

    fewest_answers: float = 4.5
    """With two to four answers (prices up or down, clicks) a twentieth may be all that there is to know."""

    widest_share: float = 0.05
    """Noise wider than a twentieth of the level cannot place a loss at it."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, GAMES):
            return
        limits = Limits(
            above_share=self.above_share,
            surprising_odds=self.surprising_odds,
            sure_odds=self.sure_odds,
            widest_share=self.widest_share,
            lasting=case.get(LOSS_FAMILY) in _SOFTMAX,
        )
        ref = nearest_standing(case[JUDGED_LOSS], case[REFERENCES], "chance", limits)
        if ref is not None and self._another_sum(case, ref):
            return
        if ref is None:
            yield from self._hardly_left(case)
            return
        headline, evidence, more = described(case, case[JUDGED_LOSS], ref, limits)
        why = "a plateau at this level is not convergence; the model has learnt nothing that the loss rewards"
        check = "shuffle the labels: if the loss stays the same, the labels never reached the model"
        yield self.finding(headline, *evidence, why=why, check=check, rank=85, **more)

    def _another_sum(self, case: Case, ref: Reference) -> bool:
        """Whether a loss that stands above guessing belongs to a model that plainly knows answers: it holds other terms."""
        curve = case[JUDGED_LOSS].curve
        above = curve is not None and curve.end.value > ref.value + ref.tolerance and curve.end.value > 1.05 * ref.value
        return above and ref.origin != "constant" and answers_known(case, ref)

    def _hardly_left(self, case: Case) -> Iterator[Finding]:
        """A run at its end, or one that no longer improves, whose loss is a few per cent below guessing."""
        reading, curve = case[JUDGED_LOSS], case[JUDGED_LOSS].curve
        known = [r for r in case[REFERENCES] if r.kind == "chance" and r.origin != "constant"]
        if curve is None or curve.count < 5 or case.get(LOSS_FAMILY) not in _SOFTMAX or not known:
            return
        ref = min(known, key=lambda r: r.value)
        if not ref.value > math.log(self.fewest_answers) or not come_far(reading) or answers_known(case, ref):
            return
        over = at_its_end(case, reading)
        if (not over and (early(case, reading) or still_falling(reading))) or curve.start.value < ref.value * (
            1 - self.least_skill
        ):
            return
        if hardly_below(case, reading, ref, self.least_skill):
            yield self._of_little_skill(case, reading, ref, over)

    def _of_little_skill(self, case: Case, reading: Reading, ref: Reference, over: str) -> Finding:
        curve = reading.curve
        assert curve is not None
        below = 100 * (1 - curve.end.value / ref.value)
        ended = f"at the end of the run ({over})" if over else "and no longer improves"
        return self.finding(
            f"{reading.name} is {curve.end.value:.4g}, {below:.1f} % below {ref.value:.4g} = {ref.formula} {ended}",
            at_level(
                case, reading, curve.end, f"level of {reading.name} at the end", expected=ref.value, formula=ref.formula
            ),
            at_level(case, reading, curve.start, f"level of {reading.name} at the start"),
            severity=Severity.ERROR if over else Severity.WARNING,
            confidence=0.9 if over else 0.75,
            why=f"{ref.meaning} costs hardly more: next to nothing has been learnt, not even how often each answer occurs",
            do=(
                "raise the learning rate three- to tenfold for a few hundred steps: a loss that then falls was only starved",
                "overfit one batch: the loss must fall to its floor",
                "check that inputs and labels belong together, and that gradients reach the parameters",
            ),
            check="the entropy of the class frequencies: a loss above it knows less than a table of frequencies",
            decided_by="facts",
            rank=84,
        )
