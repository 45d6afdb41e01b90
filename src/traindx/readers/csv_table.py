"""Any table of text: comma, semicolon, tab, bar or blanks between cells, wide or long, with or without a header."""

from __future__ import annotations

import re

from traindx.readers.contract import Reader
from traindx.readers.logfile import LogFile
from traindx.readers.splits import is_split_word, split_name
from traindx.readers.tables import (
    SPACES,
    Dialect,
    as_utf8,
    read_table,
    renamed,
    runs_of_table,
    sniff,
)
from traindx.run import Run, Source

_ENDINGS = (".csv", ".tsv", ".tab")
# Text that is a table only by its looks must be one in all but a stray line, and nearly all numbers.
_SURE = 0.9
_HALF = 0.5
_FEW_LINES = 4
_LONG_HEAD = 1 << 21
_COLOUR = b"\x1b["
_NAME = re.compile(r"[^{}=\"\[\]]{0,200}")
_DOWNLOAD = re.compile(r"run-(.{0,200}?)-tag-(.{1,200})", re.DOTALL)


def _recognises(log: LogFile) -> bool:
    if b"\x1b[" in log.head:
        return False  # colours are for terminals: no table has them
    dialect = sniff_log(log)
    named = log.name.lower().endswith(_ENDINGS)
    if dialect is None:
        return named and not log.head.strip()
    if dialect.share >= _SURE and dialect.regular >= _SURE:
        return named or dialect.rows > 1
    return (named or dialect.regular >= _SURE) and _has_columns(dialect)


def _has_columns(dialect: Dialect) -> bool:
    """Whether a table with columns of words still is one: a header of plain names, and numbers in half of its cells."""
    if dialect.delimiter == SPACES or dialect.rows < 1 or dialect.share < _HALF:
        return False
    return all(_NAME.fullmatch(name) for name in dialect.names) and bool(dialect.names)


def _read(log: LogFile) -> list[Run]:
    return read_csv(log, "csv-table")


def sniff_log(log: LogFile) -> Dialect | None:
    """Return how the table in a file is written, from its first bytes."""
    if "dialect" not in log.memo:
        head = log.head
        if head.count(b"\n") < _FEW_LINES:  # thousands of columns
            head = bytes(log.data[:_LONG_HEAD])
        log.memo["dialect"] = sniff(head, whole=len(log.data) <= len(head))
    dialect = log.memo["dialect"]
    return dialect if isinstance(dialect, Dialect) else None


def read_csv(log: LogFile, form: str) -> list[Run]:
    """Return the runs of a table; a file without one gives a run without series."""
    log = as_utf8(log)
    source = source_of(log, form)
    name = log.name.rsplit(".", 1)[0] or log.name
    dialect = sniff_log(log)
    if dialect is None:
        return [Run(name=name, series={}, sources=(source,))]
    return runs_of_table(renamed(read_table(log, dialect), _label(name)), source, name)


def source_of(log: LogFile, form: str) -> Source:
    """Return the origin of a table's rows; counts are filled in when it was read."""
    return Source(path=log.path, format=form, unit="line", incomplete=log.truncated, encoding=log.encoding or "utf-8")


def _label(stem: str) -> str:
    """Return what a file with one column of values is about, by its name; TensorBoard's downloads tell run and tag."""
    found = _DOWNLOAD.fullmatch(stem)
    if found is None:
        return stem
    split = found[1].rsplit("_", 1)[-1]
    return split_name(found[2], split) if is_split_word(split) else found[2]


READER = Reader(name="csv-table", recognises=_recognises, read=_read)
