"""LEK009: equal rows carry different labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.overlap.checks.wording import count, share
from traindx.dataset.overlap.overlap import Overlap
from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictingLabels(Check[Overlap]):
    """Equal rows carry different class labels.

    ## What it looks at
    Training rows whose whole content is equal, and their labels: the rows whose label is not the commonest one of their content. No model that sees the content
    alone can answer these rows as well.

    ## Why it matters
    At least one label of each such group is wrong, or the row lacks what the label depends on. The training accuracy cannot reach 1, and fitting it
    further means learning noise.

    ## What to try
    - Look at the groups: correct the labels, or take the rows out.
    - Where several labels are right, train with several labels or with their shares.

    ## When it is wrong
    Rows of few coarse columns, which coincide by nature; labels drawn at random on purpose (several annotators).
    """

    meta: ClassVar = RuleMeta(
        code="LEK009", name="conflicting-labels", since="0.1", summary="equal rows carry different class labels"
    )

    least_share: float = 0.001
    """Below a thousandth of the rows, wrong labels are as rare as in the cleanest public test sets."""

    warning_share: float = 0.01
    """A hundredth takes a point off the highest accuracy."""

    def check(self, subject: Overlap) -> Iterator[Finding]:
        """Speak where labels of equal rows differ, and the rows are not equal by coincidence."""
        found = subject.rows
        if found is None or not found.train_rows or not found.train_copies > found.coincidences:
            return
        wrong = found.conflicts / found.train_rows
        if not wrong > self.least_share:
            return
        one, other = found.conflict_examples[0] if found.conflict_examples else (0, 0)
        yield self.finding(
            f"{found.conflicts:,} of {count(found.train_rows, 'row')} of {subject.train} ({share(wrong)}) carry another label than equal rows do",
            Evidence(
                label="highest accuracy on these rows",
                measured=1 - wrong,
                expected=1.0,
                formula="equal rows, equal labels",
                note=f"rows {one} and {other} are equal and labelled differently",
            ),
            severity=Severity.WARNING if wrong > self.warning_share else Severity.INFO,
            confidence=0.9,
            why="one content cannot be answered in two ways: a label is wrong, or the row lacks what it depends on",
            do=("look at equal rows with different labels, and correct them or take them out",),
            check=f"print rows {one} and {other} with their labels",
            decided_by="data",
            rank=50,
        )
