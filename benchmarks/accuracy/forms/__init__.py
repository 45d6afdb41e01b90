"""The forms of logs that are written: one writer each, called with a recorded run and an empty folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from benchmarks.accuracy.forms import (
    epoch_lines,
    hf_lines,
    hf_state,
    jsonl,
    keras_csv,
    lightning_csv,
    nanogpt,
    step_lines,
    tensorboard,
    tqdm_bar,
)
from benchmarks.accuracy.recorder import Recorder

FORMS: Mapping[str, Callable[[Recorder, Path], Path]] = MappingProxyType(
    {
        "epoch-lines": epoch_lines.write,
        "hf-lines": hf_lines.write,
        "hf-state": hf_state.write,
        "jsonl": jsonl.write,
        "keras-csv": keras_csv.write,
        "lightning-csv": lightning_csv.write,
        "nanogpt": nanogpt.write,
        "step-lines": step_lines.write,
        "tensorboard": tensorboard.write,
        "tqdm": tqdm_bar.write,
    }
)


def write(form: str, recorder: Recorder, folder: Path) -> Path:
    """Write the run in one form; returns the log's path."""
    folder.mkdir(parents=True, exist_ok=True)
    return FORMS[form](recorder, folder)
