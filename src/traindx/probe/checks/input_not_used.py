"""PRB051: the loss does not depend on which input belongs to which target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class InputNotUsed(ProbeCheck):
    """After one batch was learnt, exchanging the targets among the samples changes nothing: the input is not used.

    ## What it looks at
    The loss of the fitted model on the batch, and on the same batch with every sample given another one's target.

    ## Why it matters
    A model that knows its batch is badly wrong about exchanged targets. If the loss is the same, whatever comes out has nothing to do with what goes in: an
    overwritten variable, a zeroed mask, a constant feature, a collapsed embedding.

    ## What to try
    - Print the model's output for two different inputs, layer by layer, until they become the same.

    ## When it is wrong
    Where nothing was learnt for another reason: that is told beside it.
    """

    meta: ClassVar = RuleMeta(
        code="PRB051", name="input-not-used", since="0.2", summary="the answer does not depend on the input"
    )
    needs: ClassVar = ("fit",)
    condition: ClassVar = "at_chance"

    tolerance: float = 1e-3
    """Of the loss: a model that uses its input a little is off by more after thirty steps."""
    different: float = 0.3
    """Of the samples must have got another target; else the exchange is none."""
    steps: int = 30

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Compare right pairs with exchanged ones."""
        fit = subject.fit
        if (
            fit is None
            or fit.mismatched is None
            or fit.different < self.different
            or len(fit.descent.losses) < self.steps
        ):
            return
        if not abs(fit.mismatched - fit.evaluated) <= self.tolerance * max(abs(fit.evaluated), 1e-6):
            return
        yield self.found(
            f"with the targets exchanged among the samples the fitted model still costs {n(fit.mismatched)}, as with its own",
            Evidence(
                label="loss with exchanged targets",
                measured=fit.mismatched,
                expected=fit.evaluated,
                formula="that with its own targets; it should be far higher",
            ),
            severity=Severity.ERROR,
            confidence=0.9,
            why="what comes out has nothing to do with what goes in",
            do=("print the output for two inputs layer by layer, until they become the same",),
            rank=84,
        )
