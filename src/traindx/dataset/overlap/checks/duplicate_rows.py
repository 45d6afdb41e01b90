"""LEK005: the training split holds copies of its own rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.overlap.checks.wording import rows_of, share
from traindx.dataset.overlap.overlap import Equality, Overlap
from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateRows(Check[Overlap]):
    """The training split holds copies of its own rows.

    ## What it looks at
    Training rows whose whole content equals that of an earlier row, the label left out; and of the other split, since its copies weigh the metric.

    ## Why it matters
    Copies are trained on more often than the rest, and are learnt by heart first. In the other split they count several times, and make an
    interval narrower than it is. Cut at random, copies end up on both sides.

    ## What to try
    - Keep one row of each group, or weigh each copy by one over their number.

    ## When it is wrong
    Oversampling of rare classes on purpose. Rows of few coarse columns repeat by nature: where the columns hold so little that chance makes as many equal pairs,
    this stays quiet.
    """

    meta: ClassVar = RuleMeta(
        code="LEK005", name="duplicate-rows", since="0.1", summary="the training split holds copies of its own rows"
    )

    least_share: float = 0.01
    """Below a hundredth, copies change neither the training nor the metric visibly."""

    blank_share: float = 0.5
    """One content in more than half of the copies is a filled-in default or an empty row."""

    def check(self, subject: Overlap) -> Iterator[Finding]:
        """Speak of the training split, and of the other one where it alone repeats rows."""
        found = subject.rows
        if found is None:
            return
        mine = found.train_copies / found.train_rows if found.train_rows else 0.0
        theirs = found.other_copies / found.other_rows if found.other_rows else 0.0
        if mine > self.least_share and found.train_copies > found.coincidences:
            yield self._said(subject.train, mine, found, of_train=True)
        elif theirs > self.least_share and not mine > self.least_share and found.other_copies > found.coincidences:
            yield self._said(subject.other, theirs, found, of_train=False)

    def _said(self, name: str, copies: float, found: Equality, *, of_train: bool) -> Finding:
        total, number = (found.train_rows, found.train_copies) if of_train else (found.other_rows, found.other_copies)
        sizes = [(g.train_count, g.train_rows) if of_train else (g.other_count, g.other_rows) for g in found.largest]
        size, rows = max(sizes, default=(0, ()))
        blank = size - 1 > self.blank_share * number and size > 2
        evidence = [
            Evidence(label="share of rows that are copies", measured=copies, expected=0.0, formula="all different")
        ]
        if size > 1:
            evidence.append(
                Evidence(label="largest group", measured=float(size), unit="rows", note=rows_of(rows, size))
            )
        return self.finding(
            f"{number:,} of {total:,} rows of {name} ({share(copies)}) are copies of an earlier row"
            + (f": {size:,} of one content" if blank else ""),
            *evidence,
            severity=Severity.INFO if copies > 0.5 and not blank else Severity.WARNING,
            confidence=0.9,
            why="copies weigh several times, are learnt by heart first, and end up on both sides of a random split",
            do=(
                "look at the content that repeats: it may be an empty or failed row"
                if blank
                else "keep one row of each group",
                "or weigh each copy by one over their number",
            ),
            check=f"print {rows_of(rows, size)}" if size > 1 else "",
            decided_by="data",
            rank=40,
        )
