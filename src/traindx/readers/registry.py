"""All readers, in the order in which they are asked: sure signs first, the general text reader last."""

from __future__ import annotations

from traindx.readers.contract import Reader
from traindx.readers.mlflow_store import READER as MLFLOW_FILES

READERS: tuple[Reader, ...] = (
    MLFLOW_FILES,
)
