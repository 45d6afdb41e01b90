"""A Lightning training that is recorded by the callback, by the logger, and by asking for it in the environment."""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
import torch._dynamo  # an optimiser would import it in the first test
from torch.nn.functional import cross_entropy

with warnings.catch_warnings():  # Lightning's own imports warn of other libraries
    warnings.simplefilter("ignore")
    import lightning.pytorch
    import pytorch_lightning

import traindx
from tests.integrations.small_training import loader, network, same_weights
from traindx.integrations import lightning_monitor, pytorch_lightning_monitor
from traindx.integrations.lightning_monitor import TraindxCallback, TraindxLogger

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:The '.*dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::lightning.fabric.utilities.rank_zero.LightningDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::lightning_fabric.utilities.rank_zero.LightningDeprecationWarning"),
]
FACTS = {"loss": "cross_entropy", "num_classes": 4}


def module_for(home: Any, *, fail_at: int = -1, scale: float = 1.0) -> Any:
    """A classifier for Lightning under either of its names; ``scale`` multiplies its loss."""

    class Classifier(home.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self, width: int = 32) -> None:
            super().__init__()
            self.save_hyperparameters()
            self.net = network()

        def training_step(self, batch: Any, index: int) -> Any:
            if self.global_step == fail_at:
                raise RuntimeError("planted")
            loss = scale * cross_entropy(self.net(batch[0]), batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val_loss", cross_entropy(self.net(batch[0]), batch[1]))

        def configure_optimizers(self) -> Any:
            return torch.optim.AdamW(self.parameters(), lr=1e-2)

    return Classifier()


def fitted(folder: Path, callbacks: Any = (), *, home: Any = None, module: Any = None, **options: Any) -> Any:
    """Fit 2 epochs of 16 batches; return the trainer."""
    home = home or lightning.pytorch
    resumed = options.pop("ckpt_path", None)
    given: dict[str, Any] = {
        "max_epochs": 2,
        "logger": False,
        "enable_checkpointing": False,
        "gradient_clip_val": 1.0,
        "log_every_n_steps": 4,
    }
    trainer = home.Trainer(
        callbacks=list(callbacks),
        enable_progress_bar=False,
        enable_model_summary=False,
        accelerator="cpu",
        default_root_dir=folder,
        **(given | options),
    )
    trainer.fit(module or module_for(home), loader(), loader(64), ckpt_path=resumed)
    return trainer


def series_of(path: Path) -> dict[str, traindx.Series]:
    return dict(traindx.read(path)[0].series)


def facts_of(report: traindx.Report) -> dict[str, Any]:
    return {fact.key: fact.value for fact in report.facts}


@pytest.mark.parametrize("home", [lightning.pytorch, pytorch_lightning], ids=["lightning", "pytorch_lightning"])
def test_the_callback_records_a_fit_and_changes_no_bit_of_it(tmp_path: Path, home: Any) -> None:
    ours = lightning_monitor if home is lightning.pytorch else pytorch_lightning_monitor
    callback = ours.TraindxCallback(tmp_path / "run", watch_every=4, facts=FACTS)
    plain, recorded = module_for(home), module_for(home)
    fitted(tmp_path, home=home, module=plain)
    fitted(tmp_path, [callback], home=home, module=recorded)
    assert same_weights(plain, recorded)
    assert callback.report is not None
    assert callback.report == traindx.diagnose(tmp_path / "run")
    assert not [one for one in callback.report.findings if one.severity is traindx.Severity.ERROR]
    series = series_of(tmp_path / "run")
    assert list(series["train/step_loss"].steps) == list(range(1, 33))
    assert list(series["val_loss"].steps) == [16, 32]  # and none of the sanity check
    assert list(series["train_loss_epoch"].steps) == [16, 32]
    assert list(series["train_loss_step"].steps) == list(range(4, 33, 4))
    assert list(series["watch/grad_norm"].steps) == list(range(3, 33, 4))
    assert series["train/step_loss"].values[:16].mean() == pytest.approx(series["train_loss_epoch"].values[0], rel=1e-5)
    facts = facts_of(callback.report)
    assert (
        facts
        | {
            "batch_size": 16,
            "total_steps": 32,
            "total_epochs": 2.0,
            "clip_norm": 1.0,
            "optimizer": "adamw",
            "precision": "fp32",
            "world_size": 1,
            "grad_accum": 1,
            "num_samples": 256,
        }
        == facts
    )
    assert json.loads((tmp_path / "run" / "traindx_run.json").read_text(encoding="utf-8"))["width"] == 32


def test_with_accumulated_batches_a_step_is_one_update_and_its_loss_the_mean(tmp_path: Path) -> None:
    callback = TraindxCallback(tmp_path / "run", watch_every=2, facts=FACTS)
    trainer = fitted(tmp_path, [callback], accumulate_grad_batches=4, gradient_clip_val=None)
    series = series_of(tmp_path / "run")
    assert trainer.global_step == 8
    assert list(series["train/step_loss"].steps) == list(range(1, 9))
    assert series["train/step_loss"].values[:4].mean() == pytest.approx(series["train_loss_epoch"].values[0], rel=1e-5)
    assert callback.report is not None
    assert facts_of(callback.report)["grad_accum"] == 4


def test_a_finding_stops_the_trainer(tmp_path: Path) -> None:
    policy = traindx.StopPolicy(on=("BAS",), confirmations=1, confidence=0.0)
    with traindx.Monitor(tmp_path / "run", facts=FACTS, stop=policy) as monitor:
        for step in range(60):  # far above a uniform guess over 4 classes, and judged to be so
            monitor.log({"train/step_loss": 40.0}, step=step)
        monitor.judge()
        assert monitor.should_stop
        trainer = fitted(tmp_path, [TraindxCallback(monitor)])
    assert trainer.global_step < 32


def test_a_training_that_raises_leaves_a_report(tmp_path: Path) -> None:
    callback = TraindxCallback(tmp_path / "run", facts=FACTS)
    with pytest.raises(RuntimeError, match="planted"):
        fitted(tmp_path, [callback], module=module_for(lightning.pytorch, fail_at=20))
    assert callback.report == traindx.diagnose(tmp_path / "run")
    assert list(series_of(tmp_path / "run")["train/step_loss"].steps) == list(range(1, 21))


def test_a_resumed_training_goes_on_in_the_directory_of_the_first(tmp_path: Path) -> None:
    first = fitted(tmp_path, [TraindxCallback()], max_epochs=1)
    first.save_checkpoint(tmp_path / "last.ckpt")
    second = TraindxCallback()
    fitted(tmp_path, [second], ckpt_path=tmp_path / "last.ckpt")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["traindx"]
    assert second.report is not None
    assert second.report.last_step == 32
    assert list(series_of(tmp_path / "traindx")["train/step_loss"].steps) == list(range(1, 33))


def test_runs_without_a_directory_do_not_share_one(tmp_path: Path) -> None:
    for _ in range(2):
        fitted(tmp_path, [TraindxCallback()], max_epochs=1)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["traindx", "traindx_1"]


def test_a_failing_monitor_is_warned_of_once_and_the_fit_is_the_same(tmp_path: Path, monkeypatch: Any) -> None:
    plain, recorded = module_for(lightning.pytorch), module_for(lightning.pytorch)
    fitted(tmp_path, module=plain, max_epochs=1)
    monitor = traindx.Monitor(tmp_path / "run")
    log = monitor.log

    def fails(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(monitor, "log", fails)
    with pytest.warns(UserWarning, match="steps aside") as told:
        fitted(tmp_path, [TraindxCallback(monitor)], module=recorded, max_epochs=1)
    monkeypatch.setattr(monitor, "log", log)
    assert len([one for one in told if "steps aside" in str(one.message)]) == 1
    assert same_weights(plain, recorded)
    monitor.log(loss=1.0)
    monitor.close()


def test_a_directory_that_cannot_be_made_ends_no_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        trainer = fitted(tmp_path, [TraindxCallback(tmp_path / "file" / "run")], max_epochs=1)
    assert trainer.global_step == 16
    assert [one for one in told if "cannot write" in str(one.message)]


def test_the_logger_takes_the_place_of_any_other(tmp_path: Path) -> None:
    logger = TraindxLogger(tmp_path / "run", facts=FACTS)
    fitted(tmp_path, logger=logger)
    assert logger.report is not None
    assert logger.report == traindx.diagnose(tmp_path / "run")
    series = series_of(tmp_path / "run")
    assert {name: len(one) for name, one in series.items()} == {
        "train_loss_step": 8,
        "train_loss_epoch": 2,
        "val_loss": 2,
        "epoch": 8,
    }
    assert json.loads((tmp_path / "run" / "traindx_run.json").read_text(encoding="utf-8"))["width"] == 32


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: Any) -> None:
    """The entry points of this project, as an installation of it has them."""
    project = Path(__file__).parents[2] / "pyproject.toml"
    tables = importlib.import_module("tomllib").loads(project.read_text(encoding="utf-8"))["project"]["entry-points"]
    folder = tmp_path / "site" / "traindx-0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: traindx\nVersion: 0\n", encoding="utf-8")
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in table.items()) for group, table in tables.items()]
    (folder / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])  # before an installation of this project
    importlib.invalidate_caches()


