"""RNK001: one process of several takes longer than the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.ranks.processes import late_half, of_ranks
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Series

_TIMES = frozenset({"step_time", "data_time"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SlowRank(Rule):
    """One of the processes that train together takes clearly longer for its part of a step than the others do for theirs.

    ## What it looks at
    Times of a step, or of waiting for data, that were logged for each rank: the median of the second half on each rank against
    the median of the others, where their middle halves do not overlap.

    ## Why it matters
    All wait for the slowest at every synchronisation: one process that takes half as long again makes the whole job do so.

    ## What to try
    - Look at that process's machine: other jobs, a throttled or failing device, a slow disk or network.
    - See that the data are dealt out evenly: as many samples, and of like length, for each.

    ## When it is wrong
    Times that include waiting for the others are equal on all ranks, so that a slow one is not seen in them: log the time before
    the synchronisation, such as `data_time`.
    """

    meta: ClassVar = RuleMeta(
        code="RNK001", name="slow-rank", since="0.1", summary="one process takes longer than the others"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = None

    factor: float = 1.2
    """Machines of one kind differ by a few per cent; a fifth has a reason."""

    points: int = 6
    """The middle half of three values is the least that tells a process from a moment."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak of the slowest rank of each time where it stands apart."""
        for name, ranks in of_ranks(case[READINGS], _TIMES).items():
            if len(ranks) >= 2:
                yield from self._slowest(case, name, ranks)

    def _slowest(self, case: Case, name: str, ranks: Mapping[int, Series]) -> Iterator[Finding]:
        times = {rank: late_half(series) for rank, series in ranks.items() if len(series) >= self.points}
        medians = {rank: float(np.median(values)) for rank, values in times.items() if len(values)}
        if len(medians) < 2:
            return
        slowest = max(medians, key=lambda rank: medians[rank])
        others = np.concatenate([values for rank, values in times.items() if rank != slowest])
        usual = float(np.median(others))
        apart = float(np.quantile(times[slowest], 0.25)) > float(np.quantile(others, 0.75))
        if not (medians[slowest] > self.factor * usual > 0 and apart):
            return
        yield self.finding(
            f"rank {slowest} takes {medians[slowest] / usual:.2g} times as long as the others ({name} {medians[slowest]:.3g} against {usual:.3g})",
            Evidence(
                label=f"median {name} of rank {slowest}",
                measured=medians[slowest],
                expected=usual,
                formula="median of the other ranks",
                unit="seconds",
                span=case.span(ranks[slowest]),
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="all processes wait for the slowest at every synchronisation",
            do=(
                f"look at the machine of rank {slowest}: other jobs, a throttled device, a slow disk",
                "deal the data out evenly, by number and by length",
            ),
            check=f"swap the machines of rank {slowest} and another: what moves with the machine lies in it",
            rank=14,
        )
