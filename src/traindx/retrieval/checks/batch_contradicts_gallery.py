"""EMB012: batch loss and gallery metrics contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval
from traindx.retrieval.words import share


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BatchContradictsGallery(Check[Retrieval]):
    """The in-batch loss promises more than the ranks of these embeddings keep.

    ## What it looks at
    The recall at 1 that these ranks give in random batches of the stated size, exactly, against the least accuracy that the loss allows:
    an item that is not first costs at least ln 2, so that the share of errors is at most loss / ln 2.

    ## Why it matters
    The bound holds for every model. A violation means that loss and ranks are not of the same model and data: training against validation, another
    checkpoint, batches that were not drawn at random, or dropout and normalisation that differ.

    ## What to try
    - Compute the loss on these very embeddings, with the logit scale of the training.
    - Check that the evaluation loads the checkpoint that the loss belongs to.

    ## When it is wrong
    With label smoothing, or where batches are built of easy items on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="EMB012",
        name="batch-contradicts-gallery",
        since="0.1",
        summary="batch loss and gallery ranks cannot be of the same model and data",
    )
    condition: ClassVar = "metric_arithmetic"

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        bound = subject.batch
        if bound is None or not bound.violated:
            return
        yield self.finding(
            f"a loss of {bound.loss:.4g} needs {share(bound.least)} right in batches of {bound.batch_size:,}; these ranks give {share(bound.recall)}",
            Evidence(
                label=f"R@1 in random batches of {bound.batch_size:,}",
                measured=100 * bound.recall,
                expected=100 * bound.least,
                formula=f"1 - {bound.loss:.4g}/ln 2",
                unit="%",
                note=f"95 %: {share(bound.low)} to {share(bound.high)}",
            ),
            severity=Severity.WARNING,
            confidence=0.95,
            why="an item that is not first costs at least ln 2 nats: the two numbers cannot be of the same model and data",
            do=(
                "compute the loss on these very embeddings, with the logit scale of the training",
                "check that both come from the same checkpoint and split",
            ),
            check="the loss of these embeddings in random batches of that size",
            decided_by="facts",
            rank=26,
        )
