"""The callbacks of Ultralytics, which cannot be installed beside this torch: its trainer's calls, in its order, with its attributes.

Order, names and rounding are those of ``BaseTrainer._do_train`` in version 8.4.190, and so is the ``results.csv`` beside them.
"""

from __future__ import annotations

import copy
import json
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import traindx
from traindx.integrations.ultralytics_model import attach


class Model:
    """The part of ``ultralytics.YOLO`` that callbacks are added to."""

    def __init__(self) -> None:
        self.callbacks: dict[str, list[Callable[[Any], None]]] = defaultdict(list)

    def add_callback(self, event: str, func: Callable[[Any], None]) -> None:
        self.callbacks[event].append(func)


class AdamW:
    param_groups = ({"lr": 0.01, "initial_lr": 0.01}, {"lr": 0.02, "initial_lr": 0.02})


class Trainer:
    """What a callback may read of ``ultralytics.engine.trainer.BaseTrainer``, and the calls that it makes."""

    def __init__(self, model: Model, folder: Path, epochs: int = 30) -> None:
        self.callbacks = {event: hooks.copy() for event, hooks in model.callbacks.items()}
        self.args = SimpleNamespace(
            lr0=0.01, cos_lr=False, weight_decay=0.0005, imgsz=640, amp=True, pretrained=True, seed=0, box=7.5, cls=0.5, dfl=1.5,
            batch=16, epochs=epochs, optimizer="auto", data="coco8.yaml", classes=None,
        )  # fmt: skip
        self.batch_size, self.accumulate, self.epochs, self.amp = 16, 4, epochs, True
        self.train_loader = SimpleNamespace(dataset=range(128))
        self.test_loader = SimpleNamespace(dataset=range(32))
        self.data = {"nc": 80, "names": {}}
        self.optimizer = AdamW()
        self.epoch, self.stop = 0, False
        self.tloss: dict[str, float] = {}
        self.metrics: dict[str, float] = {}
        self.lr: dict[str, float] = {}
        self.csv, self.batches = folder / "results.csv", 0

    def run_callbacks(self, event: str) -> None:
        for hook in self.callbacks.get(event, []):
            hook(self)

    def label_loss_items(self, loss_items: dict[str, float], prefix: str = "train") -> dict[str, float]:
        return {f"{prefix}/{name}": round(float(value), 5) for name, value in loss_items.items()}

    def save_metrics(self, metrics: dict[str, float]) -> None:
        names = "" if self.csv.exists() else ",".join(("epoch", "time", *metrics)) + "\n"
        row = ",".join(f"{value:.6g}" for value in (self.epoch + 1, 10.0 * self.epoch, *metrics.values()))
        with self.csv.open("a") as file:
            file.write(names + row + "\n")

    def train(self, *, poisoned: Sequence[int] = (), recovered: Sequence[int] = ()) -> None:
        self.run_callbacks("on_train_start")
        noise = np.random.default_rng(0)
        while self.epoch < self.epochs and not self.stop:
            self.run_callbacks("on_train_epoch_start")
            for _ in range(8):
                self.batches += 1
                self.run_callbacks("on_train_batch_end")
                if self.stop:
                    break
            level = math.exp(-self.epoch / 10) + 0.01 * float(noise.normal())
            bad = float("nan") if self.epoch in poisoned or self.epoch in recovered else 1.0
            self.tloss = {
                name: bad * (factor + level)
                for name, factor in (("box_loss", 1.0), ("cls_loss", 0.5), ("dfl_loss", 0.9))
            }
            self.lr = {"lr/pg0": 0.01 * (1 - self.epoch / self.epochs)}
            self.run_callbacks("on_train_epoch_end")
            if self.epoch in recovered:  # the epoch is done again from the last checkpoint
                recovered = [epoch for epoch in recovered if epoch != self.epoch]
                continue
            self.metrics = {
                "metrics/mAP50(B)": 0.6 * (1 - level / 2),
                **self.label_loss_items(self.tloss, prefix="val"),
            }
            self.save_metrics({**self.label_loss_items(self.tloss), **self.metrics, **self.lr})
            self.run_callbacks("on_fit_epoch_end")
            self.epoch += 1
        self.run_callbacks("on_fit_epoch_end")  # once more with the best model
        self.run_callbacks("on_train_end")


