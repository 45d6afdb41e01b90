"""PRB016: outputs and targets of different shapes are broadcast against each other."""

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
class ShapesBroadcast(ProbeCheck):
    """Every output is compared with every target: shapes (N, 1) and (N) were broadcast to (N, N).

    ## What it looks at
    The loss against that of all pairs of outputs and targets.

    ## Why it matters
    The best answer to all targets at once is their mean, so the model learns a constant whatever the input says. The loss stalls at the variance of the targets.

    ## What to try
    - `output.squeeze(-1)`, or `target.unsqueeze(-1)`.

    ## When it is wrong
    Losses that compare all pairs on purpose, on outputs of exactly these shapes.
    """

    meta: ClassVar = RuleMeta(
        code="PRB016", name="shapes-broadcast", since="0.2", summary="every output is compared with every target"
    )
    needs: ClassVar = ("start",)
    condition: ClassVar = "plateau"

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak where the loss was recognised so."""
        found = subject.start.recognised if subject.start else None
        if found is None or found.flaw != "broadcast":
            return
        size = subject.batch.size
        yield self.found(
            f"the loss of {n(found.value)} compares all {size} outputs with all {size} targets",
            Evidence(
                label="loss",
                measured=found.value,
                formula=f"{found.how} over {size} x {size} pairs",
            ),
            severity=Severity.ERROR,
            confidence=0.96,
            why="the best answer to all targets at once is their mean: the model learns a constant",
            do=("give both the same shape: output.squeeze(-1), or target.unsqueeze(-1)",),
            check="print both shapes just before the loss",
            rank=89,
        )
