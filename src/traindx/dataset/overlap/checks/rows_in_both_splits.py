"""LEK001: rows of the other split stand in the training split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.overlap.checks.wording import share
from traindx.dataset.overlap.overlap import Equality, Overlap
from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.signals import wilson


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RowsInBothSplits(Check[Overlap]):
    """Rows of the other split stand in the training split as well.

    ## What it looks at
    Rows whose whole content is equal: numbers with one zero and one NaN, in the coarser of two precisions; texts in one Unicode form, case and
    spacing; images as decoded pixels. Rows are found by a hash and then compared, so no collision makes a claim. Columns that only number the rows are left
    out. Beside it stands the share of training rows that have a twin within the training split: so many of a fresh sample would be found there
    by coincidence.

    ## Why it matters
    A row that was trained on measures memory, not learning: validation then looks better than use, and the checkpoint that is chosen is the
    one that remembers best.

    ## What to try
    - Remove the rows from the training split, never from the test split that others report on.
    - Remove duplicates before splitting, and split by what they have in common (item, source, author).

    ## When it is wrong
    Rows of few coarse columns coincide without having been copied: then the training split repeats itself as much. A test on purpose of
    what was seen.
    """

    meta: ClassVar = RuleMeta(
        code="LEK001",
        name="rows-in-both-splits",
        since="0.1",
        summary="rows of the other split stand in the training split as well",
    )

    error_share: float = 0.01
    """From a hundredth on, the leak can move a metric by a point: as much as most comparisons of models are about."""

    coarse_share: float = 0.5
    """Where more than half of the training rows have a twin, the columns describe kinds of rows and not rows."""

    luck: float = 0.5
    """A leak of more than twice the coincidence that the training split itself shows is no coincidence."""

    def check(self, subject: Overlap) -> Iterator[Finding]:
        """Speak of whole rows, and of items (images, texts) that are shared although their rows are not."""
        whole = subject.rows
        if whole is not None:
            yield from self._judged(subject, whole)
        for item in subject.items:
            if (whole is None or item.leaked > 2 * whole.leaked) and item.twin_share < self.coarse_share:
                yield from self._judged(subject, item)

    def _judged(self, subject: Overlap, found: Equality) -> Iterator[Finding]:
        if not found.leaked > 0 or not found.leaked_share > 0:
            return
        by_luck = found.twin_share > self.luck * found.leaked_share
        coarse = by_luck and found.twin_share > self.coarse_share
        severe = found.leaked_share >= self.error_share and not by_luck
        mine, theirs = found.examples[0] if found.examples else (0, 0)
        interval = wilson(found.leaked, found.other_rows)
        why = "a row that was trained on measures memory, not learning"
        if by_luck:
            why += "; the training split repeats itself as much, so rows were repeated before they were split, or are too coarse to tell apart"
        yield self.finding(
            f"{found.leaked:,} of {found.other_rows:,} rows of {subject.other} ({share(found.leaked_share)}) stand in the training split as well, by {found.what}",
            Evidence(
                label="share of the other split that was trained on",
                measured=found.leaked_share,
                expected=0.0,
                formula="disjoint splits",
                note=f"95 % of a larger sample: {share(interval.low)} to {share(interval.high)}",
            ),
            Evidence(
                label="share of training rows with a twin among themselves",
                measured=found.twin_share,
                note="what a fresh sample would share by coincidence",
            ),
            Evidence(
                label="an example",
                note=f"row {theirs} of {subject.other} equals row {mine} of {subject.train}",
            ),
            severity=Severity.INFO if coarse else Severity.ERROR if severe else Severity.WARNING,
            confidence=0.5 if coarse else 0.8 if by_luck else 0.99,
            why=why,
            do=(
                "remove duplicates before splitting, and split by what they have in common"
                if by_luck
                else "take these rows out of the training split",
                "report the metric on the rest of the rows beside the whole",
            ),
            check="compare the metric on the shared rows with that on the rest",
            decided_by="data",
            rank=80,
        )
