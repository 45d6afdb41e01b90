"""SSL007: a contrastive loss that chooses among one candidate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import FACTS, LOSS_FAMILY, TRAIN_LOSS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, fact_number, sample
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OneCandidate(Rule):
    """A contrastive loss is exactly zero from its first point on: the softmax ranges over one candidate.

    ## What it looks at
    The training loss of the InfoNCE kind, at every point; and the batch size, where it is known.

    ## Why it matters
    Negatives come from the batch. With one pair to a batch the right answer is the only one: the loss is ln 1 = 0, its
    gradient too, and nothing is learnt, however good it looks. Accumulating gradients adds no negatives.

    ## What to try
    - A larger batch per device, embeddings gathered over devices, or a queue of negatives.

    ## When it is wrong
    A log that begins long after the training did, of a task that is solved entirely.
    """

    meta: ClassVar = RuleMeta(
        code="SSL007", name="one-candidate", since="0.1", summary="a contrastive loss over one candidate"
    )
    needs: ClassVar = (TRAIN_LOSS, LOSS_FAMILY)
    may_use: ClassVar = (FACTS,)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("NAN001", "NAN002")

    zero: float = 1e-6
    """A softmax that knows two candidates or more never comes so near to zero in its first batches."""

    fewest: int = 3
    sure_points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        loss, batch = case[TRAIN_LOSS], fact_number(case, "batch_size")
        values = sample(loss)
        if case[LOSS_FAMILY] != "info_nce" or len(values) < self.fewest or batch > 1:
            return
        largest = float(np.max(np.abs(values)))
        if not largest <= self.zero:
            return
        sure = len(values) >= self.sure_points or batch == 1
        yield self.finding(
            f"{loss.name} is 0 from its first point on: a softmax over one candidate",
            across(case, loss, f"largest {loss.name}", largest, expected=0.0, formula="ln 1", unit="nats"),
            severity=Severity.ERROR if sure else Severity.WARNING,
            confidence=0.95 if batch == 1 else 0.85,
            why="with one pair to a batch the right answer is the only one: neither loss nor gradient can be anything but 0",
            do=(
                "use a larger batch per device, gather embeddings over devices, or keep a queue of negatives",
                "do not count on accumulated gradients: they add no negatives",
            ),
            check="print the shape of the logits: one column confirms it",
            decided_by="facts" if batch == 1 else "log",
            rank=88,
        )
