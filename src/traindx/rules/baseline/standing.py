"""Whether a loss stands at a level that theory gives, and what to say of it: shared by the rules on chance and trivial levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from traindx.context import VAL_LOSS, VAL_REFERENCES, Case, Reading, Reference
from traindx.diagnosis import Evidence, Severity
from traindx.rules.baseline.late import ends_no_better, soon_below
from traindx.rules.evidence import at_level, come_far

_MENDING = (
    "do not wait and do not tune: overfit one batch first; the loss must fall to its floor",
    "check that gradients reach the parameters and that inputs and labels belong together",
    "if the loss had been lower or higher before, lower the learning rate, warm up and clip",
)
_CONFIDENCE = {"given": 0.98, "read": 0.97, "inferred": 0.9}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How near is near, how surprising a constant must be, and when it is sure (see the rules' options)."""

    above_share: float
    surprising_odds: float
    sure_odds: float
    widest_share: float
    lasting: bool = False
    """Whether the last third alone decides, wherever the loss had been before."""


def nearest_standing(
    reading: Reading, references: tuple[Reference, ...], kind: str, limits: Limits
) -> Reference | None:
    """Return the reference of a kind at which the loss has stood all the time, those from facts first; else None."""
    curve = reading.curve
    if curve is None:
        return None
    at = [ref for ref in references if ref.kind == kind and _stands_at(reading, ref, limits)]
    return min(at, key=lambda ref: (ref.origin == "constant", abs(curve.end.value - ref.value)), default=None)


def _stands_at(reading: Reading, ref: Reference, limits: Limits) -> bool:
    curve = reading.curve
    if curve is None or (ref.origin == "constant" and ref.odds > limits.surprising_odds):
        return False
    slack = ref.tolerance + min(3 * curve.error, limits.widest_share * abs(ref.value))
    if ref.origin == "constant" and curve.end.error == 0.0 and curve.count >= 6:
        return abs(curve.end.value - ref.value) <= slack
    lowest, highest = ref.value - slack, ref.value * (1 + limits.above_share) + slack
    if limits.lasting and ref.origin != "constant" and lowest <= curve.end.value and ends_no_better(reading, ref):
        return True
    if limits.lasting and curve.end.value > ref.value + slack and soon_below(reading, lowest):
        return False  # it began far above, and is on its way down
    return lowest <= curve.best.value and lowest <= curve.end.value <= highest


def described(
    case: Case, reading: Reading, ref: Reference, limits: Limits
) -> tuple[str, tuple[Evidence, ...], dict[str, Any]]:
    """Return headline, evidence and the further fields of the finding."""
    curve = reading.curve
    assert curve is not None
    frozen = curve.count >= 5 and curve.end.error == 0.0
    far = come_far(reading) or frozen
    certain = ref.origin != "constant" or frozen or ref.odds <= limits.sure_odds or _validation_agrees(case, ref)
    confidence = _CONFIDENCE.get(ref.origin, 0.9 - 2 * ref.odds)
    when = _where(reading, ref) if far else "is still near"
    early = (f"go on to the second epoch: the loss must be under {0.95 * ref.value:.4g} by then",)
    evidence = (
        at_level(
            case, reading, curve.end, f"level of {reading.name} at the end", expected=ref.value, formula=ref.formula
        ),
        at_level(case, reading, curve.start, f"level of {reading.name} at the start"),
        *_validation_evidence(case, ref),
    )
    return (
        f"{reading.name} is {curve.end.value:.4g} and {when} {ref.value:.4g} = {ref.formula}: {ref.meaning}",
        evidence,
        {
            "severity": Severity.ERROR if far and certain else Severity.WARNING,
            "confidence": confidence if far else min(confidence, 0.75),
            "do": _MENDING if far else (*early, *_MENDING),
            "decided_by": "log" if ref.origin == "constant" else "facts",
        },
    )


def _where(reading: Reading, ref: Reference) -> str:
    """How a loss that has come far stands to a level: never left, back at it after having been better, or above it."""
    curve = reading.curve
    assert curve is not None
    slack = max(ref.tolerance, 3 * curve.error)
    if curve.end.value > ref.value + slack and curve.end.value > 1.05 * ref.value:
        return "is no better than"
    return "is back at" if curve.best.value < ref.value - slack else "has not left"


def _validation_agrees(case: Case, ref: Reference) -> bool:
    val, own = case.get(VAL_LOSS), _validation_reference(case, ref)
    return val is not None and val.curve is not None and abs(val.curve.end.value - own.value) <= own.tolerance


def _validation_evidence(case: Case, ref: Reference) -> tuple[Evidence, ...]:
    val, own = case.get(VAL_LOSS), _validation_reference(case, ref)
    if val is None or val.curve is None or not abs(val.curve.end.value - own.value) <= 0.05 * abs(own.value):
        return ()
    return (
        at_level(case, val, val.curve.end, f"level of {val.name} at the end", expected=own.value, formula=own.formula),
    )


def _validation_reference(case: Case, ref: Reference) -> Reference:
    """The same level for the validation set, whose last batch is short in another way."""
    own = [r for r in case.get(VAL_REFERENCES) or () if r.kind == ref.kind]
    return own[0] if own else ref
