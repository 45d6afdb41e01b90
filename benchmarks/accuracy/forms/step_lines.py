"""Lines of key=value pairs with a clock, as loggers of home-made scripts print them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.accuracy.forms.rows import renamed
from benchmarks.accuracy.recorder import Point, Recorder


def write(recorder: Recorder, folder: Path) -> Path:
    """Write run.log."""
    head = [f"{_clock(0)} INFO {name}={value}" for name, value in recorder.settings.items()]
    path = folder / "run.log"
    path.write_text("\n".join([*head, *(_line(point) for point in recorder.points)]) + "\n", encoding="utf-8")
    return path


def _line(point: Point) -> str:
    shown = renamed(point.metrics, train="", val="val_", names={})
    cells = [f"{name}={value:.5g}" for name, value in shown.items()]
    return f"{_clock(point.step)} INFO step={point.step} " + " ".join(cells)


def _clock(step: int) -> str:
    seconds = 9 * 3600 + max(0, step) // 4
    return f"2026-03-02 {seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
