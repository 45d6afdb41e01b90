"""PRB006: identical samples in the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import percent
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesRepeat(ProbeCheck):
    """Samples of the batch are identical.

    ## What it looks at
    Rows of all inputs of the batch together, compared exactly.

    ## Why it matters
    A loader that returns the same sample again and again, or a tensor that is overwritten while it is batched, looks like this. In a contrastive loss every copy
    is a negative that is a positive.

    ## What to try
    - Print the indices that the sampler draws; clone what is collected.

    ## When it is wrong
    Data in which few different inputs occur.
    """

    meta: ClassVar = RuleMeta(
        code="PRB006", name="samples-repeat", since="0.2", summary="samples of the batch are identical"
    )
    needs: ClassVar = ("batch",)

    share: float = 0.25
    """One sample in four is beyond what shuffled data repeat within a batch."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of exact copies."""
        batch = subject.batch
        rows = [
            leaf.values.reshape(batch.size, -1)
            for leaf in batch.of_role("input")
            if batch.has_rows(leaf) and leaf.values.ndim > 1
        ]
        if batch.size < 4 or not rows or sum(row.shape[1] for row in rows) < 4:
            return
        seen = {b"".join(np.ascontiguousarray(row[i]).tobytes() for row in rows) for i in range(batch.size)}
        copies = batch.size - len(seen)
        if not copies > self.share * batch.size:
            return
        yield self.found(
            f"{copies} of {batch.size} samples of the batch are copies of another one",
            Evidence(label="different samples", measured=float(len(seen)), expected=float(batch.size)),
            severity=Severity.WARNING if copies > batch.size / 2 else Severity.INFO,
            confidence=0.85,
            why=f"{percent(copies / batch.size)} of the batch teaches nothing new; in a contrastive loss every copy is a wrong negative",
            do=("print the indices that the sampler draws, and clone what is collected",),
            rank=57,
        )
