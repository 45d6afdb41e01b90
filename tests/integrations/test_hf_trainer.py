"""The callback in real short trainings with the Trainer of transformers."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import transformers
    from transformers import Trainer, TrainerCallback, TrainingArguments

import traindx
from tests.integrations.tiny_language import Rows, outcome, tiny_model
from traindx.integrations.hf_trainer import TraindxCallback

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]


class JudgeEvery(TrainerCallback):
    """Judges at a given interval, and keeps the codes that were found at each step."""

    def __init__(self, callback: TraindxCallback, steps: int = 10) -> None:
        self.callback, self.steps = callback, steps
        self.found: dict[int, list[str]] = {}

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step % self.steps == 0 and self.callback.monitor is not None:
            self.found[state.global_step] = [finding.code for finding in self.callback.monitor.judge().findings]


class Adds(torch.nn.Module):
    """Adds NaN to the loss from one call on, for so many calls; the gradient stays as it is where ``spare`` says so."""

    def __init__(
        self, model: Any, *, first: int, calls: int = 1, spare: bool = False, evaluation: bool = False
    ) -> None:
        super().__init__()
        self.calls, self.range, self.spare = 0, range(first, first + calls), spare
        self.evaluation = evaluation
        model.register_forward_hook(self.spoil)

    def spoil(self, module: Any, inputs: Any, outputs: Any) -> None:
        if torch.is_grad_enabled() == self.evaluation:
            return
        self.calls += 1
        if self.calls in self.range:
            outputs.loss = outputs.loss + float("nan") if self.spare else outputs.loss * float("nan")


def trained(folder: Path, *callbacks: Any, model: Any = None, resume: bool = False, **options: Any) -> Any:
    transformers.logging.set_verbosity_error()
    arguments = {"max_steps": 40, "logging_steps": 5, "save_strategy": "no", "learning_rate": 1e-2} | options
    model = tiny_model() if model is None else model
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(folder),
            per_device_train_batch_size=4,
            report_to=[],
            use_cpu=True,
            disable_tqdm=True,
            dataloader_pin_memory=False,
            **arguments,
        ),
        train_dataset=Rows(),
        eval_dataset=Rows(16),
        callbacks=list(callbacks),
    )
    trainer.train(resume_from_checkpoint=resume)
    return trainer


def codes(report: Any) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, TraindxCallback]:
    folder = tmp_path_factory.mktemp("healthy")
    callback = TraindxCallback(folder / "run")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = trained(folder / "out", callback, eval_strategy="steps", eval_steps=20)
    return folder, trainer, callback


def test_a_live_report_is_that_of_the_recorded_log(healthy: tuple[Path, Any, TraindxCallback]) -> None:
    folder, trainer, callback = healthy
    assert callback.monitor is not None
    assert callback.monitor.report == traindx.diagnose(folder / "run")
    run = traindx.read(folder / "run")[0]
    logged = [row for row in trainer.state.log_history if "loss" in row]
    assert run.series["loss"].values.tolist() == pytest.approx([row["loss"] for row in logged])
    assert run.series["loss"].steps.tolist() == [row["step"] for row in logged]
    assert run.series["eval_loss"].steps.tolist() == [20, 40]
    assert "nan_count" not in run.series


def test_a_training_is_the_same_to_the_last_bit_with_and_without(
    healthy: tuple[Path, Any, TraindxCallback], tmp_path: Path
) -> None:
    assert outcome(healthy[1]) == outcome(trained(tmp_path, eval_strategy="steps", eval_steps=20))


def test_what_the_arguments_and_the_model_tell_is_known(healthy: tuple[Path, Any, TraindxCallback]) -> None:
    told = json.loads((healthy[0] / "run" / "traindx_run.json").read_text())["traindx_facts"]
    facts = {fact.key: fact.value for fact in traindx.diagnose(healthy[0] / "run").facts}
    wanted = {
        "batch_size": 4, "grad_accum": 1, "batch_size_global": 4, "world_size": 1, "total_steps": 40, "num_samples": 64,
        "num_val_samples": 16, "vocab_size": 32, "loss": "cross_entropy", "lr": 0.01, "schedule": "linear", "warmup_steps": 0,
        "optimizer": "adamw", "clip_norm": 1.0, "seed": 42, "precision": "fp32", "log_every": 5, "eval_every": 20,
    }  # fmt: skip
    assert {name: told.get(name) for name in wanted} == wanted
    assert "pretrained" not in told
    assert facts["optimizer"] == "adamw"
    assert facts["vocab_size"] == 32


def test_nan_that_the_trainer_hides_is_found_live_and_in_its_own_file_alike(tmp_path: Path) -> None:
    model = tiny_model()
    Adds(model, first=12)
    callback = TraindxCallback(tmp_path / "run")
    judge = JudgeEvery(callback)
    trainer = trained(tmp_path / "out", callback, judge, model=model)
    trainer.state.save_to_json(str(tmp_path / "trainer_state.json"))
    assert [row["loss"] for row in trainer.state.log_history if row["step"] in (20, 25, 30) and "loss" in row] == [
        0.0
    ] * 3
    assert "NAN002" not in judge.found[10]
    assert "NAN002" in judge.found[20]
    finished, live = traindx.diagnose(tmp_path / "trainer_state.json"), callback.monitor.report  # type: ignore[union-attr]
    assert live == traindx.diagnose(tmp_path / "run")
    assert [f.headline for f in live.findings if f.code == "NAN002"] == [
        f.headline for f in finished.findings if f.code == "NAN002"
    ]
    assert live.verdict.state == finished.verdict.state == "failing"


def test_nan_that_leaves_no_trace_in_the_log_is_counted(tmp_path: Path) -> None:
    model = tiny_model()
    Adds(model, first=12, calls=2, spare=True)
    callback = TraindxCallback(tmp_path / "run")
    trainer = trained(tmp_path / "out", callback, model=model)
    assert all(torch.isfinite(torch.tensor(row.get("loss", 0.0))) for row in trainer.state.log_history)
    run = traindx.read(tmp_path / "run")[0]
    assert run.series["nan_count"].steps.tolist() == [15]
    assert run.series["nan_count"].values.tolist() == [2]
    assert "NAN002" in codes(callback.monitor.report)  # type: ignore[union-attr]


def test_an_evaluation_that_averages_finite_losses_only_is_found_out(tmp_path: Path) -> None:
    model = tiny_model()
    Adds(model, first=1, calls=1, evaluation=True)
    callback = TraindxCallback(tmp_path / "run")
    trainer = trained(tmp_path / "out", callback, model=model, eval_strategy="steps", eval_steps=20)
    assert all(torch.isfinite(torch.tensor(row.get("eval_loss", 0.0))) for row in trainer.state.log_history)
    assert traindx.read(tmp_path / "run")[0].series["eval_nan_count"].steps.tolist() == [20]
    found = [finding for finding in callback.monitor.report.findings if finding.code == "NAN002"]  # type: ignore[union-attr]
    assert found[0].headline.startswith("eval_loss is printed as a number at 1 of 2 points")


def test_without_the_filter_the_log_itself_is_true(tmp_path: Path) -> None:
    model = tiny_model()
    Adds(model, first=12)
    callback = TraindxCallback(tmp_path / "run", nan_filter=False)
    trained(tmp_path / "out", callback, model=model)
    assert "NAN001" in codes(callback.monitor.report)  # type: ignore[union-attr]


def test_a_finding_that_stops_ends_the_training(tmp_path: Path) -> None:
    model = tiny_model()
    Adds(model, first=12)
    callback = TraindxCallback(tmp_path / "run", stop=traindx.StopPolicy(on=("NAN002",), confirmations=1))
    trainer = trained(tmp_path / "out", callback, JudgeEvery(callback, 5), model=model)
    assert trainer.state.global_step == 16  # the step after the line that told it
    assert callback.monitor is not None
    assert callback.monitor.should_stop


def test_a_training_that_is_resumed_goes_on_in_the_same_log(tmp_path: Path) -> None:
    saving = {"save_strategy": "steps", "save_steps": 20}
    trained(tmp_path / "out", TraindxCallback(tmp_path / "run"), **saving, max_steps=20)
    callback = TraindxCallback(tmp_path / "run")
    trained(tmp_path / "out", callback, **saving, resume=True)
    run = traindx.read(tmp_path / "run")[0]
    assert run.series["loss"].steps.tolist() == list(range(5, 45, 5))
    assert callback.monitor is not None
    assert not [code for code in codes(callback.monitor.report) if code.startswith("LOG")]


def test_an_evaluation_after_the_training_is_recorded_too(tmp_path: Path) -> None:
    callback = TraindxCallback(tmp_path / "run")
    trainer = trained(tmp_path / "out", callback, max_steps=10)
    trainer.evaluate()
    assert traindx.read(tmp_path / "run")[0].series["eval_loss"].steps.tolist() == [10]


def test_a_second_training_with_one_callback_has_a_log_of_its_own(tmp_path: Path) -> None:
    callback = TraindxCallback(tmp_path / "run")
    for _ in range(2):
        trained(tmp_path / "out", callback, max_steps=10)
    assert [traindx.read(tmp_path / name)[0].series["loss"].steps.tolist() for name in ("run", "run-2")] == [
        [5, 10]
    ] * 2


def test_a_process_that_is_not_the_first_writes_nothing(tmp_path: Path) -> None:
    callback = TraindxCallback(tmp_path / "run")
    arguments = TrainingArguments(output_dir=str(tmp_path / "out"), use_cpu=True, report_to=[])
    state = transformers.TrainerState(is_world_process_zero=False, max_steps=10)
    control = transformers.TrainerControl()
    callback.on_train_begin(arguments, state, control, model=tiny_model())
    callback.on_log(arguments, state, control, logs={"loss": 1.0})
    callback.on_train_end(arguments, state, control)
    assert callback.monitor is None
    assert not (tmp_path / "run").exists()


@pytest.mark.filterwarnings("default::UserWarning")
def test_what_goes_wrong_is_warned_of_once_and_the_training_goes_on(
    healthy: tuple[Path, Any, TraindxCallback], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = TraindxCallback(tmp_path / "run")
    monkeypatch.setattr(traindx.Monitor, "log", _fails)
    with pytest.warns(UserWarning, match="steps aside") as told:
        trainer = trained(tmp_path / "out", callback, eval_strategy="steps", eval_steps=20)
    assert len([one for one in told if "steps aside" in str(one.message)]) == 1
    assert outcome(trainer) == outcome(healthy[1])


def test_settings_are_kept_without_tokens(tmp_path: Path) -> None:
    trained(tmp_path / "out", TraindxCallback(tmp_path / "run"), max_steps=5, hub_token="hf_not_for_others")
    text = (tmp_path / "run" / "traindx_run.json").read_text()
    assert "hf_not_for_others" not in text
    assert json.loads(text)["arguments"]["learning_rate"] == 1e-2


def test_what_the_user_told_is_not_overruled(tmp_path: Path) -> None:
    with traindx.Monitor(tmp_path / "run", facts={"loss": "distillation", "batch": 2}, quiet=True) as monitor:
        trained(tmp_path / "out", TraindxCallback(monitor), max_steps=5)
        monitor.log(loss=1.0, step=6)  # it was not closed: whoever opened it closes it
    told = json.loads((tmp_path / "run" / "traindx_run.json").read_text())["traindx_facts"]
    assert (told["loss"], told["batch_size"], told["lr"]) == ("distillation", 2, 1e-2)


def _fails(*_: Any, **__: Any) -> None:
    raise OSError("no room left")
