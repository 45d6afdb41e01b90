"""Judging a run while it grows: the rules of a finished log, asked of what is on disk so far."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import final

from traindx.api import diagnose_all, read
from traindx.diagnosis import Report
from traindx.errors import UnreadableLogError
from traindx.live.changes import Change, ChangeTeller
from traindx.live.following import Following
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
    """Judges the run in ``directory`` as ``traindx DIRECTORY`` would, each time it is asked.

    What was read once is not read again, but for the last time: the last report is that of the whole log, read afresh.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)
        self._following = Following(self._directory, share=0.0)  # how seldom is settled by whoever asks
        self._teller = ChangeTeller()

    def judge(self, *, asked: bool = True, last: bool = False) -> Judgement:
        """Read what is new, ask all rules. Raises ``UnreadableLogError`` where nothing was recorded yet.

        ``asked`` says that a person wants to know now, ``last`` that no judgement follows: then no change waits to be confirmed.
        """
        runs = read(self._directory) if last else self._following.look().runs
        if not runs:
            raise UnreadableLogError("nothing was recorded here yet", where=self._directory)
        run = next((run for run in runs if self._holds(run)), runs[0])
        report = diagnose_all(run)[0]
        return Judgement(report, self._teller.tell(report, asked=asked, last=last), run)

    def _holds(self, run: Run) -> bool:
        """Whether the run lies in the directory itself: other runs may lie in folders below it."""
        return any(os.path.dirname(source.path) == self._directory for source in run.sources)

    @property
    def waits(self) -> bool:
        """Whether something has to be confirmed by further judgements before it is told."""
        return self._teller.waits

    def judge_piece(self, run: Run, codes: tuple[str, ...]) -> tuple[Change, ...]:
        """Ask some rules of a piece of the run, which need not be on disk; return what is new with it."""
        report = diagnose_all(run, select=codes)[0]
        return self._teller.add(report.findings, report.last_step)
