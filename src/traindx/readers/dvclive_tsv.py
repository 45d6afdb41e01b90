"""The tables of DVCLive: one file per metric, named after the last part of its name, in folders of the first parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from types import MappingProxyType

from traindx.readers.contract import Reader
from traindx.readers.csv_table import sniff_log, source_of
from traindx.readers.logfile import LogFile
from traindx.readers.splits import is_split_word
from traindx.readers.tables import as_utf8, header_names, read_table, runs_of_table
from traindx.run import Run

_FORMAT = "dvclive-tsv"


def _recognises(log: LogFile) -> bool:
    """The metric's column is called like the file; a clock may stand before the step."""
    if not log.name.endswith(".tsv"):
        return False
    names = header_names(log.head)
    return "step" in names and len(names) in (2, 3) and names[-1] == log.name.removesuffix(".tsv")


def _read(log: LogFile) -> list[Run]:
    log = as_utf8(log)
    dialect = sniff_log(log)
    column, label = log.name.removesuffix(".tsv"), logged_name(log)
    source = source_of(log, _FORMAT)
    if dialect is None:
        return [Run(name=label, series={}, sources=(source,))]
    table = read_table(log, dialect)
    columns = {label if key == column else key: values for key, values in table.columns.items()}
    return runs_of_table(replace(table, columns=MappingProxyType(columns)), source, label)


def logged_name(log: LogFile) -> str:
    """Return the name that the program logged: the folders below ``metrics`` belong to it, or one named by a split."""
    parts = list(PurePath(log.path).parts[:-1])
    name = log.name.removesuffix(".tsv")
    if "metrics" in parts:
        at = len(parts) - parts[::-1].index("metrics")
        return "/".join([*parts[at:], name])
    return f"{parts[-1]}/{name}" if parts and is_split_word(parts[-1]) else name


READER = Reader(name=_FORMAT, recognises=_recognises, read=_read)
