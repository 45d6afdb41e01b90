"""PRB024: all units of a layer are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import some
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsAlike(ProbeCheck):
    """All rows of a weight matrix are equal, and stay so while the model trains.

    ## What it looks at
    Trainable matrices whose rows are all the same at the start and after four steps.

    ## Why it matters
    Equal units get equal gradients and stay equal: a layer of a thousand is a layer of one. Starting hidden layers at zero or at any constant does this. A last layer,
    or an adapter, that starts at zero is no such case: its rows part at the first step.

    ## What to try
    - Initialise by random numbers; only a last layer may start at zero.

    ## When it is wrong
    A layer that is not reached by the loss at all: that is told by another check.
    """

    meta: ClassVar = RuleMeta(
        code="PRB024", name="units-alike", since="0.2", summary="all units of a layer are the same and stay so"
    )
    needs: ClassVar = ("flow",)

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Name the matrices."""
        flow = subject.flow
        if flow is None or not flow.equal_rows:
            return
        unused = {name for group in flow.silent if not group.moved > 0 for name in group.names}
        zero = {p.name for p in flow.parameters if p.rms == 0}
        names = [name for name in flow.equal_rows if name not in unused or name in zero]
        if not names:
            return
        yield self.found(
            f"all rows of {some(names)} are equal after {flow.steps} steps: as many units, one answer",
            Evidence(
                label="matrices of equal rows",
                measured=float(len(names)),
                expected=0.0,
                note="at the start and after the steps",
            ),
            severity=Severity.WARNING,
            confidence=0.9,
            why="equal units get equal gradients and stay equal",
            do=("initialise by random numbers (torch.nn.init); only a last layer may start at zero",),
            rank=76,
        )
