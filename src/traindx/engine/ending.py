"""Errors that ended a program: they stand behind the last number of its log."""

from __future__ import annotations

import re
from typing import Final

from traindx.run import Run

_ERROR: Final = re.compile(
    r"Traceback|out of memory|OutOfMemoryError|Killed|Segmentation fault|NCCL|TIME LIMIT|slurmstepd: error",
    re.IGNORECASE,
)
_STOPPED: Final = "KeyboardInterrupt"  # by somebody who knew why
_SHOWN: Final = 60


def broken_off(run: Run) -> str:
    """Return the place and the words of the first error that stands behind all numbers of a log; "" without one.

    Errors that more numbers follow were survived: a resume, a caught exception, a worker that was started again.
    """
    if len(run.sources) != 1 or run.sources[0].unit != "line":
        return ""
    path = run.sources[0].path
    last = max((int(s.records.max()) for s in run.series.values() if len(s)), default=0)
    behind = [note for note in run.notes if _line_of(note, path) > last > 0]
    if any(_STOPPED in note for note in behind):
        return ""
    first = next((note for note in behind if _ERROR.search(note.removeprefix(path))), "")
    place, _, words = first.removeprefix(f"{path}:").partition(": ")
    return f"line {place} ({words[:_SHOWN].strip(' :')})" if first else ""


def _line_of(note: str, path: str) -> int:
    """The line that a note gives as its place, ``path:line: words``; 0 where it gives none."""
    line = note.removeprefix(f"{path}:").partition(":")[0]
    return int(line) if note.startswith(f"{path}:") and line.isdecimal() else 0
