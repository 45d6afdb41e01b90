"""A loop of accelerate whose values go to our tracker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch._dynamo  # an optimiser would import it in the first test
from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState, PartialState
from torch.nn.functional import cross_entropy

import traindx
from tests.integrations.small_training import loader, network, same_weights
from traindx.integrations.accelerate_tracker import TraindxTracker

FACTS = {"loss": "cross_entropy", "num_classes": 4}


@pytest.fixture(autouse=True)
def fresh_state() -> Iterator[None]:
    """What accelerate keeps between its objects, forgotten."""
    yield
    for state in (AcceleratorState, PartialState, GradientState):
        state._reset_state()


def trained(tracker: TraindxTracker | None, *, epochs: int = 2, watch: bool = False) -> Any:
    """Train with two batches to an update; return the model."""
    given: dict[str, Any] = {"log_with": [tracker]} if tracker else {}
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2, **given)
    model = network()
    bare = torch.optim.AdamW(model.parameters(), lr=1e-2)
    model, optimizer, data = accelerator.prepare(model, bare, loader())
    accelerator.init_trackers("any", config={"batch_size": 16, "lr": 1e-2, "name": "small", "left_out": [1, 2]})
    if tracker and watch:
        tracker.tracker.watch(model, optimizer, every=4)
    step = 0
    for _ in range(epochs):
        for x, y in data:
            with accelerator.accumulate(model):
                loss = cross_entropy(model(x), y)
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()
            if accelerator.sync_gradients:
                accelerator.log({"loss": loss.detach(), "text": "left out"}, step=step)
                step += 1
            if tracker and tracker.should_stop:
                accelerator.end_training()
                return model
    accelerator.end_training()
    return model


def test_what_is_logged_is_recorded_and_no_bit_changes(tmp_path: Path) -> None:
    tracker = TraindxTracker(tmp_path, facts=FACTS)
    recorded = trained(tracker, watch=True)
    assert tracker.report == traindx.diagnose(tmp_path)
    series = dict(traindx.read(tmp_path)[0].series)
    assert len(series["loss"]) == 16
    assert list(series["watch/grad_norm"].steps) == [2, 6, 10, 14]  # updates, not batches
    assert "text" not in series
    facts = {fact.key: fact.value for fact in tracker.report.facts} if tracker.report else {}
    assert facts | {"batch_size": 16, "lr": 0.01, "grad_accum": 2, "world_size": 1} == facts
    for state in (AcceleratorState, PartialState, GradientState):
        state._reset_state()
    assert same_weights(trained(None), recorded)


def test_the_loop_is_told_to_stop(tmp_path: Path) -> None:
    policy = traindx.StopPolicy(on=("BAS",), confirmations=1, confidence=0.0)
    with traindx.Monitor(tmp_path, facts=FACTS, stop=policy) as monitor:
        for step in range(60):
            monitor.log({"loss": 40.0}, step=step)
        monitor.judge()
        trained(TraindxTracker(monitor))
        monitor.log({"after": 1.0})  # what was handed in is not closed
    assert len(traindx.read(tmp_path)[0].series["loss"]) < 60 + 16


def fails(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def test_a_monitor_that_fails_is_warned_of_once(tmp_path: Path, monkeypatch: Any) -> None:
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        with monkeypatch.context() as patched:
            patched.setattr(monitor, "log", fails)
            with pytest.warns(UserWarning, match="the traindx tracker steps aside") as told:
                recorded = trained(TraindxTracker(monitor))
    assert len(told) == 1
    for state in (AcceleratorState, PartialState, GradientState):
        state._reset_state()
    assert same_weights(trained(None), recorded)
