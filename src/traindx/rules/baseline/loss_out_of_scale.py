"""BAS005: the magnitude of the loss is not one that this loss can have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import factorise
from traindx.context import FACTS, JUDGED_LOSS, LADDER, LOSS_FAMILY, TASKS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import Curve

# Losses over matched sets of objects: sums of bounded means with published weights.
_SETS = frozenset({"detr", "detr_total", "sam3"})
# The weight of the box term in DETR and every descendant that publishes one.
_BOX_WEIGHT = 5.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossOutOfScale(Rule):
    """The magnitude of the loss is one that a mean of ordinary terms cannot have.

    ## What it looks at
    The first losses against the most that ignorance costs in this family; where the family is unknown, against 1,000: a mean over
    elements of unit scale, or a weighted sum of a few dozen such terms, stays far below.

    ## Why it matters
    It is wrong before the first update, so neither patience nor the learning rate can mend it. Usual reasons: a sum in
    place of a mean, boxes in pixels, inputs in 0-255, targets that were never normalised.

    ## What to try
    - Print every unweighted term for one batch, and one target.
    - Double the batch: a summed loss doubles.

    ## When it is wrong
    Sums are a deliberate choice in likelihoods (ELBO); regression in raw units has raw units squared.
    """

    meta: ClassVar = RuleMeta(
        code="BAS005", name="loss-out-of-scale", since="0.1", summary="the magnitude of the loss cannot be a mean"
    )
    needs: ClassVar = (JUDGED_LOSS,)
    may_use: ClassVar = (LADDER, LOSS_FAMILY, FACTS, TASKS)
    condition: ClassVar = "scale"
    explained_by: ClassVar = ("BAS006", "DIV001", "SCL001")

    unknown_limit: float = 1_000.0
    family_factor: float = 2.5
    """Two and a half times the budget of total ignorance is beyond any bad initialisation of bounded terms."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, {"reinforcement"}):
            return
        reading = case[JUDGED_LOSS]
        if reading.curve is None:
            return
        budget = self._budget(case)
        limit = self.family_factor * budget[0] if budget else self.unknown_limit
        if not abs(reading.curve.start.value) > limit:
            return
        yield self._describe(case, reading, budget)

    def _budget(self, case: Case) -> tuple[float, str] | None:
        """The most that total ignorance costs, for families whose terms are bounded means; else None."""
        ladder = case.get(LADDER)
        if ladder is None or (case.get(LOSS_FAMILY) or "") not in _SETS:
            return None
        worst = max((r for r in ladder.rungs if r.rung in ("chance", "initial")), key=lambda r: r.value, default=None)
        return (worst.value, worst.formula) if worst is not None else None

    def _describe(self, case: Case, reading: Reading, budget: tuple[float, str] | None) -> Finding:
        curve = reading.curve
        assert curve is not None
        expected, formula = budget or (None, "")
        factors = self._factors(case, abs(curve.start.value), expected)
        against = (
            f"total ignorance costs {expected:.4g}" if expected else "a mean of terms of unit scale stays below 1,000"
        )
        return self.finding(
            f"{reading.name} starts at {curve.start.value:,.6g}; {against}",
            at_level(case, reading, curve.start, f"first level of {reading.name}", expected=expected, formula=formula),
            *factors,
            severity=self._severity(curve, known=bool(budget or factors)),
            confidence=0.95 if budget else 0.85 if factors else 0.7,
            why="the loss is out of scale before the first update: neither patience nor the learning rate can change that",
            do=(
                "print every unweighted loss term for one batch, and one target tensor",
                "boxes: divide by the image size, then check the corner format; targets: normalise; sums: take the mean",
                "keep the learning rate as it is until the first loss is of the right size",
            ),
            check="double the batch size: a loss that doubles is a sum; one that stays is a mean of unscaled targets",
            decided_by="facts" if budget or factors else "log",
            rank=75,
        )

    @staticmethod
    def _severity(curve: Curve, *, known: bool) -> Severity:
        """What stays out of scale is broken where theory knows the scale; a sum that falls to a fraction of its start does its work."""
        stayed = abs(curve.end.value) > 0.5 * abs(curve.start.value)
        if known:
            return Severity.ERROR if stayed else Severity.WARNING
        return Severity.WARNING if stayed else Severity.INFO

    def _factors(self, case: Case, value: float, expected: float | None) -> tuple[Evidence, ...]:
        facts: dict[str, float] = {
            k: float(f.value) for k, f in (case.get(FACTS) or {}).items() if isinstance(f.value, int | float)
        }
        if (case.get(LOSS_FAMILY) or "") in _SETS:
            facts = {"loss_weight": facts.get("weight.bbox", _BOX_WEIGHT)} | facts
        if expected is None and "image_size" not in facts:
            return ()  # without a size to compare with, some product of constants always fits
        found = factorise(value, expected if expected is not None else 1.0, facts)
        return tuple(
            Evidence(label=f"arithmetic: {f.meaning}", measured=value, expected=f.value, formula=f.formula)
            for f in found[:2]
        )
