"""PRB052: the targets reach the answer by another way than the input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured
from traindx.probe.told import CONTRASTIVE, Levels


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLeaks(ProbeCheck):
    """The model knows the targets without the input: exchanged targets are answered as well, or constant inputs are learnt.

    ## What it looks at
    Two numbers that cannot be low without a leak. First, the loss of the fitted model on exchanged targets: it has learnt which input has which target, so it must be
    at the trivial level or above. Second, the loss after training on constant inputs: nothing tells samples apart, so the best is the trivial level, the
    entropy or variance of the targets. Neither depends on how much a model can learn by heart.

    ## Why it matters
    A model that is shown its answer scores perfectly until the day it has none.

    ## What to try
    - Follow the targets through the batch: what of them is given to the model, or computed before the split into inputs and targets?

    ## When it is wrong
    Models that are meant to see their targets (decoders that are fed the right answer so far): those are sequences, and are not counted.
    """

    meta: ClassVar = RuleMeta(
        code="PRB052", name="answer-leaks", since="0.2", summary="the targets reach the answer without the input"
    )
    needs: ClassVar = ("fit",)
    uses: ClassVar = ("blank",)
    condition: ClassVar = "suspicious_val"

    share: float = 0.7
    """Of the trivial level: below it by so much is beyond what rounding, dropout and a short fit do."""
    learnt: float = 0.5
    different: float = 0.5

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Look at both numbers."""
        fit, blank = subject.fit, subject.blank
        reference = _lowest(fit.levels) if fit is not None else None
        if fit is None or reference is None:
            return
        level, formula = reference
        single = all(
            leaf.values.ndim <= 2 and (leaf.real or leaf.values.ndim == 1) for leaf in subject.batch.of_role("target")
        )
        told: list[Evidence] = []
        if (
            single
            and fit.mismatched is not None
            and fit.different > self.different
            and fit.evaluated < self.learnt * level
            and fit.mismatched < self.share * level
        ):
            told.append(
                Evidence(
                    label="loss with exchanged targets",
                    measured=fit.mismatched,
                    expected=level,
                    formula=f"at least {formula}",
                )
            )
        if blank is not None and blank.single and blank.end < self.share * level:
            told.append(
                Evidence(
                    label="loss after training on constant inputs",
                    measured=blank.end,
                    expected=level,
                    formula=f"at least {formula}",
                )
            )
        if not told:
            return
        yield self.found(
            f"the loss is {n(told[0].measured or 0.0)} where nothing but the targets themselves could bring it below {n(level)}",
            *told,
            severity=Severity.ERROR,
            confidence=0.9 if len(told) > 1 else 0.8,
            why="a model that is shown its answer scores perfectly until the day it has none",
            do=("follow the targets through the batch and the model, and take them out of what the model is given",),
            rank=85,
        )


def _lowest(levels: Levels) -> tuple[float, str] | None:
    """What nothing but the targets can be below: the trivial level of this batch. Chance is that only where samples are each other's negatives."""
    if levels.trivial is not None:
        return levels.trivial, levels.trivial_formula
    known = levels.chance if levels.family in CONTRASTIVE else None
    return None if known is None else (known, levels.chance_formula)
