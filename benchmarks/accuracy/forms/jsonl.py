"""JSON lines of all that was recorded, with config.json beside."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.accuracy.forms.settings import config_json
from benchmarks.accuracy.recorder import Point, Recorder


def write(recorder: Recorder, folder: Path) -> Path:
    """Write metrics.jsonl."""
    config_json(recorder, folder)
    path = folder / "metrics.jsonl"
    path.write_text("".join(json.dumps(_row(point)) + "\n" for point in recorder.points), encoding="utf-8")
    return path


def _row(point: Point) -> dict[str, float]:
    epoch = {} if point.epoch is None else {"epoch": round(point.epoch, 4)}
    return {"step": point.step, **epoch, **point.metrics}
