"""The ``results.csv`` of Ultralytics: one row per epoch, names and numbers padded with blanks in older versions."""

from __future__ import annotations

from traindx.readers.contract import Reader
from traindx.readers.csv_table import read_csv
from traindx.readers.logfile import LogFile
from traindx.readers.tables import header_names
from traindx.run import Run

_FORMAT = "ultralytics-csv"


def _recognises(log: LogFile) -> bool:
    """The learning rates of the parameter groups, ``lr/pg0`` and on, or detection metrics beside a box loss."""
    if not log.name.lower().endswith(".csv"):
        return False
    names = header_names(log.head)
    return "epoch" in names and any(name.startswith(("lr/pg", "x/lr", "metrics/")) for name in names)


def _read(log: LogFile) -> list[Run]:
    return read_csv(log, _FORMAT)


READER = Reader(name=_FORMAT, recognises=_recognises, read=_read)
