"""Lightning's metrics.csv: sparse rows, one per kind of logging, with hparams.yaml beside."""

from __future__ import annotations

import csv
from pathlib import Path

from benchmarks.accuracy.forms.rows import renamed
from benchmarks.accuracy.forms.settings import hparams_yaml
from benchmarks.accuracy.recorder import Recorder


def write(recorder: Recorder, folder: Path) -> Path:
    """Write metrics.csv."""
    hparams_yaml(recorder, folder)
    rows = [
        {
            "epoch": int(point.epoch or 0),
            "step": point.step,
            **renamed(point.metrics, train="train_", val="val_", names={"lr": "lr-Adam"}),
        }
        for point in recorder.points
    ]
    columns = ["epoch", "step", *sorted({name for row in rows for name in row} - {"epoch", "step"})]
    path = folder / "metrics.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns, restval="")
        table.writeheader()
        table.writerows(rows)
    return path
