"""Makes the offline files in this folder with the wandb client (0.31).

Run once, in an environment of its own: ``pip install wandb && python make_samples.py``. Nothing leaves the machine.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from pathlib import Path

os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DISABLE_GIT="true", WANDB_DISABLE_CODE="true")
os.environ.update(WANDB_X_DISABLE_STATS="true", WANDB_X_DISABLE_META="true", WANDB_CONSOLE="off", WANDB_HOST="host")

import wandb

HERE = Path(__file__).parent
CONFIG = {"batch_size": 32, "optim": {"name": "adamw", "lr": 1e-3}, "note": None}


def make(name: str, *, custom_axis: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = wandb.init(project="samples", dir=folder, config=CONFIG, id=name)
        if custom_axis:
            run.define_metric("*", step_metric="global_step")
        for step in range(300):
            row: dict[str, object] = {"train/loss": 2.5 * math.exp(-step / 100), "lr": 1e-3, "fine": True}
            if custom_axis:
                row["global_step"] = 10 * step
            if step % 50 == 0:
                row["val"] = {"loss": 2.0 - step / 400, "acc": step / 300}
                row["picture"] = wandb.Histogram([0.0, 1.0, 2.0])
            if step == 250:
                row["grad"] = float("nan")
            if step == 251:
                row["grad"] = float("inf")
            run.log(row)
        run.finish()
        made = next(Path(folder).rglob("*.wandb"))
        shutil.copy(made, HERE / f"run-{name}.wandb")


if __name__ == "__main__":
    make("plain", custom_axis=False)
    make("axis", custom_axis=True)
