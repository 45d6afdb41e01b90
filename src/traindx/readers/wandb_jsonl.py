"""W&B's wandb-history.jsonl: a line per logged step, with only the keys that were logged there."""

from __future__ import annotations

from traindx.readers.contract import Reader
from traindx.readers.json_blocks import first_rows
from traindx.readers.json_lines import read_lines
from traindx.readers.logfile import LogFile

FORMAT = "wandb-history"
_AXES = {"_step", "_runtime", "_timestamp"}


def _recognises(log: LogFile) -> bool:
    rows = first_rows(log, 5)
    return bool(rows) and "summary" not in log.name and all(len(_AXES & set(row)) >= 2 for row in rows)


READER = Reader(name=FORMAT, recognises=_recognises, read=lambda log: read_lines(log, FORMAT))
