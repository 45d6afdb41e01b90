"""JSON lines in general: one object of metrics per line, whatever the program that wrote it."""

from __future__ import annotations

from collections.abc import Callable

from traindx.readers.contract import Reader
from traindx.readers.json_blocks import (
    Lines,
    Row,
    first_rows,
    looks_like_lines,
    row_blocks,
)
from traindx.readers.json_long import LongStore, is_long
from traindx.readers.json_rows import Reading, RowStore
from traindx.readers.logfile import LogFile
from traindx.run import Run, Setting

Edit = Callable[[list[Row]], list[Row]]


def read_lines(
    log: LogFile,
    format_name: str,
    *,
    edit: Edit | None = None,
    settings: tuple[Setting, ...] = (),
) -> list[Run]:
    """Read ``log`` as JSON lines; ``edit`` may replace the rows of a block, one for one."""
    lines = Lines(log.path)
    store: RowStore | LongStore = LongStore() if is_long(first_rows(log)) else RowStore(log.path)
    for rows, records in row_blocks(log, lines):
        store.add(edit(rows) if edit else rows, records)
    about = Reading(
        name=log.name,
        path=log.path,
        format=format_name,
        unit="line",
        skipped=tuple(lines.skips.values()),
        ignored=lines.ignored,
        incomplete=lines.incomplete or log.truncated,
        settings=settings,
        notes=lines.notes,
    )
    return [store.run(about)]


def _recognises(log: LogFile) -> bool:
    return looks_like_lines(log.head) and _flat(first_rows(log))


def _flat(rows: list[Row]) -> bool:
    """Whether the rows hold values of one moment: a single object of lists is a whole history instead."""
    if len(rows) > 1:
        return True
    return bool(rows) and not any(isinstance(value, (list, dict)) for value in rows[0].values())


READER = Reader(
    name="json-lines",
    recognises=_recognises,
    read=lambda log: read_lines(log, "json-lines"),
)
