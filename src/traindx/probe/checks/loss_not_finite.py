"""PRB010: the first loss, or its gradient, is no number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import some
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossNotFinite(ProbeCheck):
    """The first loss or its gradient is NaN or infinite.

    ## What it looks at
    One forward and one backward pass in full precision, before any step.

    ## Why it matters
    No learning rate mends it: something divides by zero, takes the logarithm of zero, or was NaN before. A gradient may be NaN where the loss is not: of a
    square root at 0, of a norm of zeros, of `where` around a division.

    ## What to try
    - torch.autograd.set_detect_anomaly(True) names the operation.

    ## When it is wrong
    Never: a training cannot begin so.
    """

    meta: ClassVar = RuleMeta(
        code="PRB010", name="loss-not-finite", since="0.2", summary="the first loss or its gradient is NaN or infinite"
    )
    needs: ClassVar = ("start",)
    uses: ClassVar = ("flow",)
    condition: ClassVar = "nan"

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of the loss, else of gradients."""
        computed = subject.start.computed if subject.start else None
        if computed is None:
            return
        if not np.isfinite(computed.total):
            yield self.found(
                f"the first loss is {computed.total}",
                Evidence(label="loss at step 0", measured=computed.total),
                *(
                    Evidence(label=f"term {t.name}", measured=t.value)
                    for t in computed.terms
                    if not np.isfinite(t.value)
                ),
                severity=Severity.ERROR,
                confidence=0.98,
                do=(
                    "find the operation: torch.autograd.set_detect_anomaly(True), or jax.config.update('jax_debug_nans', True)",
                ),
                rank=92,
            )
            return
        broken = [slope.name for slope in (subject.flow.first if subject.flow else ()) if not slope.finite]
        if broken:
            yield self.found(
                f"the loss is {computed.total:.4g}, and the gradient of {some(broken)} is no number",
                Evidence(label="parameters whose gradient is no number", measured=float(len(broken)), expected=0.0),
                severity=Severity.ERROR,
                confidence=0.97,
                do=("look for a square root, norm, division or logarithm at 0: its slope is infinite there",),
                rank=92,
            )
