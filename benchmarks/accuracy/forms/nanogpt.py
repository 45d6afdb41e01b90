"""Lines of a small language-model script: settings first, iterations with their time, evaluations of both splits."""

from __future__ import annotations

from pathlib import Path

from benchmarks.accuracy.forms.rows import MACHINE, held_out
from benchmarks.accuracy.recorder import Point, Recorder


def write(recorder: Recorder, folder: Path) -> Path:
    """Write train.out."""
    lines = [f"Overriding: {name} = {value}" for name, value in recorder.settings.items()]
    loss = next((point.metrics["train/loss"] for point in recorder.points if "train/loss" in point.metrics), 0.0)
    for point in recorder.points:
        loss = point.metrics.get("train/loss", loss)
        lines.append(_evaluation(point, loss) if any(map(held_out, point.metrics)) else _iteration(point))
    path = folder / "train.out"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _evaluation(point: Point, loss: float) -> str:
    others = [
        f", {_plain(name)} {value:.4f}"
        for name, value in point.metrics.items()
        if name != "val/loss" and held_out(name)
    ]
    return (
        f"step {point.step}: train loss {loss:.4f}, val loss {point.metrics.get('val/loss', float('nan')):.4f}"
        + "".join(others)
    )


def _iteration(point: Point) -> str:
    pace = 11.0 + (point.step * 37 % 101) / 40
    shown = [
        f"{_plain(name)} {value:.4f}"
        for name, value in point.metrics.items()
        if name not in {"lr", "grad_norm", *MACHINE}
    ]
    return f"iter {point.step}: {', '.join(shown)}, time {pace:.2f}ms"


def _plain(name: str) -> str:
    return name.removeprefix("train/").replace("/", " ")
