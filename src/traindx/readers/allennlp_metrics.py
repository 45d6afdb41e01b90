"""AllenNLP's metrics_epoch_N.json: the metrics of one epoch, training and validation side by side."""

from __future__ import annotations

import numpy as np

from traindx.readers.contract import Reader
from traindx.readers.json_blocks import has_json_start
from traindx.readers.json_documents import load, reading, top_settings
from traindx.readers.json_rows import RowStore
from traindx.readers.json_values import as_object
from traindx.readers.logfile import LogFile
from traindx.run import Run

FORMAT = "allennlp-metrics"
_MARKS = (
    b'"training_epochs"',
    b'"training_start_epoch"',
    b'"best_epoch"',
    b'"training_duration"',
)
# Results of looking back over the run, and its bookkeeping: neither is a metric of this epoch.
_ASIDE = (
    "best_",
    "peak_",
    "training_epochs",
    "training_start_epoch",
    "training_duration",
)


def _recognises(log: LogFile) -> bool:
    head = log.head
    return has_json_start(head) and b'"training_' in head and sum(mark in head for mark in _MARKS) >= 2


def _read(log: LogFile) -> list[Run]:
    """Read one point per metric, at the epoch that the file states."""
    found = load(log)
    node = as_object(found.values[0])
    aside = {key for key in node if key.startswith(_ASIDE)}
    store = RowStore(log.path)
    store.add(
        [{key: value for key, value in node.items() if key not in aside}],
        np.ones(1, dtype=np.int64),
    )
    settings = tuple(top_settings(log, node, without=frozenset(node) - aside))
    return [store.run(reading(log, FORMAT, found.incomplete, settings))]


READER = Reader(name=FORMAT, recognises=_recognises, read=_read)
