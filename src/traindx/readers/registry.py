"""All readers, in the order in which they are asked: sure signs first, the general text reader last."""

from __future__ import annotations

from traindx.readers.contract import Reader
from traindx.readers.csv_table import READER as CSV_TABLE
from traindx.readers.dvclive_tsv import READER as DVCLIVE_TSV
from traindx.readers.keras_csv import READER as KERAS_CSV
from traindx.readers.lightning_csv import READER as LIGHTNING_CSV
from traindx.readers.mlflow_store import READER as MLFLOW_FILES
from traindx.readers.sb3_monitor import READER as SB3_MONITOR
from traindx.readers.sb3_progress import READER as SB3_PROGRESS
from traindx.readers.ultralytics_csv import READER as ULTRALYTICS_CSV

READERS: tuple[Reader, ...] = (
    MLFLOW_FILES,
    SB3_MONITOR,
    SB3_PROGRESS,
    ULTRALYTICS_CSV,
    DVCLIVE_TSV,
    LIGHTNING_CSV,
    KERAS_CSV,
    CSV_TABLE,
)
