"""PRB032: the learning rate is outside the range in which this model learns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRateOutOfRange(ProbeCheck):
    """At the given learning rate the loss breaks within twenty steps, or it is thousands of times below where the loss begins to fall.

    ## What it looks at
    Twenty steps of a copy of the given optimiser on the one batch, and a sweep in which the learning rate grows from 1e-7 to 3. The range runs from
    where a tenth of the fall is made to a third of where the loss is lowest.

    ## Why it matters
    Too high, and the first steps destroy what the initialisation gave; too low, and the budget ends before anything is learnt.

    ## What to try
    - A learning rate within the range that is shown, with a warm-up.

    ## When it is wrong
    With a long warm-up a higher rate may be borne later. Fine-tuning of pretrained models is done far below what a sweep suggests: only a factor of a
    thousand is told of.
    """

    meta: ClassVar = RuleMeta(
        code="PRB032",
        name="learning-rate-out-of-range",
        since="0.2",
        summary="the learning rate breaks the loss or is far too low",
    )
    needs: ClassVar = ("movement",)
    uses: ClassVar = ("sweep",)
    condition: ClassVar = "lr_schedule"

    below: float = 1000.0
    """Fine-tuning lies up to a hundred times below the range; a thousand times below is a slip of a digit or two."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Look at the descent, then at the sweep."""
        movement, sweep = subject.movement, subject.sweep
        rate = movement.rates.rate if movement is not None else None
        if movement is None or len(movement.descent.losses) < 2:
            return
        at = movement.rates.name if rate is None else f"learning rate {n(rate)}"
        losses = movement.descent.losses
        start, end = losses[0], float(np.median(losses[-5:]))
        shown = (
            (
                Evidence(
                    label="useful range",
                    measured=sweep.low,
                    note=f"to {n(sweep.high)}; {len(sweep.rates)} steps of a growing rate",
                ),
            )
            if sweep is not None
            else ()
        )
        if movement.descent.halted or end > start + abs(start) + 1e-6:
            yield self.found(
                f"at {at} the loss goes from {n(start)} to {'no number' if movement.descent.halted else n(end)} in {len(losses)} steps on one batch",
                Evidence(
                    label="loss after these steps",
                    measured=losses[-1],
                    expected=start,
                    formula="no more than at the start",
                ),
                *shown,
                severity=Severity.ERROR if movement.descent.halted else Severity.WARNING,
                confidence=0.9,
                condition="diverged",
                why="steps on one and the same batch must lower its loss",
                do=(
                    f"lower it to {n(sweep.high)} or less"
                    if sweep is not None and rate is not None and sweep.high < rate
                    else "lower it ten times, or warm up",
                ),
                rank=75,
            )
        elif sweep is not None and rate is not None and 0 < rate * self.below < sweep.low:
            yield self.found(
                f"the learning rate {n(rate)} is {n(sweep.low / rate)} times below where the loss begins to fall",
                Evidence(
                    label="learning rate",
                    measured=rate,
                    expected=sweep.low,
                    formula=f"useful from here to {n(sweep.high)}",
                ),
                severity=Severity.WARNING,
                confidence=0.8,
                why="the budget would end before anything is learnt",
                do=(f"try {n((sweep.low * sweep.high) ** 0.5)}",),
                rank=65,
            )
