"""Any table of text: comma, semicolon, tab, bar or blanks between cells, wide or long, with or without a header."""

from __future__ import annotations

from pathlib import PurePath

from traindx.readers.contract import Reader
from traindx.readers.logfile import LogFile
from traindx.readers.tables import Dialect, Table, read_table, runs_of_table, sniff
from traindx.run import Run, Source

_ENDINGS = (".csv", ".tsv", ".tab")
# Text that is a table only by its looks must be one in all but a stray line, and nearly all numbers.
_SURE = 0.9


def _recognises(log: LogFile) -> bool:
    dialect = sniff_log(log)
    if dialect is None:
        return log.name.lower().endswith(_ENDINGS)
    if log.name.lower().endswith(_ENDINGS):
        return True
    return dialect.rows > 1 and dialect.regular >= _SURE and dialect.share >= _SURE


def _read(log: LogFile) -> list[Run]:
    return read_csv(log, "csv-table")


def sniff_log(log: LogFile) -> Dialect | None:
    """Return how the table in a file is written, from its first bytes."""
    return sniff(log.head, whole=len(log.data) <= len(log.head))


def read_csv(log: LogFile, form: str) -> list[Run]:
    """Return the runs of a table; a file without one gives a run without series."""
    source = source_of(log, form)
    name = log.name.rsplit(".", 1)[0] or log.name
    dialect = sniff_log(log)
    if dialect is None:
        return [Run(name=name, series={}, sources=(source,))]
    return runs_of_table(_named_by_file(read_table(log, dialect), log), source, name)


def source_of(log: LogFile, form: str) -> Source:
    """Return the origin of a table's rows; counts are filled in when it was read."""
    return Source(path=log.path, format=form, unit="line", incomplete=log.truncated, encoding=log.encoding or "utf-8")


def _named_by_file(table: Table, log: LogFile) -> Table:
    return table


READER = Reader(name="csv-table", recognises=_recognises, read=_read)
