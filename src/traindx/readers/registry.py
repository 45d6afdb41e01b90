"""All readers, in the order in which they are asked: sure signs first, the general text reader last."""

from __future__ import annotations

from traindx.readers.allennlp_metrics import READER as ALLENNLP_METRICS
from traindx.readers.clearml_offline import READER as CLEARML_OFFLINE
from traindx.readers.comet_offline import READER as COMET_OFFLINE
from traindx.readers.contract import Reader
from traindx.readers.csv_table import READER as CSV_TABLE
from traindx.readers.dvclive_tsv import READER as DVCLIVE_TSV
from traindx.readers.hf_trainer_state import READER as HF_TRAINER_STATE
from traindx.readers.json_documents import READER as JSON_DOCUMENTS
from traindx.readers.json_lines import READER as JSON_LINES
from traindx.readers.keras_csv import READER as KERAS_CSV
from traindx.readers.keras_history import READER as KERAS_HISTORY
from traindx.readers.lightning_csv import READER as LIGHTNING_CSV
from traindx.readers.megatron_golden import READER as MEGATRON_GOLDEN
from traindx.readers.mlflow_sqlite import READER as MLFLOW_SQLITE
from traindx.readers.mlflow_store import READER as MLFLOW_FILES
from traindx.readers.mm_json import READER as MM_JSON
from traindx.readers.notebook import READER as NOTEBOOK
from traindx.readers.sacred import READER as SACRED
from traindx.readers.sb3_monitor import READER as SB3_MONITOR
from traindx.readers.sb3_progress import READER as SB3_PROGRESS
from traindx.readers.sqlite_tables import READER as SQLITE_TABLES
from traindx.readers.tensorboard import READER as TENSORBOARD
from traindx.readers.text_log import READER as TEXT_LOG
from traindx.readers.trackio_sqlite import READER as TRACKIO_SQLITE
from traindx.readers.ultralytics_csv import READER as ULTRALYTICS_CSV
from traindx.readers.wandb_jsonl import READER as WANDB_JSONL
from traindx.readers.wandb_offline import READER as WANDB_OFFLINE

READERS: tuple[Reader, ...] = (
    TENSORBOARD,
    WANDB_OFFLINE,
    MLFLOW_FILES,
    MLFLOW_SQLITE,
    TRACKIO_SQLITE,
    SQLITE_TABLES,
    NOTEBOOK,
    HF_TRAINER_STATE,
    MEGATRON_GOLDEN,
    SACRED,
    ALLENNLP_METRICS,
    MM_JSON,
    WANDB_JSONL,
    CLEARML_OFFLINE,
    COMET_OFFLINE,
    KERAS_HISTORY,
    SB3_MONITOR,
    SB3_PROGRESS,
    ULTRALYTICS_CSV,
    DVCLIVE_TSV,
    LIGHTNING_CSV,
    KERAS_CSV,
    JSON_LINES,
    JSON_DOCUMENTS,
    CSV_TABLE,
    TEXT_LOG,
)
