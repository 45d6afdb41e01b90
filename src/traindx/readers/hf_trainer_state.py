"""The Hugging Face Trainer's trainer_state.json, as saved with every checkpoint."""

from __future__ import annotations

import numpy as np

from traindx.errors import UnreadableLogError
from traindx.readers.contract import Reader
from traindx.readers.json_blocks import has_json_start
from traindx.readers.json_documents import load, reading, top_settings
from traindx.readers.json_rows import RowStore
from traindx.readers.json_values import as_object, is_list, is_object
from traindx.readers.logfile import LogFile
from traindx.run import Run

FORMAT = "hf-trainer-state"
_HISTORY = "log_history"


def _recognises(log: LogFile) -> bool:
    head = log.head
    return has_json_start(head) and b'"log_history"' in head and (b'"global_step"' in head or b'"best_metric"' in head)


def _read(log: LogFile) -> list[Run]:
    """Read the history: rows of training, of evaluations (``eval_*``) and one summary at the end.

    The summary's ``train_loss`` is the mean over the whole run. It has its own name and stays a series of its own
    with one point, apart from the curve, which is called ``loss``.
    """
    found = load(log)
    state = as_object(found.values[0])
    history = state.get(_HISTORY)
    if not is_list(history):
        raise UnreadableLogError("no list named 'log_history'", where=log.path, hint="is the file complete?")
    records = np.array([index for index, row in enumerate(history, 1) if is_object(row)], dtype=np.int64)
    store = RowStore(log.path)
    store.add([row for row in history if is_object(row)], records)
    settings = tuple(top_settings(log, state, without=frozenset({_HISTORY})))
    return [store.run(reading(log, FORMAT, found.incomplete, settings))]


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
