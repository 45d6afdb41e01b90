"""RNK003: nothing is heard of one process any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.ranks.processes import of_ranks
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SilentRank(Rule):
    """A process has given no sign of life for longer than it may, while the first one waits or goes on.

    ## What it looks at
    How long each rank had been silent when that was noted. Whether a process lives is told by a thread of its own, so that
    one that only trains slowly, or waits for others, is not silent.

    ## Why it matters
    The others wait for it at the next synchronisation until a timeout of half an hour ends the job, and pay for their machines.

    ## What to try
    - Look at that process's output and exit code: out of memory, a lost device, a machine that was taken away.

    ## When it is wrong
    A machine that was suspended and came back.
    """

    meta: ClassVar = RuleMeta(
        code="RNK003", name="silent-rank", since="0.1", summary="nothing is heard of one process any more"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = None

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak of every rank whose last noted silence was not ended."""
        for rank, series in of_ranks(case[READINGS], {"silence"}).get("seconds_silent", {}).items():
            silent = float(series.values[-1])
            if not silent > 0:
                continue
            yield self.finding(
                f"rank {rank} has given no sign of life for {silent:.3g} seconds",
                Evidence(
                    label=f"silence of rank {rank}",
                    measured=silent,
                    expected=0.0,
                    formula="a sign of life every few seconds",
                    unit="seconds",
                    span=case.span(series),
                ),
                severity=Severity.ERROR,
                confidence=0.9,
                why="the others wait for it at the next synchronisation",
                do=(
                    f"look at the output and the exit code of rank {rank}",
                    "stop the job, and go on from the last checkpoint",
                ),
                check=f"ask the scheduler whether the process of rank {rank} still runs",
                rank=70,
            )
