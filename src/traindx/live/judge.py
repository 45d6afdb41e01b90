"""Judging a run while it grows: the rules of a finished log, asked of what is on disk so far."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

from traindx.api import diagnose_all
from traindx.diagnosis import Report
from traindx.live.changes import Change, changes_between


@final
@dataclass(frozen=True, slots=True)
class Judgement:
    """The report of a run so far, and what changed since the judgement before."""

    report: Report
    changes: tuple[Change, ...]


@final
class Judge:
    """Judges the run in ``directory`` as ``traindx DIRECTORY`` would, each time it is asked."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._last: Report | None = None

    def judge(self) -> Judgement:
        """Read what is there, ask all rules. Raises ``UnreadableLogError`` where nothing was recorded yet."""
        report = diagnose_all(str(self._directory))[0]
        changes = changes_between(self._last, report)
        self._last = report
        return Judgement(report, changes)
