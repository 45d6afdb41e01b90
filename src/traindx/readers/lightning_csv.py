"""The ``metrics.csv`` of Lightning's ``CSVLogger``: several rows per step, most of their cells blank."""

from __future__ import annotations

from traindx.readers.contract import Reader
from traindx.readers.csv_table import read_csv
from traindx.readers.logfile import LogFile
from traindx.readers.tables import header_names
from traindx.run import Run

_FORMAT = "lightning-csv"


def _recognises(log: LogFile) -> bool:
    """``epoch`` and ``step`` stand somewhere among the metrics, in no fixed order."""
    return log.name.lower().endswith("metrics.csv") and {"epoch", "step"} <= set(header_names(log.head))


def _read(log: LogFile) -> list[Run]:
    return read_csv(log, _FORMAT)


READER = Reader(name=_FORMAT, recognises=_recognises, read=_read)
