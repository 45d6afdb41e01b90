"""The fastai callback against the recorded calls of a real learner (see ``record_fastai``): fastai itself needs torchvision."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import traindx
from tests.integrations.record_fastai import RECORDING
from traindx.integrations.fastai_hooks import LearnerEvents

CALLS: list[tuple[str, dict[str, Any]]] = json.loads(RECORDING.read_text(encoding="utf-8"))["calls"]
FACTS = {"loss": "cross_entropy", "num_classes": 4}


class Loader:
    """The training loader as it was when it was recorded."""

    batch_size = None  # fastai calls it bs

    def __init__(self, told: dict[str, Any]) -> None:
        self.bs, self.dataset, self._batches = told["bs"], range(told["samples"]), told["batches"]

    def __len__(self) -> int:
        return int(self._batches)


def set_state(learn: SimpleNamespace, event: str, told: dict[str, Any]) -> None:
    learn.training, learn.n_epoch = told["training"], told["n_epoch"]
    if event == "before_fit":
        learn.dls, learn.opt_func = SimpleNamespace(train=Loader(told)), type(told["opt_func"], (), {})
    if event == "before_step":
        parameter = torch.nn.Parameter(torch.zeros(1))
        parameter.grad = torch.tensor([told["norm"]])
        learn.model = SimpleNamespace(parameters=lambda: [parameter])
    if event == "after_batch":
        learn.loss, learn.pct_train = torch.tensor(told["loss"]), told["pct_train"]
        learn.opt = SimpleNamespace(hypers=[{"lr": told["lr"]}])
    if event == "after_epoch":
        learn.recorder = SimpleNamespace(metric_names=told["metric_names"], values=[told["values"]])


def replayed(callback: LearnerEvents, learn: SimpleNamespace | None = None) -> None:
    callback.learn = learn or SimpleNamespace()
    for event, told in CALLS:
        set_state(callback.learn, event, told)
        getattr(callback, event)()


def losses() -> list[float]:
    return [told["loss"] for event, told in CALLS if event == "after_batch" and told["training"]]


def test_each_batch_and_each_epoch_is_recorded_and_no_smoothed_loss(tmp_path: Path) -> None:
    callback = LearnerEvents(tmp_path, watch_every=5, facts=FACTS)
    replayed(callback)
    assert callback.report == traindx.diagnose(tmp_path)
    series = dict(traindx.read(tmp_path)[0].series)
    assert set(series) == {"train/loss", "lr", "epoch", "valid_loss", "accuracy", "watch/grad_norm"}
    np.testing.assert_allclose(series["train/loss"].values, losses(), rtol=1e-6)
    assert list(series["valid_loss"].steps) == [15, 31, 47]
    assert list(series["watch/grad_norm"].steps) == list(range(2, 48, 5))
    facts = {fact.key: fact.value for fact in callback.report.facts} if callback.report else {}
    assert facts | {"batch_size": 16, "total_steps": 48, "num_samples": 256, "optimizer": "adam"} == facts


def test_a_second_fit_goes_on_counting(tmp_path: Path) -> None:
    callback = LearnerEvents(tmp_path, facts=FACTS)
    replayed(callback)
    replayed(callback)
    series = dict(traindx.read(tmp_path)[0].series)
    assert list(series["train/loss"].steps) == list(range(96))
    assert callback.report == traindx.diagnose(tmp_path)
    assert {fact.key: fact.value for fact in callback.report.facts}["total_steps"] == 96


@pytest.mark.parametrize("mark", ["lr_finder", "gather_preds"])
def test_a_search_for_a_rate_and_predictions_are_no_training(tmp_path: Path, mark: str) -> None:
    replayed(LearnerEvents(tmp_path / "run"), SimpleNamespace(**{mark: object()}))
    assert not (tmp_path / "run").exists()


def test_a_finding_cancels_the_fit(tmp_path: Path) -> None:
    class CancelFitError(Exception):
        pass

    class Cancelling(LearnerEvents):
        cancels_fit = CancelFitError

    policy = traindx.StopPolicy(on=("BAS",), confirmations=1, confidence=0.0)
    with traindx.Monitor(tmp_path, facts=FACTS, stop=policy) as monitor:
        for step in range(60):
            monitor.log({"train/loss": 40.0}, step=step)
        monitor.judge()
        with pytest.raises(CancelFitError):
            replayed(Cancelling(monitor))


def fails(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def test_a_monitor_that_fails_is_warned_of_once(tmp_path: Path, monkeypatch: Any) -> None:
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        with monkeypatch.context() as patched:
            patched.setattr(monitor, "log", fails)
            patched.setattr(monitor, "tell", fails)
            with pytest.warns(UserWarning, match="the traindx callback steps aside") as told:
                replayed(LearnerEvents(monitor))
    assert len(told) == 1
