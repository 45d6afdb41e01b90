"""The table of Keras' CSVLogger: one row per epoch, columns in alphabetical order, all digits."""

from __future__ import annotations

import csv
from pathlib import Path

from benchmarks.accuracy.forms.rows import MACHINE, per_epoch, renamed
from benchmarks.accuracy.recorder import Recorder

_LEFT_OUT = ("grad_norm", "loss_scale", *MACHINE)


def write(recorder: Recorder, folder: Path) -> Path:
    """Write training.log as CSV; Keras saves no settings beside it."""
    rows = [
        (
            row.number,
            renamed(
                {n: v for n, v in row.metrics.items() if n not in _LEFT_OUT},
                train="",
                val="val_",
                names={"lr": "learning_rate"},
            ),
        )
        for row in per_epoch(recorder)
    ]
    columns = sorted({name for _, metrics in rows for name in metrics})
    path = folder / "training.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["epoch", *columns])
        table.writerows([[number, *(metrics.get(name, "") for name in columns)] for number, metrics in rows])
    return path
