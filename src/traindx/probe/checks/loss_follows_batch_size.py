"""PRB015: the loss grows or shrinks with the number of samples."""

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
class LossFollowsBatchSize(ProbeCheck):
    """The loss is summed over the batch, or divided by its size twice.

    ## What it looks at
    The loss of the batch and that of the batch with every sample twice, in evaluation mode: a mean stays, a sum doubles, what is divided twice halves. A
    contrastive loss gains ln 2, and that is right.

    ## Why it matters
    With a sum, the batch size is a factor of the learning rate: another batch size, a short last batch or a second device changes the training. The number
    itself compares with nothing.

    ## What to try
    - `reduction="mean"`, or divide the sum by the number of samples once.

    ## When it is wrong
    Where the learning rate was chosen for the sum and the batch size never changes.
    """

    meta: ClassVar = RuleMeta(
        code="PRB015",
        name="loss-follows-batch-size",
        since="0.2",
        summary="the loss grows or shrinks with the number of samples",
    )
    needs: ClassVar = ("doubling",)
    condition: ClassVar = "scale"

    tolerance: float = 0.005
    """Of the loss: means agree to six digits, and this leaves room for losses that draw random numbers."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Compare the doubled batch with the batch."""
        doubling = subject.doubling
        if doubling is None or not abs(doubling.once) > 0:
            return
        room = self.tolerance * abs(doubling.once) + 3 * doubling.noise
        if room > 0.2 * abs(doubling.once):  # luck moves it too much to tell
            return
        for factor, what, do in (
            (2.0, "is summed over the batch", "average it over the samples: reduction='mean'"),
            (0.5, "is divided by the batch twice", "divide by the number of samples once"),
        ):
            if abs(doubling.twice - factor * doubling.once) <= factor * room:
                yield self.found(
                    f"the loss {what}: {n(doubling.once)} for the batch, {n(doubling.twice)} with every sample twice",
                    Evidence(
                        label="loss with every sample twice",
                        measured=doubling.twice,
                        expected=doubling.once,
                        formula="a mean does not change",
                    ),
                    severity=Severity.WARNING,
                    confidence=0.95,
                    why=f"the learning rate acts as if it were {n(subject.batch.size if factor > 1 else 1 / max(subject.batch.size, 1))} times what is set, and changes with the batch",
                    do=(do,),
                    rank=66,
                )
