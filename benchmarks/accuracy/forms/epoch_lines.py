"""One printed line per epoch, behind the printed arguments."""

from __future__ import annotations

from pathlib import Path

from benchmarks.accuracy.forms.rows import MACHINE, per_epoch, renamed
from benchmarks.accuracy.forms.settings import namespace
from benchmarks.accuracy.recorder import Recorder


def write(recorder: Recorder, folder: Path) -> Path:
    """Write train.log."""
    rows = per_epoch(recorder)
    total = max((row.number for row in rows), default=0) + 1
    lines = [namespace(recorder)]
    for row in rows:
        kept = {name: value for name, value in row.metrics.items() if name not in {"grad_norm", *MACHINE}}
        shown = renamed(kept, train="train_", val="val_", names={})
        cells = [f"{name}: {value:.2e}" if name == "lr" else f"{name}: {value:.4f}" for name, value in shown.items()]
        lines.append(f"Epoch {row.number + 1}/{total} - " + " - ".join(cells))
    path = folder / "train.log"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
