"""Known facts: how users spell them, and what settings files say."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.context import fact_names
from traindx.context.fact_table import FACTS, canonical_fact, facts_from_settings, normalise_fact
from traindx.context.keys import FactValue, Key
from traindx.errors import UsageError
from traindx.run import Setting


def read(**settings: str | int | float | bool | None) -> dict[str, FactValue]:
    listed = [
        Setting(name.replace("__", "."), value, f"config.yaml:{i}")
        for i, (name, value) in enumerate(settings.items(), 1)
    ]
    return {fact.key: fact.value for fact in facts_from_settings(listed)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("batch_size", "256", 256),
        ("batch", "256", 256),
        ("num-samples", "50k", 50_000),
        ("num_samples", "1.5M", 1_500_000),
        ("num_samples", "1,281,167", 1_281_167),
        ("vocab", "50_257", 50_257),
        ("lr", "1e-4", 1e-4),
        ("lr", 0.1, 0.1),
        ("positive_rate", "2%", 0.02),
        ("pretrained", "true", True),
        ("pretrained", "no", False),
        ("reduction", "Mean", "mean"),
        ("loss", "info-nce", "info_nce"),
        ("loss", "nn.CrossEntropyLoss", "cross_entropy"),
        ("loss", "binary_crossentropy", "bce"),
        ("loss", "MSELoss", "mse"),
        ("optimizer", "torch.optim.AdamW", "adamw"),
        ("schedule", "SchedulerType.COSINE", "cosine"),
        ("precision", "16-mixed", "fp16"),
        ("precision", "torch.bfloat16", "bf16"),
        ("class_weights", "[1, 2.5]", "1, 2.5"),
        ("weight.bbox", "5", 5.0),
    ],
)
def test_what_users_write_is_understood(name: str, text: FactValue, value: FactValue) -> None:
    parsed = normalise_fact(name, text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("num_classes", "1"),
        ("batch_size", "0"),
        ("batch_size", "2.5"),
        ("batch_size", "many"),
        ("batch_size", True),
        ("lr", "nan"),
        ("lr", "inf"),
        ("lr", "1e999"),
        ("lr", "-1"),
        ("label_smoothing", "1.5"),
        ("reduction", "average"),
        ("loss", "qwertz"),
        ("drop_last", "maybe"),
        ("", "1"),
        ("weight.", "1"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, text: FactValue) -> None:
    with pytest.raises(UsageError):
        normalise_fact(name, text)


def test_an_unknown_fact_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(UsageError) as caught:
        canonical_fact("batchsize_")
    assert "batch_size" in caught.value.hint


@given(st.text(max_size=50), st.one_of(st.text(max_size=80), st.integers(), st.floats(), st.booleans()))
def test_any_input_gives_a_value_or_a_usage_error(name: str, value: FactValue) -> None:
    for asked in (name, "batch_size", "loss", "class_weights", "optimizer", "precision", "pretrained"):
        try:
            parsed = normalise_fact(asked, value)
        except UsageError:
            continue
        assert not isinstance(parsed, float) or math.isfinite(parsed)


def test_every_fact_has_one_typed_key_of_its_name_and_meaning() -> None:
    keys = {value.name: value for value in vars(fact_names).values() if isinstance(value, Key)}
    assert set(keys) == set(FACTS)
    assert {name: key.meaning for name, key in keys.items()} == {name: spec.meaning for name, spec in FACTS.items()}


def test_no_alias_means_two_facts() -> None:
    seen: dict[str, str] = {}
    for spec in FACTS.values():
        for alias in spec.aliases:
            assert alias not in FACTS, (alias, spec.name)
            assert seen.setdefault(alias, spec.name) == spec.name


def test_no_setting_means_two_facts() -> None:
    names = [name for spec in FACTS.values() for name in spec.settings]
    assert len(names) == len(set(names))


def test_the_arguments_of_a_hugging_face_trainer_are_understood() -> None:
    assert read(
        per_device_train_batch_size=8, per_device_eval_batch_size=64, gradient_accumulation_steps=4, learning_rate=2e-5,
        max_grad_norm=1.0, label_smoothing_factor=0.1, num_train_epochs=3.0, max_steps=-1, lr_scheduler_type="cosine",
        optim="adamw_torch", bf16=True, fp16=False, weight_decay=0.01, warmup_steps=100, dataloader_drop_last=False,
    ) == {
        "batch_size": 8, "grad_accum": 4, "lr": 2e-5, "clip_norm": 1.0, "label_smoothing": 0.1, "total_epochs": 3.0,
        "schedule": "cosine", "optimizer": "adamw", "precision": "bf16", "weight_decay": 0.01, "warmup_steps": 100,
        "drop_last": False,
    }  # fmt: skip


def test_the_arguments_of_a_set_prediction_detector_are_understood() -> None:
    assert read(
        batch_size=2, clip_max_norm=0.1, bbox_loss_coef=5, giou_loss_coef=2, set_cost_bbox=5, eos_coef=0.1, num_queries=100,
        dec_layers=6, dropout=0.1, world_size=8,
    ) == {
        "batch_size": 2, "clip_norm": 0.1, "weight.bbox": 5.0, "weight.giou": 2.0, "num_queries": 100, "aux_layers": 6,
        "dropout": 0.1, "world_size": 8,
    }  # fmt: skip


def test_nested_settings_are_read_by_their_last_name() -> None:
    assert read(args__batch_size=32, optimizer__params__lr=1e-3, model__num_labels=10, trainer__accumulate_grad_batches=2) == {
        "batch_size": 32, "lr": 1e-3, "num_classes": 10, "grad_accum": 2,
    }  # fmt: skip


def test_the_settings_of_an_evaluation_say_nothing_of_training() -> None:
    assert read(val__batch_size=1, eval_batch_size=5, test_dataloader__batch_size=4, model__loss="l1") == {"loss": "l1"}


def test_the_temperature_of_text_generation_is_not_that_of_a_loss() -> None:
    assert read(temperature=0.07) == {"temperature": 0.07}
    assert read(temperature=1.0, num_beams=1, repetition_penalty=1.0) == {}


def test_a_global_batch_is_told_from_one_per_device() -> None:
    assert read(train_batch_size=16) == {"batch_size": 16}
    assert read(train_batch_size=64, train_micro_batch_size_per_gpu=4) == {"batch_size_global": 64, "batch_size": 4}


def test_gains_are_weights_only_where_all_three_are_there() -> None:
    assert read(box=7.5, cls=0.5, dfl=1.5) == {"weight.box": 7.5, "weight.cls": 0.5, "weight.dfl": 1.5}
    assert read(box=7.5) == {}


def test_self_supervised_settings_are_understood() -> None:
    assert read(out_dim=65536, moco_k=65536, moco_t=0.07) == {
        "num_prototypes": 65536, "queue_size": 65536, "temperature": 0.07,
    }  # fmt: skip


def test_the_setting_in_the_log_itself_is_believed_and_the_other_named() -> None:
    settings = [Setting("batch_size", 32, "config.yaml:3"), Setting("batch_size", 64, "train.log:7")]
    (first,) = facts_from_settings(settings)
    (nearest,) = facts_from_settings(settings, log="train.log")
    assert (first.value, first.source) == (32, "config.yaml:3 (train.log:7 says 64)")
    assert (nearest.value, nearest.source) == (64, "train.log:7 (config.yaml:3 says 32)")
    assert nearest.origin == "read"


def test_unset_values_are_no_facts() -> None:
    assert read(gradient_clip_val=None, max_steps=0, loss="qwertz", num_classes="?", learning_rate="") == {}


@given(
    st.lists(
        st.tuples(
            st.text(max_size=40), st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40))
        )
    )
)
def test_no_settings_make_it_fail(pairs: list[tuple[str, str | int | float | bool | None]]) -> None:
    settings = [Setting(name, value, f"f:{i}") for i, (name, value) in enumerate(pairs)]
    assert len(facts_from_settings(settings)) <= len(settings)


def test_sizes_of_the_validation_set_are_facts_and_batches_of_validation_are_not() -> None:
    settings = [
        Setting("num_val_samples", 5_000, "a:1"),
        Setting("val_batch_size", 64, "a:2"),
        Setting("val.batch_size", 128, "a:3"),
        Setting("train_batch_size", 32, "a:4"),
    ]
    assert {fact.key: fact.value for fact in facts_from_settings(settings)} == {
        "num_val_samples": 5_000,
        "batch_size": 32,
    }
