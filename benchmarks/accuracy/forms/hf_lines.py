"""What the Hugging Face Trainer prints: one dict per logging step and per evaluation."""

from __future__ import annotations

from pathlib import Path

from benchmarks.accuracy.forms.rows import held_out, renamed
from benchmarks.accuracy.recorder import Point, Recorder

NAMES = {"lr": "learning_rate"}


def write(recorder: Recorder, folder: Path) -> Path:
    """Write train.log."""
    settings = recorder.settings
    head = [
        "***** Running training *****",
        f"  Instantaneous batch size per device = {settings.get('batch_size', 1)}",
        f"  Total optimization steps = {settings.get('max_steps', 0)}",
    ]
    path = folder / "train.log"
    path.write_text("\n".join([*head, *(_line(point) for point in recorder.points)]) + "\n", encoding="utf-8")
    return path


def rows_of(point: Point) -> dict[str, float]:
    """A point as the Trainer logs it: loss to four decimals, "eval_" before what was evaluated."""
    named = renamed(point.metrics, train="", val="eval_", names=NAMES)
    epoch = {} if point.epoch is None else {"epoch": round(point.epoch, 2)}
    evaluated = any(held_out(name) for name in point.metrics)
    return {**{n: v if evaluated else _rounded(n, v) for n, v in named.items()}, **epoch}


def _rounded(name: str, value: float) -> float:
    return round(value, 4) if name.endswith("loss") else value


def _line(point: Point) -> str:
    return str(rows_of(point))
