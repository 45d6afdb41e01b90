"""The Hugging Face Trainer's trainer_state.json."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.accuracy.forms.hf_lines import rows_of
from benchmarks.accuracy.recorder import Recorder


def write(recorder: Recorder, folder: Path) -> Path:
    """Write trainer_state.json."""
    points = recorder.points
    state = {
        "best_metric": None,
        "epoch": points[-1].epoch if points else 0,
        "global_step": max((point.step for point in points), default=0),
        "log_history": [{**rows_of(point), "step": point.step} for point in points],
        "max_steps": recorder.settings.get("max_steps", 0),
        "train_batch_size": recorder.settings.get("batch_size", 1),
    }
    path = folder / "trainer_state.json"
    path.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
    return path
