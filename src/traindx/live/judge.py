"""Judging a run while it grows: the rules of a finished log, asked of what is on disk so far."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

from traindx.api import diagnose_all, read
from traindx.diagnosis import Report
from traindx.errors import UnreadableLogError
from traindx.live.changes import Change, ChangeTeller
from traindx.run import Run


@final
@dataclass(frozen=True, slots=True)
class Judgement:
    """The report of a run so far, what changed since the judgement before, and the run that was judged."""

    report: Report
    changes: tuple[Change, ...]
    run: Run


@final
class Judge:
    """Judges the run in ``directory`` as ``traindx DIRECTORY`` would, each time it is asked."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._teller = ChangeTeller()

    def judge(self, *, asked: bool = True, last: bool = False) -> Judgement:
        """Read what is there, ask all rules. Raises ``UnreadableLogError`` where nothing was recorded yet.

        ``asked`` says that a person wants to know now, ``last`` that no judgement follows: then no change waits to be confirmed.
        """
        runs = read(str(self._directory))
        if not runs:
            raise UnreadableLogError("nothing was recorded here yet", where=str(self._directory))
        report = diagnose_all(runs[0])[0]
        return Judgement(report, self._teller.tell(report, asked=asked, last=last), runs[0])

    def only(self, run: Run, codes: tuple[str, ...]) -> tuple[Change, ...]:
        """Ask some rules of a piece of the run that may not be on disk; return the findings that are new with it."""
        report = diagnose_all(run, select=codes)[0]
        return self._teller.add(report.findings, report.last_step)
