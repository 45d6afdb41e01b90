"""What is logged to W&B, MLflow and TensorBoard is judged too, findings go back there, and the loggers behave as before."""

from __future__ import annotations

import logging
import math
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.tensorboard import SummaryWriter

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import mlflow
    import tensorboardX
    import wandb
    from mlflow import MlflowClient

import traindx
from traindx.errors import UsageError
from traindx.integrations.mlflow_tags import tag_mlflow
from traindx.integrations.tee_mlflow import tee_mlflow
from traindx.integrations.tee_tensorboard import tee_tensorboard
from traindx.integrations.tee_wandb import tee_wandb
from traindx.integrations.tensorboard_text import write_tensorboard
from traindx.integrations.wandb_alerts import alert_wandb

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
torch.set_num_threads(1)  # forty weights: threads that wait for each other cost more than the sums
QUIET: dict[str, Any] = {"quiet": True}


def points(path: Path, name: str) -> np.ndarray[Any, Any]:
    """Steps and values of a series, (points, 2)."""
    series = traindx.read(path)[0].series[name]
    return np.stack([series.steps, series.values], axis=1)


def same(one: Any, other: Any) -> None:
    """Both hold the same points, NaN among them, as far as the digits of float32 go."""
    np.testing.assert_allclose(one, other, rtol=1e-6)


def learnt(seed: int = 0) -> list[tuple[float, float]]:
    """Loss and gradient norm of a real training: sixty steps of logistic regression, NaN from the fortieth on."""
    torch.manual_seed(seed)
    model = torch.nn.Linear(8, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    inputs = torch.randn(64, 8)
    labels = inputs[:, :4].argmax(1)
    told: list[tuple[float, float]] = []
    for step in range(60):
        loss = torch.nn.functional.cross_entropy(model(inputs), labels) * (float("nan") if step == 40 else 1.0)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1e9)
        optimizer.step()
        told.append((loss.item(), norm.item()))
    return told


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("WANDB_SILENT", "true")
    made = wandb.init(mode="offline", dir=tmp_path, project="p", config={"batch_size": 64, "lr": 0.5})
    yield made
    wandb.finish()


def written(folder: Path, name: str, last: float) -> np.ndarray[Any, Any]:
    """The points of a finished run's own file, which W&B's service may still be writing when ``finish`` returns."""
    for _ in range(200):
        with suppress(traindx.UnreadableLogError):
            series = traindx.read(folder)[0].series
            if name in series and series[name].steps[-1] == last:
                break
        time.sleep(0.05)
    return points(folder, name)


@pytest.mark.slow  # the first run starts the service of W&B
def test_rows_of_wandb_are_judged_as_its_own_file_is(run: Any, tmp_path: Path) -> None:
    original = wandb.log
    with tee_wandb(tmp_path / "run", **QUIET) as tee:
        for step, (loss, norm) in enumerate(learnt()):
            assert wandb.log({"loss": loss, "note": "text", "seen": True}, commit=False) is None
            run.log({"grad": {"norm": norm}, "image": [1, 2]}, **({} if step % 2 else {"commit": True}))
    assert wandb.log == original
    assert "log" not in vars(run)
    wandb.log({"loss": 1.0})  # after the tee: to W&B alone
    report, folder = tee.monitor.report, Path(run.dir).parent
    wandb.finish()
    assert report is not None
    assert "NAN001" in [finding.code for finding in report.findings]
    assert report == traindx.diagnose(tmp_path / "run")
    assert {fact.key: fact.value for fact in report.facts}["batch_size"] == 64
    same(points(tmp_path / "run", "loss"), written(folder, "loss", 60)[:-1])
    assert traindx.read(tmp_path / "run")[0].series["grad.norm"].steps.tolist() == list(range(60))


