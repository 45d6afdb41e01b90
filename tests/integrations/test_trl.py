"""The callback under TRL's trainers: short real trainings whose losses are no cross-entropy over the vocabulary."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import transformers
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

import traindx
from tests.integrations.tiny_language import outcome, tiny_model, tiny_tokenizer
from traindx.integrations.hf_trainer import TraindxCallback

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]
_PROMPTS = ["two and two is", "one and two is"] * 16


def arguments(folder: Path) -> dict[str, Any]:
    return {
        "output_dir": str(folder), "report_to": [], "use_cpu": True, "disable_tqdm": True, "save_strategy": "no",
        "max_steps": 12, "logging_steps": 2, "bf16": False, "dataloader_pin_memory": False,
        "gradient_checkpointing": False, "learning_rate": 1e-2, "per_device_train_batch_size": 4,
    }  # fmt: skip


def preferences(folder: Path, model: Any, callbacks: list[Any], **more: Any) -> Any:
    rows = {"prompt": _PROMPTS, "chosen": [" four", " three"] * 16, "rejected": [" five", " nine"] * 16}
    options = DPOConfig(**arguments(folder), beta=0.2, **more)
    return DPOTrainer(
        model,
        args=options,
        train_dataset=Dataset.from_dict(rows),
        processing_class=tiny_tokenizer(),
        callbacks=callbacks,
    )


def answers(folder: Path, model: Any, callbacks: list[Any]) -> Any:
    rows = Dataset.from_dict({"text": ["two and two is four", "one and six is seven"] * 16})
    options = SFTConfig(**arguments(folder))
    return SFTTrainer(model, args=options, train_dataset=rows, processing_class=tiny_tokenizer(), callbacks=callbacks)


def rewarded(completions: list[str], **kwargs: Any) -> list[float]:
    return [float(text.count("four")) for text in completions]


def groups(folder: Path, model: Any, callbacks: list[Any]) -> Any:
    rows = Dataset.from_dict({"prompt": _PROMPTS})
    options = GRPOConfig(**arguments(folder), num_generations=4, max_completion_length=8, beta=0.04)
    return GRPOTrainer(
        model, rewarded, args=options, train_dataset=rows, processing_class=tiny_tokenizer(), callbacks=callbacks
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    tiny_model().save_pretrained(folder)
    return folder


def trained(make: Callable[..., Any], folder: Path, saved: Path, *callbacks: Any, **more: Any) -> Any:
    model = transformers.GPT2LMHeadModel.from_pretrained(saved)
    trainer = make(folder, model, list(callbacks), **more)
    trainer.train()
    return trainer


FORMS = {
    "preferences": (preferences, {"loss": "dpo", "beta": 0.2, "pretrained": True}, {"rewards/margins", "rewards/accuracies"}),
    "answers": (answers, {"loss": "cross_entropy", "vocab_size": 32, "pretrained": True}, {"mean_token_accuracy", "entropy"}),
    "groups": (groups, {"loss": "grpo", "beta": 0.04, "pretrained": True}, {"kl", "reward_std", "frac_reward_zero_std"}),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_short_training_is_recorded_judged_and_unchanged(form: str, tmp_path: Path, saved: Path) -> None:
    make, facts, metrics = FORMS[form]
    callback = TraindxCallback(tmp_path / "run", quiet=True)
    trainer = trained(make, tmp_path / "out", saved, callback)
    told = json.loads((tmp_path / "run" / "traindx_run.json").read_text())["traindx_facts"]
    assert {name: told.get(name) for name in facts} == facts
    assert ("vocab_size" in told) == (form == "answers")
    series = traindx.read(tmp_path / "run")[0].series
    assert metrics <= series.keys()
    assert series["loss"].steps.tolist() == [2, 4, 6, 8, 10, 12]
    assert callback.report == traindx.diagnose(tmp_path / "run")
    assert outcome(trainer) == outcome(trained(make, tmp_path / "out", saved))


def test_preferences_are_held_against_a_model_that_equals_its_reference(tmp_path: Path, saved: Path) -> None:
    callback = TraindxCallback(tmp_path / "run", quiet=True)
    trained(preferences, tmp_path / "out", saved, callback)
    assert callback.report is not None
    assert traindx.read(tmp_path / "run")[0].series["loss"].values[0] < math.log(2) + 0.01
    assert "ln 2 = 0.6931" in callback.report.verdict.summary


def test_a_loss_without_known_theory_is_not_called_by_another_name(tmp_path: Path, saved: Path) -> None:
    trained(
        preferences, tmp_path / "out", saved, TraindxCallback(tmp_path / "run", quiet=True), loss_type="hinge"
    )  # fmt: skip
    told = json.loads((tmp_path / "run" / "traindx_run.json").read_text())["traindx_facts"]
    assert "loss" not in told
    assert told["beta"] == 0.2
