"""EMB010: queries find a neighbouring row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval
from traindx.retrieval.tails import hits_tail


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PairsShifted(Check[Retrieval]):
    """Queries find an item some fixed number of rows from their own: the two files are shifted.

    ## What it looks at
    The offset between a query's row and that of the item it puts first, over runs of neighbouring rows, where row i belongs to row i.

    ## Why it matters
    One row dropped from one file, a header taken for data, or a shuffled loader shifts all pairs after it: recall then measures the shift.

    ## What to try
    - Compare the first and the last rows of both files, and the rows where the offset begins.
    - Join by id, not by order.

    ## When it is wrong
    Where neighbouring rows are nearly the same thing, as frames of a film: then both neighbours are found alike, and it stays quiet.
    """

    meta: ClassVar = RuleMeta(
        code="EMB010", name="pairs-shifted", since="0.1", summary="queries find the row beside their own"
    )

    least_share: float = 0.05
    significant: float = 1e-6
    lopsided: float = 3.0

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        shift = subject.shift
        if shift is None or subject.collapsed or not shift.rows:
            return
        share = shift.found / shift.rows
        p_value = min(1.0, 128 * hits_tail(shift.found, shift.rows, 1 / subject.forward.gallery_size))
        if not (
            share >= self.least_share
            and p_value < self.significant
            and shift.found > self.lopsided * (shift.mirrored + 1)
        ):
            return
        side = "after" if shift.offset > 0 else "before"
        rows = "row" if abs(shift.offset) == 1 else "rows"
        yield self.finding(
            f"{100 * share:.0f} % of sampled queries find the item {abs(shift.offset)} {rows} {side} their own",
            Evidence(
                label=f"first item at offset {shift.offset:+d}",
                measured=100 * share,
                expected=100 / subject.forward.gallery_size,
                formula="chance",
                unit="%",
                note=f"{shift.found:,} of {shift.rows:,} queries; own row {shift.straight:,}, offset {-shift.offset:+d} {shift.mirrored:,}",
            ),
            severity=Severity.ERROR,
            confidence=0.97,
            why="row i of one file belongs to another row of the other: a row was dropped or added on one side",
            do=(
                "join the two files by id, not by order",
                "look for a dropped row, a header taken for data, or a shuffled loader",
            ),
            check=f"shift one side by {abs(shift.offset)} and rank again: recall must rise",
            decided_by="data",
            rank=40,
        )