def report_of(path: Path) -> Any:
    return traindx.diagnose(path)


def test_a_training_is_judged_as_its_results_are(tmp_path: Path) -> None:
    model = Model()
    attached = attach(model, tmp_path / "run", quiet=True)
    Trainer(model, tmp_path).train()
    run, table = traindx.read(tmp_path / "run")[0], traindx.read(tmp_path / "results.csv")[0]
    for name in ("train/box_loss", "val/cls_loss", "metrics/mAP50(B)", "lr/pg0"):
        np.testing.assert_allclose(run.series[name].values, table.series[name].values, rtol=1e-5)
        assert run.series[name].steps.tolist() == list(range(1, 31))
    live = attached.monitor.report
    assert live == report_of(tmp_path / "run")
    assert live is not None
    assert live.verdict.state == report_of(tmp_path / "results.csv").verdict.state


def test_the_arguments_and_the_loaders_tell_facts(tmp_path: Path) -> None:
    model = Model()
    attach(model, tmp_path / "run", quiet=True, facts={"num_classes": 4})
    Trainer(model, tmp_path, epochs=2).train()
    told = json.loads((tmp_path / "run" / "traindx_run.json").read_text())
    wanted = {
        "batch_size": 16, "grad_accum": 4, "num_samples": 128, "num_val_samples": 32, "num_classes": 4, "total_epochs": 2.0,
        "optimizer": "adamw", "lr": 0.02, "schedule": "linear", "image_size": 640, "precision": "fp16", "weight.box": 7.5,
    }  # fmt: skip
    assert {name: told["traindx_facts"].get(name) for name in wanted} == wanted
    assert told["arguments"]["data"] == "coco8.yaml"


def test_an_epoch_of_nan_that_was_done_again_is_found(tmp_path: Path) -> None:
    model = Model()
    attached = attach(model, tmp_path / "run", quiet=True)
    Trainer(model, tmp_path).train(recovered=[12])
    assert traindx.read(tmp_path / "run")[0].series["train/nan_count"].steps.tolist() == [13]
    assert "NAN002" in [finding.code for finding in attached.monitor.report.findings]  # type: ignore[union-attr]
    assert "NAN002" not in [finding.code for finding in report_of(tmp_path / "results.csv").findings]


def test_a_finding_that_stops_ends_the_training(tmp_path: Path) -> None:
    model = Model()
    with traindx.Monitor(tmp_path / "run", stop=["nan"], quiet=True) as monitor:
        attach(model, monitor)
        model.add_callback("on_fit_epoch_end", lambda trainer: monitor.judge())
        trainer = Trainer(model, tmp_path)
        trainer.train(poisoned=range(12, 30))
    assert monitor.should_stop
    assert 13 <= trainer.epoch <= 15


def test_callbacks_can_be_copied_with_the_model_and_taken_away(tmp_path: Path) -> None:
    model = Model()
    attached = attach(model, tmp_path / "run")
    assert copy.deepcopy(model.callbacks) == model.callbacks
    attached.detach()
    assert not any(model.callbacks.values())


@pytest.mark.filterwarnings("default::UserWarning")
def test_what_goes_wrong_is_warned_of_once_and_the_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model()
    attach(model, tmp_path / "run")
    monkeypatch.setattr(traindx.Monitor, "log", _fails)
    trainer = Trainer(model, tmp_path, epochs=3)
    with pytest.warns(UserWarning, match="steps aside") as told:
        trainer.train()
    assert len(told) == 1
    assert trainer.epoch == 3


def _fails(*_: Any, **__: Any) -> None:
    raise OSError("no room left")