def test_steps_that_are_given_to_wandb_keep_its_rules(run: Any, tmp_path: Path) -> None:
    with tee_wandb(tmp_path / "run", run, **QUIET):
        run.log({"loss": 1.0}, step=10)
        run.log({"lr": 0.5}, step=10)
        run.log({"loss": 0.9}, step=20)
        run.log({"loss": 7.0}, step=15)  # over: W&B drops it
        run.log({"loss": 0.8}, step=20)  # the row of step 20 again: the last value counts
        run.log({"loss": 0.7}, step=30, commit=True)
        run.log({"loss": 0.6})
        with pytest.raises(TypeError, match="dictionary"):
            run.log(3.0)
    folder = Path(run.dir).parent
    wandb.finish()
    same(points(tmp_path / "run", "loss"), [(10, 1.0), (20, 0.8), (30, 0.7), (31, 0.6)])
    same(points(tmp_path / "run", "loss"), written(folder, "loss", 31))
    same(points(tmp_path / "run", "lr"), [(10, 0.5)])


def test_findings_become_alerts(run: Any, tmp_path: Path) -> None:
    sent: list[dict[str, Any]] = []
    published = run._interface.publish_alert
    run._interface.publish_alert = lambda *given: (
        sent.append(dict(zip(("title", "text", "level"), given, strict=False))),
        published(*given),
    )
    with traindx.Monitor(tmp_path / "run", on_change=alert_wandb, quiet=True) as monitor:
        for step, (loss, _) in enumerate(learnt()):
            monitor.log({"x" * 200 + "\x1b[31m/loss": loss}, step=step)
    alert = next(one for one in sent if "NAN001" in one["title"])
    assert alert["level"] == "ERROR"
    assert len(alert["title"]) < 64
    assert "\x1b" not in alert["title"] + alert["text"]
    assert max(map(len, alert["text"].splitlines())) <= 300


