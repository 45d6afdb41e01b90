"""PRO008: every evaluation gives the same loss, to the last digit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import VAL_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationNeverMoves(Rule):
    """The validation loss is one and the same number at every evaluation.

    ## What it looks at
    All validation losses of the run, as printed, from the first evaluation on.

    ## Why it matters
    A deterministic evaluation of weights that change cannot give the same digits twice. The weights that are evaluated are not
    the ones that are trained, or nothing is trained: parameters missing in the optimiser, gradients cut off, averaged weights
    that are never updated, a stale checkpoint that is loaded for every evaluation.

    ## What to try
    - Print one weight before and after a step, in the model that is evaluated.
    - Compare the parameters in the optimiser with those of the model.

    ## When it is wrong
    Losses printed with one or two digits; a model that is evaluated before it starts and never trained by intention.
    """

    meta: ClassVar = RuleMeta(
        code="PRO008", name="validation-never-moves", since="0.1", summary="every evaluation gives the same loss"
    )
    needs: ClassVar = (VAL_LOSS,)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("BAS001", "BAS002", "OPT001", "NAN001", "NAN002", "PRF001", "RET002", "SEQ005")

    evaluations: int = 5
    digits: int = 3
    """A loss printed as 0.1 or 12 may stand still for the lack of digits."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where five evaluations and more are equal to the digit, from the first one on."""
        reading = case[VAL_LOSS]
        values, steps = reading.series.values, reading.series.steps
        places = np.unique(steps[np.isfinite(steps)])
        if len(values) < self.evaluations or len(places) < self.evaluations:
            return
        first = float(values[0])
        if (
            not bool((values == first).all())
            or first == 0.0
            or len(f"{abs(first):.12g}".strip("0.").replace(".", "")) < self.digits
        ):
            return
        yield self.finding(
            f"{reading.name} is {first:.6g} at all of {len(values)} evaluations: the weights that are evaluated never change",
            Evidence(
                label="different values of the validation loss",
                measured=1.0,
                expected=float(len(values)),
                formula="one for each evaluation of weights that change",
                span=case.span(reading.series),
            ),
            severity=Severity.ERROR,
            confidence=0.95,
            why="weights that change cannot give the same digits twice: nothing is trained, or another model is evaluated",
            do=(
                "print one weight of the evaluated model before and after a step",
                "compare the parameters in the optimiser with those of the model",
            ),
            check="print(sum(p.abs().sum().item() for p in model.parameters())) at two evaluations: it must differ",
            rank=60,
        )
