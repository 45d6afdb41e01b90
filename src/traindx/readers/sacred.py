"""Sacred's metrics.json: per metric a list of steps, of timestamps and of values."""

from __future__ import annotations

import re

from traindx.readers.contract import Reader
from traindx.readers.json_blocks import has_json_start
from traindx.readers.json_documents import assemble, load, reading
from traindx.readers.json_parts import examine
from traindx.readers.logfile import LogFile
from traindx.run import Run

FORMAT = "sacred"
_START = re.compile(rb'\s*+\{\s*+"[^"\n]{1,200}"\s*+:\s*+\{\s*+"steps"\s*+:\s*+\[')


def _recognises(log: LogFile) -> bool:
    return has_json_start(log.head) and _START.match(log.head) is not None


def _read(log: LogFile) -> list[Run]:
    """Read all metrics. The file is rewritten at every heartbeat, so that half a file is normal."""
    found = load(log)
    return [assemble(examine(found.values[:1], log.path), reading(log, FORMAT, found.incomplete))]


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
