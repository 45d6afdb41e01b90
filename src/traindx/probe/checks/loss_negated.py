"""PRB012: the loss has the wrong sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured

# Losses that cannot be below zero, whatever is predicted.
_NEVER_NEGATIVE = frozenset(
    {"cross_entropy", "lm", "mlm", "bce", "mse", "l1", "huber", "smooth_l1", "info_nce", "triplet", "ctc"}
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossNegated(ProbeCheck):
    """The loss is the negative of what should be minimised.

    ## What it looks at
    The number against every loss that the outputs and targets could give, with both signs; where it is known which loss it is, whether it is below 0; and
    whether a few steps down go on below 0 without an end.

    ## Why it matters
    A negated loss is maximised: every step makes the model worse, and the curve falls beautifully.

    ## What to try
    - Turn the sign round; a likelihood is maximised, its negative minimised.

    ## When it is wrong
    Losses that may be negative: densities, similarities, policy gradients.
    """

    meta: ClassVar = RuleMeta(code="PRB012", name="loss-negated", since="0.2", summary="the loss has the wrong sign")
    needs: ClassVar = ("start",)
    uses: ClassVar = ("fit",)

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak where a loss that cannot be negative is."""
        start = subject.start
        if start is None or start.computed is None or not start.computed.total < 0:
            return
        found = start.recognised or (subject.fit.again if subject.fit else None)
        known = found is not None and found.flaw == "negated"
        told = subject.told.family in _NEVER_NEGATIVE and (found is None or found.flaw != "no logarithm")
        if not (known or told):
            return
        how = found.how if found is not None and known else subject.told.family
        yield self.found(
            f"the loss is {n(start.computed.total)}, the negative of the {how}",
            Evidence(
                label="loss at step 0", measured=start.computed.total, expected=-start.computed.total, formula=how
            ),
            severity=Severity.ERROR,
            confidence=0.97 if known else 0.85,
            why="every step makes the answers worse while the curve falls",
            do=("turn the sign of the loss round",),
            check="print the loss of a perfect answer: it is the smallest possible",
            rank=96,
        )
