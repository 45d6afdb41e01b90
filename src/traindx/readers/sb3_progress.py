"""The ``progress.csv`` of Stable-Baselines3 and of the loggers it comes from: ``rollout/``, ``time/``, ``train/``."""

from __future__ import annotations

from traindx.readers.contract import Reader
from traindx.readers.csv_table import read_csv
from traindx.readers.logfile import LogFile
from traindx.readers.tables import header_names
from traindx.run import Run

_FORMAT = "sb3-progress"
_MARKS = frozenset(
    {"time/total_timesteps", "rollout/ep_rew_mean", "misc/total_timesteps", "misc/nupdates", "eprewmean"}
)


def _recognises(log: LogFile) -> bool:
    """No step column is called so: the axis is the count of time steps, where the loop records it."""
    if not log.name.lower().endswith(".csv"):
        return False
    return not _MARKS.isdisjoint(name.lower() for name in header_names(log.head))


def _read(log: LogFile) -> list[Run]:
    return read_csv(log, _FORMAT)


READER = Reader(name=_FORMAT, recognises=_recognises, read=_read)
