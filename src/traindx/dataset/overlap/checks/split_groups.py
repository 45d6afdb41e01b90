"""LEK003: groups of rows were cut in two by the split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.overlap.checks.wording import share
from traindx.dataset.overlap.overlap import Overlap
from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SplitGroups(Check[Overlap]):
    """Groups of rows, such as games, patients or trajectories, have rows in both splits.

    ## What it looks at
    The values of the grouping column (`--group game_id`) that stand in both splits, and the share of the other split's rows that they take.

    ## Why it matters
    Rows of one group resemble each other: positions of one game, slices of one patient, windows of one trajectory. A model that recognises
    the group answers them from memory, and the metric says nothing of new groups.

    ## What to try
    - Split by group: every group wholly in one split.

    ## When it is wrong
    Where use is within known groups (the next visit of known patients): then split by time instead.
    """

    meta: ClassVar = RuleMeta(
        code="LEK003", name="split-groups", since="0.1", summary="groups of rows have rows in both splits"
    )

    error_share: float = 0.01
    """As for copies: a hundredth of the rows can move a metric by a point."""

    def check(self, subject: Overlap) -> Iterator[Finding]:
        """Speak where a group stands in both splits."""
        found = subject.groups
        if found is None or not found.shared > 0:
            return
        affected = found.other_rows_affected / found.other_rows if found.other_rows else 0.0
        yield self.finding(
            f"{found.shared:,} of {found.other_groups:,} groups by {found.what} in {subject.other} also have rows in the training split: {share(affected)} of its rows",
            Evidence(
                label="share of the other split's rows whose group was trained on",
                measured=affected,
                expected=0.0,
                formula="split by group",
                note=f"for example {', '.join(found.examples[:3])}" if found.examples else "",
            ),
            Evidence(
                label="share of training rows in such groups",
                measured=found.train_rows_affected / found.train_rows if found.train_rows else 0.0,
                note=f"{found.train_groups:,} groups in the training split",
            ),
            severity=Severity.ERROR if affected >= self.error_share else Severity.WARNING,
            confidence=0.95,
            why="rows of one group resemble each other, so that recognising the group answers them",
            do=(
                "split by group: every group wholly in one split",
                "report the metric on unseen groups alone meanwhile",
            ),
            check="compare the metric on rows of shared groups with that on unseen ones",
            decided_by="data",
            rank=78,
        )
