"""The table that ``keras.callbacks.CSVLogger`` writes: one row per epoch, the header fixed at the first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from traindx.readers.contract import Reader
from traindx.readers.csv_table import read_csv
from traindx.readers.logfile import LogFile
from traindx.readers.tables import header_names
from traindx.run import Run

_FORMAT = "keras-csv"
_MAX_NOTES = 10
_APPENDED = "the epoch starts again: a run was appended under this header, its columns may stand in another order"


def _recognises(log: LogFile) -> bool:
    """Keras puts validation metrics beside those of training, and never writes a step."""
    if not log.name.lower().endswith((".csv", ".log", ".tsv", ".txt")):
        return False
    names = {name.lower() for name in header_names(log.head)}
    if "loss" not in names or "step" in names or any("/" in name for name in names):
        return False
    return "val_loss" in names or "epoch" in names


def _read(log: LogFile) -> list[Run]:
    return [_with_restarts(run) for run in read_csv(log, _FORMAT)]


def _with_restarts(run: Run) -> Run:
    longest = max(run.series.values(), key=len, default=None)
    if longest is None or not longest.has_steps:
        return run
    again = np.flatnonzero(np.diff(longest.epochs) < 0)[:_MAX_NOTES] + 1
    notes = (f"{run.where(longest, int(at))}: {_APPENDED}" for at in again)
    return replace(run, notes=(*run.notes, *notes))


READER = Reader(name=_FORMAT, recognises=_recognises, read=_read)
