"""DET004: the box terms of the training loss are exactly zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.detection.terms import box_distances, box_overlaps, training_terms
from traindx.rules.rule import Rule, RuleMeta

_PROBE = "images, targets = next(iter(train_loader)); print([len(t['boxes']) for t in targets])"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BoxTermsAreZero(Rule):
    """The terms of the loss that measure boxes are exactly zero at nearly every step.

    ## What it looks at
    The distances of box coordinates and the overlap terms of the training loss.

    ## Why it matters
    A box that is matched never fits to the last digit. Zero means that no box was matched: the pictures of the batch have no
    objects, or their annotations do not reach the loss.

    ## What to try
    - Print the number of boxes per picture of one batch, after all transformations.
    - Look at the filters by area, by crowd flag and by class, and at crops that leave every object outside.

    ## When it is wrong
    Where boxes are not trained on purpose and the term is printed all the same.
    """

    meta: ClassVar = RuleMeta(
        code="DET004", name="box-terms-are-zero", since="0.1", summary="the box terms of the training loss are zero"
    )
    needs: ClassVar = (READINGS,)

    points: int = 10
    share: float = 0.8

    def check(self, case: Case) -> Iterator[Finding]:
        terms = training_terms(case[READINGS])
        boxes = [r for r in (*box_distances(terms), *box_overlaps(terms)) if len(r.series) >= self.points]
        others = [r for r in terms if r not in boxes and float(np.nanmax(np.abs(r.series.values))) > 0]
        shares = {r.name: np.count_nonzero(r.series.values == 0) / len(r.series) for r in boxes}
        if boxes and others and min(shares.values()) >= self.share:
            yield self._describe(case, boxes[0], shares[boxes[0].name], len(boxes))

    def _describe(self, case: Case, reading: Reading, share: float, terms: int) -> Finding:
        more = f" and {terms - 1} more box term{'s' if terms > 2 else ''}" if terms > 1 else ""
        return self.finding(
            f"{reading.name}{more} {'are' if terms > 1 else 'is'} exactly 0 at {100 * share:.0f} % of {len(reading.series)} points: no box is matched",
            Evidence(
                label=f"share of points at which {reading.name} is 0",
                measured=share,
                expected=0.0,
                formula="a matched box never fits to the last digit",
                span=case.span(reading.series),
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="the pictures have no objects by the time they reach the loss: nothing about boxes is learnt",
            do=(
                "print the number of boxes per picture of one batch, after all transformations",
                "look at the filters by area, crowd flag and class",
            ),
            check=_PROBE,
            rank=63,
        )
