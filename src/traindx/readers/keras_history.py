"""The dictionary that Keras's ``fit`` returns, dumped as JSON: one list per metric, one value per epoch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from traindx.readers.contract import Reader
from traindx.readers.json_blocks import has_json_start
from traindx.readers.json_documents import assemble, load, reading
from traindx.readers.json_parts import examine
from traindx.readers.json_values import as_object, is_list
from traindx.readers.logfile import LogFile
from traindx.run import Run, Series

FORMAT = "keras-history"
# The object begins with a name of what fit() reports and a list of numbers.
_START = re.compile(
    rb"[\s\xef\xbb\xbf]*+\{\s*+[\"'](?:val_|train_|test_)?+(?:loss|acc|accuracy|mae|mse|lr|learning_rate|auc|[a-z_0-9]{1,60})"
    rb"[\"']\s*+:\s*+\[\s*+(?:-?\d|NaN|nan|[\"']-?\d)"
)
_LOSS = re.compile(rb"[\"'](?:val_|train_)?loss[\"']\s*+:\s*+\[")


def _recognises(log: LogFile) -> bool:
    head = log.head
    return has_json_start(head) and _START.match(head) is not None and _LOSS.search(head) is not None


def _read(log: LogFile) -> list[Run]:
    """Read the lists; without an axis among them, a value's epoch is its position, from 0."""
    found = load(log)
    run = assemble(examine(found.values[:1], log.path), reading(log, FORMAT, found.incomplete))
    if _one_length(as_object(found.values[0]), found.incomplete):
        return [replace(run, series={name: _by_epoch(one) for name, one in run.series.items()})]
    return [run]


def _one_length(lists: Mapping[str, object], incomplete: str) -> bool:
    """Whether each list has a value per epoch; the last list of a file that is cut off may be shorter."""
    lengths = [len(one) for one in lists.values() if is_list(one)]
    return len(set(lengths[:-1] if incomplete and len(lengths) > 1 else lengths)) == 1


def _by_epoch(one: Series) -> Series:
    if one.has_steps:
        return one
    return replace(one, epochs=(one.records - 1).astype(np.float64))


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
