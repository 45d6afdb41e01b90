"""Makes the event files in this folder with the libraries that people use.

Run once, in an environment of its own: ``pip install torch tensorboard tensorboardX numpy && python make_samples.py``.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from pathlib import Path

import numpy as np
import tensorboardX
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from torch.utils.tensorboard import SummaryWriter

HERE = Path(__file__).parent


def _keep(folder: Path, name: str) -> None:
    made = sorted(folder.rglob("events.out*"))
    shutil.copy(made[0], HERE / name)
    shutil.rmtree(folder)


def torch_writer() -> None:
    folder = HERE / "made"
    writer = SummaryWriter(str(folder))
    for step in range(40):
        writer.add_scalar("train/loss", 2.5 * math.exp(-step / 10), step)
        writer.add_scalar("lr", 1e-3, step)
        if step % 10 == 0:
            writer.add_scalar("val/loss", float("nan") if step == 30 else 2.0 - step / 40, step, new_style=True)
            writer.add_histogram("weights", np.linspace(-1, 1, 100), step)
    writer.add_scalar("train/loss", math.inf, 300)
    writer.add_text("args", json.dumps({"batch_size": 32, "optim": {"name": "adamw"}}))
    writer.close()
    _keep(folder, "events.out.tfevents.1700000000.torch")


def torch_hparams() -> None:
    folder = HERE / "made"
    writer = SummaryWriter(str(folder))
    writer.add_hparams({"lr": 0.1, "batch_size": 16, "model": "mlp", "amp": True}, {"hparam/loss": 0.5}, run_name="h")
    writer.close()
    made = [path for path in folder.rglob("events.out*") if path.parent.name == "h"]
    shutil.copy(made[0], HERE / "events.out.tfevents.1700000001.hparams")
    shutil.rmtree(folder)


def tensorboardx_writer() -> None:
    folder = HERE / "made"
    writer = tensorboardX.SummaryWriter(str(folder))
    for step in range(20):
        writer.add_scalar("loss", 1 / (step + 1), step * 1000)
    writer.close()
    _keep(folder, "events.out.tfevents.1700000002.tensorboardx")


def tf2_messages() -> None:
    folder = HERE / "made"
    writer = EventFileWriter(str(folder))
    for step in range(20):
        for tag, value in (("epoch_loss", 1.0 - step / 40), ("epoch_accuracy", step / 20)):
            writer.add_event(event_pb2.Event(wall_time=time.time(), step=step, summary=scalar_pb(tag, value)))
        histogram = histogram_pb("kernel", np.arange(20.0) + step)
        writer.add_event(event_pb2.Event(wall_time=time.time(), step=step, summary=histogram))
    merged = summary_pb2.Summary(
        value=[summary_pb2.Summary.Value(tag=f"merged_{k}", simple_value=float(k)) for k in range(3)]
    )
    writer.add_event(event_pb2.Event(wall_time=time.time(), step=7, summary=merged))
    writer.close()
    _keep(folder, "events.out.tfevents.1700000003.tf2.v2")


def purged() -> None:
    folder = HERE / "made"
    writer = SummaryWriter(str(folder), purge_step=5)
    for step in range(5, 10):
        writer.add_scalar("train/loss", step / 10, step)
    writer.close()
    _keep(folder, "events.out.tfevents.1700000004.purged")


if __name__ == "__main__":
    torch_writer()
    torch_hparams()
    tensorboardx_writer()
    tf2_messages()
    purged()
