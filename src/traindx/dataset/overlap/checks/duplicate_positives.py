"""LEK006: items that repeat set a floor under a contrastive loss."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import duplicates_per_batch, duplicates_recall_ceiling, sampled_duplicates_floor
from traindx.dataset.overlap.checks.wording import share
from traindx.dataset.overlap.overlap import Equality, Overlap
from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePositives(Check[Overlap]):
    """Items of pairs repeat, which sets a floor under a contrastive loss and a ceiling over recall.

    ## What it looks at
    Texts, images, embeddings and other items that occur in several training rows, where there are pairs of them or a batch size is told (256 is assumed otherwise). Over random batches of B rows, the mean of ln(1 + X), X the number of
    other copies of a row's item in its batch (hypergeometric), is the lowest loss that a perfect model reaches; and of a gallery of these rows the share of the first
    of each kind is its highest recall at 1.

    ## Why it matters
    An identical item in the batch is a wrong answer that is right: the loss pushes away what it should pull, cannot fall below the floor, and the larger
    the batch the more there are. A loss that stands at this floor has learnt all that there is.

    ## What to try
    - Keep copies out of one batch, or count them all as right (a multi-positive loss).
    - Subtract the floor from the loss before judging it, and count ranks of a gallery without copies.

    ## When it is wrong
    Trainings that contrast nothing: then copies are only rows that weigh more.
    """

    meta: ClassVar = RuleMeta(
        code="LEK006",
        name="duplicate-positives",
        since="0.1",
        summary="items of pairs repeat: a floor under contrastive losses",
    )

    usual_batch: int = 256
    """Where the batch size is not known: a small contrastive batch; larger ones raise the floor."""

    least_floor: float = 0.01
    """In nats: a floor that is visible in a logged loss of three digits."""

    heavy_floor: float = 0.1
    """In nats: a perfect model is then wrong in its first choice in at least a fourteenth of the rows (0.1 / 2 ln 2)."""

    def check(self, subject: Overlap) -> Iterator[Finding]:
        """Speak of each item that repeats."""
        batch = subject.batch_size or self.usual_batch
        for item in subject.items:
            if item.train_rows > 1 and item.train_sizes and (subject.batch_size or item.contrasted):
                yield from self._judged(subject, item, min(batch, item.train_rows))

    def _judged(self, subject: Overlap, item: Equality, batch: int) -> Iterator[Finding]:
        sizes = dict(item.train_sizes)
        floor = sampled_duplicates_floor(sizes, item.train_rows, batch)
        if not floor.value > self.least_floor:
            return
        ceiling = duplicates_recall_ceiling(sizes, item.train_rows, 1)
        known = subject.batch_size > 0
        yield self.finding(
            f"a contrastive loss over {item.what} in batches of {batch:,}{'' if known else ' (assumed)'} cannot fall below {floor.value:.3g} nats: {share(item.twin_share)} of its rows repeat",
            Evidence(
                label=f"floor of the loss in batches of {batch:,}",
                measured=floor.value,
                expected=0.0,
                formula="all items different",
                unit="nats",
                note=f"{floor.formula}; guessing costs {math.log(batch):.3g}"
                + ("" if known else "; --batch-size gives your own"),
            ),
            Evidence(
                label="pairs of equal items in a batch",
                measured=duplicates_per_batch(sizes, item.train_rows, batch).value,
                expected=0.0,
                formula="all items different",
                unit="pairs",
            ),
            Evidence(
                label="highest recall at 1 over a gallery of these rows",
                measured=ceiling.value,
                expected=1.0,
                formula="all items different",
                note=ceiling.formula,
            ),
            severity=Severity.WARNING if known and floor.value > self.heavy_floor else Severity.INFO,
            confidence=0.95 if known else 0.6,
            why="an identical item in the batch is a wrong answer that is right: the loss cannot fall below the floor",
            do=(
                "keep copies out of one batch, or count every copy as right",
                "subtract the floor before judging the loss",
            ),
            check="the training loss of a model that knows the training set settles at this floor, not at zero",
            decided_by="data",
            rank=45,
        )
