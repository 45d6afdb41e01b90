"""What a file in a run's directory is, by its name alone: a log, a settings file, or neither."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, final

_SUFFIX: Final = r"(?:\.(?:gz|xz|zst|bz2))?\Z"


@final
class Kind(Enum):
    """What a file's name says that it is."""

    LOG = "log"  # a name that training programs give to their log
    MAYBE = "maybe"  # a kind of file that logs come in, and data too
    SETTINGS = "settings"
    NONE = "none"


_NEVER: Final = re.compile(
    r"(?i)^(?:readme|licen[cs]e|changelog|requirements|environment|package(?:-lock)?\.json|tokenizer|vocab|merges|"
    r"special_tokens|added_tokens|generation_config|preprocessor_config|processor_config|chat_template|"
    r"dataset_infos?|all_results|(?:train|eval|predict|test)_results|run\.json|debug(?:-internal|-core)?\.log|"
    r"wandb-(?:metadata|summary)\.json|dvc\.(?:yaml|lock)|events\.out\.tfevents.{0,200}\.profile-empty|"
    r"rng_state|latest\b|traindx_stop\.json|.{0,80}\.index\.json|.{0,80}\.lock\b|predictions?\b|generated|submission|labels?\.)"
)
_SETTINGS: Final = re.compile(
    r"(?i)^(?:hparams|config|args|opts?|options|params|parameters|arguments|train(?:ing)?_(?:config|args|arguments|params|opts?)|"
    r"model_config|adapter_config|ds_config|deepspeed_config|hyper_?params|hyper_?parameters|settings|overrides|flags|"
    r"experiment_config|run_config|traindx_run|cfg|model_args|finetuning_args|data_args)\.(?:json|ya?ml)\Z"
)
_LOG: Final = re.compile(
    r"(?i)(?:^events\.out\.tfevents(?:\..+|\Z)|.{0,80}\.tfevents\..+|^trainer_(?:state|log)\.jsonl?|^metrics(?:_epoch_\d+)?\.(?:csv|jsonl?|tsv)"
    r"|^progress\.(?:csv|json)|^results?\.(?:csv|json|txt)|^loss_log\.txt|^logs?\.(?:txt|csv|tsv|jsonl?|json\.txt)"
    r"|^logs\.json\.txt|^log_.{0,80}\.(?:txt|csv|jsonl?)|.{1,80}_log\.(?:txt|csv|jsonl?)|.{0,100}\.log\.json|.{0,100}\.wandb"
    r"|^wandb-history\.jsonl|.{0,80}history.{0,40}\.(?:json|jsonl|csv)|^scalars\.json|^(?:.{0,80}\.)?monitor\.csv|^cout\.txt"
    r"|^measurements\.csv|^stdout.{0,20}|^stderr.{0,20}|^workerlog\.\d+|.{0,100}\.(?:log|out|err)(?:\.\d{1,4})?"
    r"|^train(?:ing)?.{0,40}\.(?:csv|jsonl?|tsv)|^(?:val|valid|validation|eval|test).{0,20}\.(?:csv|jsonl?|tsv)|.{0,100}\.o\d{3,12}"
    r"|^mlflow\.db|^golden_values.{0,60}\.json|^.{0,60}(?:losses|metrics|learning_curves?)\.(?:csv|tsv|jsonl?))"
    + _SUFFIX
)
_MAYBE: Final = re.compile(r"(?i).{0,200}\.(?:txt|csv|tsv|json|jsonl|ndjson|db|sqlite3?)" + _SUFFIX)


def kind_of(name: str) -> Kind:
    """Return what the file ``name`` is."""
    if name.startswith(".") or len(name) > 255 or _NEVER.match(name):
        return Kind.NONE
    if _SETTINGS.match(name):
        return Kind.SETTINGS
    if _LOG.match(name):
        return Kind.LOG
    return Kind.MAYBE if _MAYBE.match(name) else Kind.NONE


def is_event_file(name: str) -> bool:
    """Whether the file is TensorBoard's."""
    return "tfevents" in name
