"""PRB042: evaluation gives another loss each time."""

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
class EvaluationRandom(ProbeCheck):
    """In evaluation mode the same batch gives another loss each time.

    ## What it looks at
    The loss of the batch in evaluation mode twice with the same random numbers, and once with others.

    ## Why it matters
    Dropout that stays on at evaluation lowers every score and makes checkpoints incomparable. A loss that differs with the same random numbers cannot be
    reproduced at all.

    ## What to try
    - `F.dropout(x, training=self.training)`; fix the noise of the evaluation.

    ## When it is wrong
    Losses that draw noise on purpose (variational, diffusion): then this is a remark.
    """

    meta: ClassVar = RuleMeta(
        code="PRB042", name="evaluation-random", since="0.2", summary="evaluation gives another loss each time"
    )
    needs: ClassVar = ("modes", "start")

    tolerance: float = 1e-5
    """Of the loss: what parallel sums move on some devices."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Compare the evaluations."""
        modes = subject.modes
        if modes is None:
            return
        room = self.tolerance * abs(modes.evaluation)
        unstable = abs(modes.repeated - modes.evaluation) > room
        if not unstable and not abs(modes.reseeded - modes.evaluation) > room:
            return
        other = modes.repeated if unstable else modes.reseeded
        known = subject.start is not None and subject.start.recognised is not None
        yield self.found(
            f"evaluated twice, the same batch costs {n(modes.evaluation)} and {n(other)}"
            + (" with the same random numbers" if unstable else ""),
            Evidence(label="loss of the second evaluation", measured=other, expected=modes.evaluation),
            severity=Severity.WARNING if known else Severity.INFO,
            confidence=0.85,
            why="the outputs themselves are drawn at random: dropout is on"
            if known
            else "noise is drawn at evaluation",
            do=("switch dropout by the mode of the model: F.dropout(x, training=self.training)",)
            if known
            else ("fix the noise of the evaluation",),
            rank=45,
        )
