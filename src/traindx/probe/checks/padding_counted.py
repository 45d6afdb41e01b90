"""PRB017: padding takes part in the loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n, percent
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PaddingCounted(ProbeCheck):
    """What stands in padded positions changes the loss.

    ## What it looks at
    Targets at positions that a mask calls padding, or tokens at the end of rows that end in runs of one token, are exchanged for others, in evaluation mode. A
    loss that leaves padding out does not notice. Where there is one label for a whole row and a mask tells the padding, columns that hold nothing else are cut off.

    ## Why it matters
    Padding is easy to predict. Counted, it makes the loss look better than it is and takes gradient away from the text; batches with more of it look better still.

    ## What to try
    - Set padded labels to -100 (`ignore_index`), or multiply by the mask and divide by its sum.
    - Pool over the positions that the mask keeps, and take the last of these as the last state.

    ## When it is wrong
    Where the model looks at padding through attention and the loss does not count it: the padding then has to be masked there. And where the model
    has to learn where a text ends: one end token does that.
    """

    meta: ClassVar = RuleMeta(
        code="PRB017", name="padding-counted", since="0.2", summary="padding takes part in the loss"
    )
    needs: ClassVar = ("padding",)

    tolerance: float = 1e-5
    """Of the loss: beyond what rounding moves."""
    tolerance_shorter: float = 0.01
    """Of the loss with columns cut off: other kernels run then, and half precision keeps only two to three digits."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Compare the loss before and after."""
        padding = subject.padding
        if padding is None:
            return
        shorter, targets = padding.what.startswith("less"), "targets" in padding.what
        tolerance = self.tolerance_shorter if shorter else self.tolerance
        if not abs(padding.after - padding.before) > tolerance * abs(padding.before):
            return
        yield self.found(
            f"the loss goes from {n(padding.before)} to {n(padding.after)} when only the padding is changed",
            Evidence(
                label=f"loss with {padding.what}",
                measured=padding.after,
                expected=padding.before,
                formula="padding does not count",
            ),
            Evidence(
                label="share of padding",
                measured=padding.share,
                note="told by a mask" if padding.known else "runs of one token at the end of rows",
            ),
            severity=Severity.ERROR if targets else Severity.WARNING,
            confidence=0.93 if targets else 0.75 if padding.known else 0.65,
            why=f"{percent(padding.share)} of the positions are padding: "
            + (
                "a sample's answer depends on its neighbours"
                if shorter
                else "it is easy, and the loss looks better than it is"
            ),
            do=(
                "pool over the positions that the mask keeps, and give the mask to attention"
                if shorter
                else "set padded labels to -100, or weigh by the mask and divide by its sum",
            ),
            check="evaluate rows without padding by themselves: their loss is the same",
            rank=72,
        )
