"""PRB041: a sample's answer at evaluation depends on the other samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n, some
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSeenAtEvaluation(ProbeCheck):
    """In evaluation mode, a sample's output changes with the samples beside it.

    ## What it looks at
    The outputs of half of the batch by itself against those within the whole; and batch normalisation that uses the batch's own statistics though the
    model was set to evaluate.

    ## Why it matters
    Evaluated one by one, or in another order, the same model scores otherwise: results cannot be reproduced, and deployment differs from validation. A wrong
    axis (sequence taken for batch, softmax over the batch) shows in the same way.

    ## What to try
    - `model.eval()`, `track_running_stats=True`; no `train()` within the loss; `batch_first=True` for recurrent layers.

    ## When it is wrong
    Models that compare samples on purpose: retrieval heads, set transformers, graphs in one batch.
    """

    meta: ClassVar = RuleMeta(
        code="PRB041",
        name="batch-seen-at-evaluation",
        since="0.2",
        summary="a sample's answer at evaluation depends on the others",
    )
    needs: ClassVar = ("modes",)

    tolerance: float = 1e-3
    """Of the outputs' spread: kernels for another batch size differ by a millionth."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of normalisation first, since it explains the rest."""
        modes = subject.modes
        if modes is None or subject.batch.size < 2:
            return
        apart = modes.apart
        evidence = (
            (
                Evidence(
                    label="largest change of an output",
                    measured=apart,
                    expected=0.0,
                    unit="of their spread",
                    note="half of the batch alone, against the whole",
                ),
            )
            if apart is not None
            else ()
        )
        if modes.borrowing:
            yield self.found(
                f"{len(modes.borrowing)} normalisation layers use the batch's own statistics at evaluation: {some(modes.borrowing)}",
                Evidence(
                    label="layers with batch statistics at evaluation",
                    measured=float(len(modes.borrowing)),
                    expected=0.0,
                ),
                *evidence,
                severity=Severity.WARNING,
                confidence=0.93,
                why="a sample's score depends on what it is evaluated with, and one sample alone gives nonsense",
                do=(
                    "model.eval() before evaluating, track_running_stats=True, and no train() inside the model or the loss",
                ),
                rank=71,
            )
        elif apart is not None and apart > self.tolerance and not subject.told.contrastive:
            yield self.found(
                f"a sample's output moves by {n(apart)} of the outputs' spread when other samples leave the batch",
                *evidence,
                severity=Severity.WARNING,
                confidence=0.85,
                why="samples see each other: a wrong axis, or statistics over the batch",
                do=(
                    "look at every axis: batch_first of recurrent layers and attention, the axis of softmax, mean and norm",
                ),
                rank=71,
            )
