"""The JSON logs of OpenMMLab: *.log.json of MMCV (mode, epoch, iter) and scalars.json of MMEngine."""

from __future__ import annotations

from collections.abc import Callable

from traindx.readers.contract import Reader
from traindx.readers.json_blocks import Row, first_rows
from traindx.readers.json_lines import read_lines
from traindx.readers.json_values import number, settings_of
from traindx.readers.logfile import LogFile
from traindx.run import Setting

FORMAT = "openmmlab-json"
_CONFIG_TEXT = "config"


def _recognises(log: LogFile) -> bool:
    head = log.head[:200].lstrip()
    if head.startswith(b'{"env_info"'):
        return True
    rows = first_rows(log, 4)
    return bool(rows) and any("iter" in row and ("mode" in row or {"data_time", "step"} <= set(row)) for row in rows)


def _edit() -> Callable[[list[Row]], list[Row]]:
    """Return the editing of rows that puts validation rows at the end of the training before them.

    MMCV gives a validation row the number of validation batches as ``iter``; MMEngine gives it the epoch as ``step``.
    """
    last: dict[str, float] = {}

    def edit(rows: list[Row]) -> list[Row]:
        return [_placed(row, last) for row in rows]

    return edit


def _placed(row: Row, last: dict[str, float]) -> Row:
    if row.get("mode") == "val":
        inner = number(row.get("iter"))
        return row if inner == last.get("iter") else {key: value for key, value in row.items() if key != "iter"}
    if "iter" in row:
        for key in ("iter", "step", "epoch"):
            found = number(row.get(key))
            if found is not None:
                last[key] = found
        return row
    step = number(row.get("step"))
    if step is not None and "epoch" in last and "step" in last and step <= last["epoch"] + 1 and step < last["step"]:
        return {
            **row,
            "step": last["step"],
            "iter": last["iter"],
            "epoch": last["epoch"],
        }
    return row


def _settings(log: LogFile) -> tuple[Setting, ...]:
    """Return what the first line says of the experiment."""
    rows = first_rows(log, 1)
    if not rows or "env_info" not in rows[0]:
        return ()
    named = {key: value for key, value in rows[0].items() if key not in ("env_info", _CONFIG_TEXT)}
    return tuple(settings_of(named, f"{log.path}:1"))


READER = Reader(
    name=FORMAT,
    recognises=_recognises,
    read=lambda log: read_lines(log, FORMAT, edit=_edit(), settings=_settings(log)),
)
