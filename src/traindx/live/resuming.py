"""What a directory holds already when a run is to be recorded there."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from traindx.api import read
from traindx.errors import UnreadableLogError
from traindx.live.warner import Warner

_EMPTY: Final = 100  # bytes: an event file of no more holds its first record alone


def step_to_count_from(directory: Path, warner: Warner, *, resume: bool) -> int:
    """Return the last step of the run that is resumed; -1 for one that begins, with a warning where another lies there."""
    if resume:
        return last_recorded_step(directory)
    if holds_a_run(directory):
        warner.once(
            "holds a run",
            f"{directory} holds a run already: what is recorded now is read as its restart; give another directory, "
            "or resume=True to count on from its last step",
        )
    return -1


def holds_a_run(directory: Path) -> bool:
    """Whether an event file with something in it lies in ``directory``."""
    try:
        return any(path.stat().st_size > _EMPTY for path in directory.glob("*tfevents*"))
    except OSError:
        return False


def last_recorded_step(directory: Path) -> int:
    """Return the last step that was recorded in ``directory``; -1 where nothing was."""
    try:
        runs = read(directory)
    except UnreadableLogError:
        return -1
    lasts = [float(one.steps.max()) for run in runs for one in run.series.values() if len(one)]
    return int(max((last for last in lasts if math.isfinite(last)), default=-1.0))
