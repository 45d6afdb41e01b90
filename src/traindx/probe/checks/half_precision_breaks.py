"""PRB040: the loss or its gradients are no number in half precision."""

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
class HalfPrecisionBreaks(ProbeCheck):
    """In half precision the loss or its gradients are NaN or infinite, and in full precision they are not.

    ## What it looks at
    One forward and backward pass under autocast in bfloat16 and one in float16, without a loss scaler.

    ## Why it matters
    float16 ends at 65,504: attention scores, sums of squares and exponentials pass it. bfloat16 does not overflow, but has three digits. A training in a
    format that breaks at the first step skips its steps, or stays at NaN.

    ## What to try
    - bfloat16; or compute what overflows in float32 (`with torch.autocast(..., enabled=False)`).

    ## When it is wrong
    Where the training runs in full precision: then this is a remark. Say what is planned: `facts={"precision": "fp16"}`.
    """

    meta: ClassVar = RuleMeta(
        code="PRB040",
        name="half-precision-breaks",
        since="0.2",
        summary="the loss or its gradients overflow in half precision",
    )
    needs: ClassVar = ("precision",)

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of each format that breaks."""
        for tried in subject.precision or ():
            if np.isfinite(tried.half) and not tried.broken:
                continue
            what = (
                f"the loss is {tried.half}"
                if not np.isfinite(tried.half)
                else f"the gradient of {some(tried.broken)} is no number"
            )
            yield self.found(
                f"in {tried.kind} {what}; in full precision the loss is {tried.full:.4g}",
                Evidence(
                    label=f"loss in {tried.kind}",
                    measured=tried.half,
                    expected=tried.full,
                    formula="the same in full precision",
                ),
                Evidence(label="gradients that are no number", measured=float(len(tried.broken)), expected=0.0),
                severity=Severity.ERROR if tried.told else Severity.INFO,
                confidence=0.9,
                condition="nan" if tried.told else None,
                why="the format ends at 65,504" if tried.kind == "float16" else "",
                do=("use bfloat16, or compute what overflows in float32",),
                rank=79,
            )
