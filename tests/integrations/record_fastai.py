"""Record the calls that a real fastai learner makes to its callbacks, for the tests of a machine without fastai.

Run by hand where fastai is installed: ``python -m tests.integrations.record_fastai``. It also trains with our callback and without, and
fails where a bit of the weights differs or the live report is not that of the log.
"""

from __future__ import annotations

import json
import random
import tempfile
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

import traindx
from tests.integrations.small_training import network, rows, same_weights

RECORDING = Path(__file__).with_name("fastai_calls.json")


def state_of(learn: Any, event: str) -> dict[str, Any]:
    """What our callback looks at, at this event."""
    known: dict[str, Any] = {"training": bool(getattr(learn, "training", False)), "n_epoch": learn.n_epoch}
    if event == "before_fit":
        loader = learn.dls.train
        known |= {"batches": len(loader), "bs": loader.bs, "samples": len(loader.dataset)}
        known["opt_func"] = getattr(learn.opt_func, "__name__", "")
    if event == "before_step":
        grads = [p.grad.flatten() for p in learn.model.parameters() if p.grad is not None]
        known["norm"] = float(torch.cat(grads).norm())
    if event == "after_batch":
        known |= {"loss": float(learn.loss), "pct_train": float(learn.pct_train), "lr": learn.opt.hypers[-1]["lr"]}
    if event == "after_epoch":
        known |= {"metric_names": list(learn.recorder.metric_names), "values": list(learn.recorder.values[-1])}
    return known


def learner(cbs: list[Any]) -> Any:
    """A fit of three epochs by one-cycle."""
    basics, progress = import_module("fastai.basics"), import_module("fastai.callback.progress")
    import_module("fastai.callback.schedule")  # gives the learner its method
    random.seed(0)
    data = list(zip(*rows(320), strict=True))
    parts = [
        basics.DataLoader(data[:256], bs=16, shuffle=True, drop_last=True),
        basics.DataLoader(data[256:], bs=16),
    ]
    made = basics.Learner(
        basics.DataLoaders(*parts),
        network(),
        loss_func=torch.nn.CrossEntropyLoss(),
        metrics=basics.accuracy,
        cbs=cbs,
    )
    with made.removed_cbs(made.cbs.filter(lambda one: isinstance(one, progress.ProgressCallback))), made.no_logging():
        made.fit_one_cycle(3, 1e-2)
    return made


def main() -> None:
    """Train, compare, and write the recording."""
    core, ours = import_module("fastai.callback.core"), import_module("traindx.integrations.fastai_callback")
    calls: list[tuple[str, dict[str, Any]]] = []

    def recorder(event: str) -> Any:
        return lambda self: calls.append((event, state_of(self.learn, event)))

    events = ("before_fit", "before_step", "after_batch", "after_epoch", "after_fit")
    recording = type("RecordingCallback", (core.Callback,), {"order": 59} | {one: recorder(one) for one in events})
    with tempfile.TemporaryDirectory() as folder:
        callback = ours.TraindxCallback(folder, watch_every=5, facts={"num_classes": 4})
        recorded, plain = learner([callback, recording()]), learner([])
        assert same_weights(recorded.model, plain.model)
        assert callback.report == traindx.diagnose(folder)
    told = {"fastai": version("fastai"), "torch": torch.__version__, "calls": calls}
    RECORDING.write_text(json.dumps(told, indent=None).replace('], ["', '],\n["') + "\n", encoding="utf-8")
    print(f"{len(calls)} calls of fastai {told['fastai']} recorded; same weights, same report")


if __name__ == "__main__":
    main()
