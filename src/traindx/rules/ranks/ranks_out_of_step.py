"""RNK002: one process counts its steps differently from the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.ranks.processes import of_ranks
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RanksOutOfStep(Rule):
    """A process is steps behind (or ahead of) the first one at what both call the same step, and stays there.

    ## What it looks at
    How many steps each rank is behind rank 0, as told by the number of collective operations that each had begun at the same
    step, or by how far their counts lie apart: three times in a row, at the end.

    ## Why it matters
    Learning rates, evaluations and checkpoints then belong to different updates on different ranks; at an evaluation or the end of
    an epoch one process waits for operations that the others never start.

    ## What to try
    - Look for a `continue` or a skipped batch that only one rank takes, and for ranks that resumed from different checkpoints.

    ## When it is wrong
    Processes that synchronise seldom on purpose, such as local steps between averages.
    """

    meta: ClassVar = RuleMeta(
        code="RNK002", name="ranks-out-of-step", since="0.1", summary="one process counts its steps differently"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = None

    in_a_row: int = 3
    """Once may be a message that came late."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak of the rank that lies farthest off."""
        ranks = of_ranks(case[READINGS], {"steps_behind"}).get("steps_behind", {})
        last = {rank: series.values[-self.in_a_row :] for rank, series in ranks.items()}
        off = {
            rank: float(np.median(values))
            for rank, values in last.items()
            if len(values) == self.in_a_row and bool((np.abs(values) >= 0.5).all())
        }
        if not off:
            return
        worst = max(off, key=lambda rank: abs(off[rank]))
        steps, side = abs(off[worst]), "behind" if off[worst] > 0 else "ahead of"
        yield self.finding(
            f"rank {worst} is {steps:.3g} step{'s' if steps > 1 else ''} {side} rank 0",
            Evidence(
                label=f"steps that rank {worst} is behind rank 0",
                measured=off[worst],
                expected=0.0,
                formula="all ranks at one step",
                unit="steps",
                span=case.span(ranks[worst]),
            ),
            severity=Severity.ERROR,
            confidence=0.85,
            why="what is logged, scheduled and saved at one step belongs to different updates on different ranks",
            do=(
                "look for batches that only one rank skips, and for ranks that resumed from different checkpoints",
                "count optimiser steps in one place, and from the same checkpoint on every rank",
            ),
            check="print the step on every rank right before an all-reduce",
            rank=62,
        )