def test_without_an_active_run_there_is_nothing_to_tee(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run of Weights & Biases is active"):
        tee_wandb(tmp_path / "run")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # the slim package has no database
    before = mlflow.get_tracking_uri()
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(f"file:{tmp_path / 'mlruns'}")
    with mlflow.start_run() as active:
        yield active.info.run_id
    mlflow.set_tracking_uri(before)


def test_metrics_of_mlflow_are_judged_whichever_function_logs_them(store: str, tmp_path: Path) -> None:
    originals = (vars(MlflowClient)["log_metric"], vars(MlflowClient)["log_batch"])
    client = MlflowClient()
    with tee_mlflow(tmp_path / "run", **QUIET) as tee:
        other = client.create_run("0").info.run_id
        for step, (loss, norm) in enumerate(learnt()):
            if step % 3 == 0:
                mlflow.log_metric("loss", loss, step=step)
            elif step % 3 == 1:
                mlflow.log_metrics({"loss": loss, "grad_norm": norm}, step)
            else:
                client.log_metric(store, "loss", value=loss, step=step)
            if step < 3:
                client.log_metric(other, "loss", 99.0, step=step)  # another run
                mlflow.log_metric("val_loss", loss)  # without a step
        with pytest.raises(mlflow.MlflowException):
            mlflow.log_metric("loss", "no number", step=60)  # type: ignore[arg-type]
    assert (vars(MlflowClient)["log_metric"], vars(MlflowClient)["log_batch"]) == originals
    same(points(tmp_path / "run", "loss"), [(step, loss) for step, (loss, _) in enumerate(learnt())])
    same(points(tmp_path / "run", "val_loss")[:, 0], [0, 1, 2])
    same(points(tmp_path / "run", "grad_norm")[:, 0], range(1, 60, 3))
    tag_mlflow(tee.monitor.report)
    tags = client.get_run(store).data.tags
    assert tags["traindx.verdict"] == "failing"
    assert "NAN001" in tags["traindx.findings"].split(",")
    assert len(client.get_metric_history(store, "loss")) == 60


@pytest.mark.parametrize("make", [SummaryWriter, tensorboardX.SummaryWriter], ids=["torch", "tensorboardX"])
def test_scalars_of_tensorboard_are_judged_as_its_own_file_is(make: Any, tmp_path: Path) -> None:
    writer = make(str(tmp_path / "tb"))
    with tee_tensorboard(tmp_path / "run", writer, quiet=True) as tee:
        for step, (loss, norm) in enumerate(learnt()):
            writer.add_scalar("train/loss", torch.tensor(loss), global_step=step)
            writer.add_scalar("grad_norm", norm, step)
            if step < 3:
                writer.add_scalars("both", {"one": loss, "two": norm}, step)
                writer.add_scalar("unstepped", loss)
    assert "add_scalar" not in vars(writer)
    report = tee.monitor.report
    for change in (traindx.Change("appeared", finding, 40) for finding in report.findings):  # type: ignore[union-attr]
        write_tensorboard(writer, change)
    writer.close()
    assert report == traindx.diagnose(tmp_path / "run")
    same(points(tmp_path / "run", "train/loss"), points(tmp_path / "tb", "train/loss"))
    same(points(tmp_path / "run", "both/one"), [(step, loss) for step, (loss, _) in enumerate(learnt()[:3])])
    same(points(tmp_path / "run", "unstepped")[:, 0], [0, 1, 2])
    assert b"traindx/NAN001/text_summary" in b"".join(file.read_bytes() for file in (tmp_path / "tb").glob("events*"))


def test_one_directory_for_both_is_refused(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer, pytest.raises(UsageError, match="both write to"):
        tee_tensorboard(tmp_path, writer)


def test_threads_may_log_at_once(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path / "tb")) as writer, tee_tensorboard(tmp_path / "run", writer, quiet=True):
        threads = [
            threading.Thread(target=lambda name=name: [writer.add_scalar(name, step, step) for step in range(200)])
            for name in ("a/loss", "b/loss", "c/loss", "d/loss")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name in ("a/loss", "b/loss", "c/loss", "d/loss"):
        same(points(tmp_path / "run", name), [(step, step) for step in range(200)])


def test_a_writer_that_somebody_wrapped_after_the_tee_is_left_to_him(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path / "tb")) as writer:
        tee = tee_tensorboard(tmp_path / "run", writer, quiet=True)
        inner = writer.add_scalar
        writer.add_scalar = outer = lambda *given: inner(*given)  # type: ignore[method-assign]  # noqa: PLW0108
        tee.close()
        assert writer.add_scalar is outer
        writer.add_scalar("loss", 1.0, 0)
    same(points(tmp_path / "tb", "loss"), [(0, 1.0)])


@pytest.mark.filterwarnings("default::UserWarning")
def test_what_goes_wrong_is_warned_of_once_and_the_logging_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OSError("no room left")

    with SummaryWriter(str(tmp_path / "tb")) as writer, tee_tensorboard(tmp_path / "run", writer, quiet=True):
        monkeypatch.setattr(traindx.Monitor, "log", fails)
        with pytest.warns(UserWarning, match="steps aside"):
            writer.add_scalar("loss", 1.0, 0)
        with warnings.catch_warnings(record=True) as more:
            for step in range(1, 5):
                writer.add_scalar("loss", 1.0 / (step + 1), step)
    assert not more
    assert len(points(tmp_path / "tb", "loss")) == 5


def test_the_signature_and_the_errors_of_the_original_are_kept(tmp_path: Path) -> None:
    import inspect

    with SummaryWriter(str(tmp_path / "tb")) as writer:
        before = inspect.signature(writer.add_scalar)
        with tee_tensorboard(tmp_path / "run", writer, quiet=True):
            assert inspect.signature(writer.add_scalar) == before
            with pytest.raises(TypeError):
                writer.add_scalar()  # type: ignore[call-arg]
            writer.add_scalar("loss", math.pi, 3)
    same(points(tmp_path / "run", "loss"), [(3, math.pi)])


def test_findings_can_be_written_while_the_training_goes_on(tmp_path: Path) -> None:
    writer = SummaryWriter(str(tmp_path / "tb"))
    with traindx.Monitor(tmp_path / "run", on_change=partial(write_tensorboard, writer), quiet=True) as monitor:
        for step, (loss, _) in enumerate(learnt()):
            monitor.log(loss=loss, step=step)
    writer.close()
    assert b"traindx/NAN001/text_summary" in b"".join(file.read_bytes() for file in (tmp_path / "tb").glob("events*"))
