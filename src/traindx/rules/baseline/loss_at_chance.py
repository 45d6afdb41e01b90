"""BAS001: the loss never left the level of guessing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import JUDGED_LOSS, METRICS, REFERENCES, TASKS, VAL_LOSS, VAL_REFERENCES, Case, Reading, Reference
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import at_level, come_far
from traindx.rules.rule import Rule, RuleMeta


_MENDING = (
    "do not wait and do not tune: overfit one batch first; the loss must fall to its floor",
    "check that gradients reach the parameters and that inputs and labels belong together",
    "if the loss had been lower or higher before, lower the learning rate, warm up and clip",
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossAtChance(Rule):
    """The loss never left the level of guessing, or of the best constant answer.

    ## What it looks at
    The best lasting level of the judged loss against the chance and trivial levels of its family, computed from the facts of
    the run (number of classes, batch, target variance, ...), short last batches included. Without facts, a loss that
    never moved is compared with the well-known constants.

    ## Why it matters
    A plateau at this level is not convergence: the model has learnt nothing. Waiting does not help.

    ## What to try
    - Overfit one batch: the loss must come down to its floor. If it does not, the fault is in the code.
    - Check that the optimiser holds the parameters, that gradients are not zero, and that labels match inputs.
    - Lower the learning rate and add warm-up and clipping, if the loss rose before it settled there.

    ## When it is wrong
    In the first hundred steps; where labels are pure noise; where the printed value is a regulariser, not the loss.
    """

    meta: ClassVar = RuleMeta(code="BAS001", name="loss-at-chance", since="0.1", summary="the loss never left the level of guessing")
    needs: ClassVar = (JUDGED_LOSS, REFERENCES)
    may_use: ClassVar = (METRICS, TASKS, VAL_LOSS, VAL_REFERENCES)
    condition: ClassVar = "at_chance"

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
        reading = case[JUDGED_LOSS]
        if reading.curve is None:
            return
        at = [ref for ref in case[REFERENCES] if self._stands_at(reading, ref)]
        if not at:
            return
        nearest = min(at, key=lambda ref: (ref.origin == "constant", ref.kind != "chance", abs(reading.curve.end.value - ref.value)))  # type: ignore[union-attr]
        yield self._describe(case, reading, nearest)

    def _stands_at(self, reading: Reading, ref: Reference) -> bool:
        curve = reading.curve
        if curve is None or (ref.origin == "constant" and ref.odds > self.surprising_odds):
            return False
        slack = ref.tolerance + min(3 * curve.error, self.widest_share * abs(ref.value))
        if ref.origin == "constant" and curve.end.error == 0.0 and curve.count >= 6:
            return abs(curve.end.value - ref.value) <= slack
        return ref.value - slack <= curve.best.value and ref.value - slack <= curve.end.value <= ref.value * (1 + self.above_share) + slack

    def _describe(self, case: Case, reading: Reading, ref: Reference) -> Finding:
        curve = reading.curve
        assert curve is not None
        frozen = curve.count >= 5 and curve.end.error == 0.0
        far = come_far(reading) or frozen
        certain = ref.origin in ("given", "read") or frozen or ref.odds <= self.sure_odds or _also_validation(case, ref)
        confidence = {"given": 0.98, "read": 0.97, "inferred": 0.9, "constant": 0.9 - 2 * ref.odds}[ref.origin]
        when = "has not left" if far else "is still near"
        return self.finding(
            f"{reading.name} is {curve.end.value:.4g} and {when} {ref.value:.4g} = {ref.formula}: {ref.meaning}",
            at_level(case, reading, curve.end, f"level of {reading.name} at the end", expected=ref.value, formula=ref.formula, unit=""),
            at_level(case, reading, curve.start, f"level of {reading.name} at the start"),
            *_validation_evidence(case, ref),
            severity=Severity.ERROR if far and (certain or ref.origin == "inferred") else Severity.WARNING,
            confidence=confidence if far else min(confidence, 0.75),
            why="a plateau at this level is not convergence; the model has learnt nothing that the loss rewards",
            do=_MENDING if far else (f"go on to the second epoch: the loss must be under {0.95 * ref.value:.4g} by then", *_MENDING),
            check="shuffle the labels: if the loss stays the same, the labels never reached the model",
            decided_by="log" if ref.origin == "constant" else "facts",
            rank=85 if far else 30,
        )


def _also_validation(case: Case, ref: Reference) -> bool:
    val, own = case.get(VAL_LOSS), _validation_reference(case, ref)
    return val is not None and val.curve is not None and abs(val.curve.end.value - own.value) <= own.tolerance


def _validation_evidence(case: Case, ref: Reference) -> tuple[Evidence, ...]:
    val, own = case.get(VAL_LOSS), _validation_reference(case, ref)
    if val is None or val.curve is None or not abs(val.curve.end.value - own.value) <= 0.05 * abs(own.value):
        return ()
    return (at_level(case, val, val.curve.end, f"level of {val.name} at the end", expected=own.value, formula=own.formula),)


def _validation_reference(case: Case, ref: Reference) -> Reference:
    """The same level for the validation set, whose last batch is short in another way."""
    own = [r for r in case.get(VAL_REFERENCES) or () if r.kind == ref.kind]
    return own[0] if own else ref
