"""PRB001: the loss cannot be computed on this batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossFails(ProbeCheck):
    """The loss raises an error on this batch.

    ## What it looks at
    One call of the loss on the model and the batch, in training mode.

    ## Why it matters
    Nothing else can be tried. A label beyond the classes or shapes that do not fit are the usual reasons; the checks of the batch say which, where they can.

    ## What to try
    - Call the loss by itself on the batch, and read the error.

    ## When it is wrong
    Where the loss needs something that only the training loop sets up: then give it what it needs in `loss=`.
    """

    meta: ClassVar = RuleMeta(
        code="PRB001", name="loss-fails", since="0.2", summary="the loss raises an error on this batch"
    )
    needs: ClassVar = ("start",)

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Tell the error."""
        if subject.start is None or not subject.start.failure:
            return
        yield self.found(
            f"the loss cannot be computed: {subject.start.failure}",
            Evidence(label="calls of the loss that succeeded", measured=0.0, expected=1.0),
            severity=Severity.ERROR,
            confidence=0.95,
            do=("call the loss by itself on this batch, and read the whole error",),
            rank=50,
        )