def ours(trainer: Any) -> list[str]:
    return [type(one).__name__ for one in trainer.callbacks if type(one).__module__.startswith("traindx.")]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("home", [lightning.pytorch, pytorch_lightning], ids=["lightning", "pytorch_lightning"])
def test_the_environment_alone_has_a_training_recorded(tmp_path: Path, monkeypatch: Any, home: Any) -> None:
    monkeypatch.setenv("TRAINDX_DIR", str(tmp_path / "run"))
    trainer = fitted(tmp_path, home=home, max_epochs=1)
    assert ours(trainer) == ["TraindxCallback"]
    assert list(series_of(tmp_path / "run")["val_loss"].steps) == [16]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("asked", [{}, {"TRAINDX": "0"}, {"TRAINDX": ""}, {"TRAINDX": "0", "TRAINDX_DIR": "x"}])
def test_nothing_is_recorded_unless_asked_for(tmp_path: Path, monkeypatch: Any, asked: dict[str, str]) -> None:
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    assert ours(lightning.pytorch.Trainer(logger=False, accelerator="cpu", default_root_dir=tmp_path)) == []
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.usefixtures("installed")
def test_the_environment_and_a_callback_of_ones_own_go_together(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("TRAINDX", "1")
    fitted(tmp_path, [TraindxCallback(tmp_path / "mine"), TraindxCallback()], max_epochs=1)
    for place in ("mine", "traindx", "traindx_1"):
        assert list(series_of(tmp_path / place)["val_loss"].steps) == [16]
