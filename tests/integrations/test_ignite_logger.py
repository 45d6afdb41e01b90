"""Engines of Ignite whose outputs and metrics go to our logger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch._dynamo  # an optimiser would import it in the first test
from ignite.engine import Engine, Events, create_supervised_evaluator, create_supervised_trainer
from ignite.metrics import Accuracy, Loss
from torch import nn

import traindx
from tests.integrations.small_training import loader, network, same_weights
from traindx.integrations.ignite_logger import TraindxLogger

FACTS = {"loss": "cross_entropy", "num_classes": 4}


def trained(logger: TraindxLogger | None, *, epochs: int = 2, fail_at: int = -1) -> tuple[nn.Module, Engine]:
    """Train with an evaluation after each epoch, everything attached as people attach it."""
    model, loss = network(), nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    trainer = create_supervised_trainer(model, optimizer, loss, output_transform=lambda x, y, out, loss: loss.detach())
    evaluator = create_supervised_evaluator(model, metrics={"accuracy": Accuracy(), "loss": Loss(loss)})
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run(loader(64)))
    if logger is not None:
        logger.follow(trainer, model=model, optimizer=optimizer, watch_every=4)
        logger.attach_output_handler(
            trainer, event_name=Events.ITERATION_COMPLETED, tag="train", output_transform=lambda loss: {"loss": loss}
        )
        logger.attach_output_handler(evaluator, event_name=Events.COMPLETED, tag="val", metric_names="all")
        logger.attach_opt_params_handler(trainer, event_name=Events.ITERATION_COMPLETED(every=8), optimizer=optimizer)

    @trainer.on(Events.ITERATION_COMPLETED(once=fail_at) if fail_at > 0 else Events.COMPLETED)
    def fails() -> None:
        if fail_at > 0:
            raise RuntimeError("planted")

    trainer.run(loader(), max_epochs=epochs)
    return model, trainer


def test_engines_are_recorded_on_one_axis_and_no_bit_changes(tmp_path: Path) -> None:
    with TraindxLogger(tmp_path, facts=FACTS) as logger:
        recorded, _ = trained(logger)
    assert logger.report == traindx.diagnose(tmp_path)
    series = dict(traindx.read(tmp_path)[0].series)
    assert list(series["train/loss"].steps) == list(range(1, 33))
    assert list(series["val/accuracy"].steps) == list(series["val/loss"].steps) == [16, 32]
    assert list(series["lr"].steps) == list(range(8, 33, 8))
    assert list(series["watch/grad_norm"].steps) == list(range(3, 33, 4))
    facts = {fact.key: fact.value for fact in logger.report.facts} if logger.report else {}
    assert facts | {"total_steps": 32, "total_epochs": 2.0, "steps_per_epoch": 16, "optimizer": "adamw"} == facts
    assert same_weights(trained(None)[0], recorded)


def test_a_finding_terminates_the_trainer(tmp_path: Path) -> None:
    policy = traindx.StopPolicy(on=("BAS",), confirmations=1, confidence=0.0)
    with traindx.Monitor(tmp_path, facts=FACTS, stop=policy) as monitor:
        for step in range(60):
            monitor.log({"train/loss": 40.0}, step=step)
        monitor.judge()
        _, trainer = trained(TraindxLogger(monitor))
    assert trainer.state.iteration == 1


def test_the_report_stands_where_the_training_raises(tmp_path: Path) -> None:
    logger = TraindxLogger(tmp_path, facts=FACTS)
    with pytest.raises(RuntimeError, match="planted"), logger:
        trained(logger, fail_at=20)
    assert logger.report == traindx.diagnose(tmp_path)
    assert len(traindx.read(tmp_path)[0].series["train/loss"]) == 20


def test_vectors_and_groups_have_a_name_for_each_entry(tmp_path: Path) -> None:
    engine = Engine(lambda engine, batch: {"per_class": torch.tensor([0.25, 0.75]), "nested": {"loss": 2.0}})
    optimizer: Any = torch.optim.SGD([{"params": [torch.zeros(1)]}, {"params": [torch.ones(1)], "lr": 0.5}], lr=0.1)
    with TraindxLogger(tmp_path) as logger:
        logger.attach_output_handler(
            engine, event_name=Events.ITERATION_COMPLETED, tag="train", output_transform=lambda output: output
        )
        logger.attach_opt_params_handler(engine, event_name=Events.ITERATION_COMPLETED, optimizer=optimizer)
        engine.run([0, 1], max_epochs=1)
    last = {name: float(series.values[-1]) for name, series in traindx.read(tmp_path)[0].series.items()}
    assert last == pytest.approx(
        {
            "train/per_class/0": 0.25,
            "train/per_class/1": 0.75,
            "train/nested/loss": 2.0,
            "lr/group_0": 0.1,
            "lr/group_1": 0.5,
        }
    )


def fails(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")


def test_a_monitor_that_fails_is_warned_of_once(tmp_path: Path, monkeypatch: Any) -> None:
    with traindx.Monitor(tmp_path) as monitor:
        monitor.log(loss=1.0)
        with monkeypatch.context() as patched:
            patched.setattr(monitor, "log", fails)
            with pytest.warns(UserWarning, match="the traindx logger steps aside") as told:
                recorded, _ = trained(TraindxLogger(monitor))
    assert len(told) == 1
    assert same_weights(trained(None)[0], recorded)
