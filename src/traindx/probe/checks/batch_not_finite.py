"""PRB002: NaN or infinity in the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BatchNotFinite(ProbeCheck):
    """The batch holds NaN or infinity.

    ## What it looks at
    Every floating-point tensor of the batch that is no mask.

    ## Why it matters
    One NaN in an input or a target makes the loss NaN, and one step on it makes every weight NaN.

    ## What to try
    - Find the samples, and leave them out or fill them before they are batched.

    ## When it is wrong
    Where NaN marks missing values that the model or loss skips on purpose: the loss is then finite, and this is told as a remark.
    """

    meta: ClassVar = RuleMeta(
        code="PRB002", name="batch-not-finite", since="0.2", summary="the batch holds NaN or infinity"
    )
    needs: ClassVar = ("batch",)
    condition: ClassVar = "nan"

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of each tensor."""
        computed = subject.start.computed if subject.start else None
        harmless = computed is not None and bool(np.isfinite(computed.total))
        for leaf in subject.batch.of_role("input", "target"):
            if not leaf.real:
                continue
            broken = int((~np.isfinite(leaf.values)).sum())
            if not broken:
                continue
            rows = (
                np.flatnonzero((~np.isfinite(leaf.values)).reshape(len(leaf.values), -1).any(axis=1))
                if leaf.values.ndim
                else np.array([0])
            )
            yield self.found(
                f"{broken:,} of {leaf.values.size:,} numbers of {leaf.path} are NaN or infinite",
                Evidence(
                    label=f"not finite in {leaf.path}",
                    measured=float(broken),
                    expected=0.0,
                    note=f"first in sample {int(rows[0])}, in {len(rows)} of {len(leaf.values) if leaf.values.ndim else 1}",
                ),
                severity=Severity.INFO if harmless else Severity.ERROR,
                confidence=0.97,
                condition=None if harmless else "nan",
                why="one of them makes the loss NaN, and one step on that makes every weight NaN",
                do=("leave these samples out, or fill them before they are batched",),
                rank=95,
            )
