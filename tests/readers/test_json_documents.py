"""JSON documents of trainers and trackers, against the closed forms by which the samples were made."""

from __future__ import annotations

import json
import math
import random
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile, Reader
from traindx.readers.choice import read_log
from traindx.readers.json_documents import READER as DOCUMENTS
from traindx.run import Run

DATA = Path(__file__).parents[1] / "data"
SAMPLES = {
    "hf_trainer_state/trainer_state.json": "hf-trainer-state",
    "keras_history/history.json": "keras-history",
    "json_documents/nested.json": "json",
    "allennlp_metrics/metrics_epoch_3.json": "allennlp-metrics",
    "megatron_golden/golden_values.json": "megatron-golden-values",
    "sacred/metrics.json": "sacred",
    "wandb_jsonl/wandb-history.jsonl": "wandb-history",
    "clearml_offline/metrics.jsonl": "clearml-offline",
    "comet_offline/messages.json": "comet-offline",
    "mm_json/20300101_000000.log.json": "openmmlab-json",
    "mm_json/scalars.json": "openmmlab-json",
}


def loss(step: float) -> float:
    return round(0.5 + 2.0 / (1.0 + step), 6)


def sample(path: str) -> Run:
    (run,) = read_log(LogFile(path=Path(path).name, data=(DATA / path).read_bytes()))
    return run


def read(text: str | bytes, reader: Reader = DOCUMENTS, path: str = "log.json") -> Run:
    (run,) = reader.read(LogFile(path=path, data=text.encode() if isinstance(text, str) else text))
    return run


def settings(run: Run) -> dict[str, object]:
    return {setting.name: setting.value for setting in run.settings}


@pytest.mark.parametrize(("path", "format_name"), SAMPLES.items())
def test_each_sample_is_read_by_its_own_reader(path: str, format_name: str) -> None:
    run = sample(path)
    assert run.sources[0].format == format_name
    assert run.sources[0].incomplete == ""
    assert run.series


@pytest.mark.parametrize("path", SAMPLES)
def test_samples_cut_anywhere_are_read_up_to_there_or_refused(path: str) -> None:
    data = (DATA / path).read_bytes()
    for part in range(1, 7):
        try:
            runs = read_log(LogFile(path=Path(path).name, data=data[: part * len(data) // 7]))
        except UnreadableLogError:
            continue
        assert all(one.values.size for run in runs for one in run.series.values())


@pytest.mark.parametrize("path", SAMPLES)
def test_mutated_samples_never_raise_anything_else(path: str) -> None:
    data = (DATA / path).read_bytes()
    chance = random.Random(7)
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            broken[chance.randrange(len(broken))] = chance.choice(b'{}[]",:0aN\\\n\xff')
        with suppress(UnreadableLogError):
            assert read_log(LogFile(path=Path(path).name, data=bytes(broken)))


def test_a_trainer_state_keeps_training_evaluation_and_summary_apart() -> None:
    run = sample("hf_trainer_state/trainer_state.json")
    curve = run.series["loss"]
    assert curve.steps.tolist() == list(range(10, 101, 10))
    assert curve.values.tolist() == [loss(step) for step in range(10, 101, 10)]
    assert run.series["eval_loss"].steps.tolist() == [0, 50, 100]
    assert run.series["eval_other_loss"].steps.tolist() == [50, 100]
    assert run.series["train_loss"].values.tolist() == [0.75]
    assert np.isnan(run.series["grad_norm"].values).sum() == 1
    assert run.series["loss"].records.tolist()[:2] == [2, 3]


def test_a_trainer_states_settings_come_with_their_lines() -> None:
    run = sample("hf_trainer_state/trainer_state.json")
    found = {setting.name: setting for setting in run.settings}
    assert found["train_batch_size"].value == 16
    assert found["stateful_callbacks.EarlyStoppingCallback.args.early_stopping_patience"].value == 3
    lines = (DATA / "hf_trainer_state/trainer_state.json").read_text().splitlines()
    for name in ("best_metric", "max_steps", "train_batch_size"):
        line = int(found[name].source.rpartition(":")[2])
        assert lines[line - 1].strip().startswith(f'"{name}"')


def test_a_trainer_state_that_is_cut_off_gives_the_rows_before() -> None:
    data = (DATA / "hf_trainer_state/trainer_state.json").read_bytes()
    run = read_log(LogFile(path="trainer_state.json", data=data[: len(data) // 2]))[0]
    assert run.sources[0].incomplete == "the last record is cut off"
    assert 3 <= len(run.series["loss"]) < 10


def test_a_keras_history_counts_epochs_from_nought() -> None:
    run = sample("keras_history/history.json")
    assert run.series["val_loss"].values.tolist() == [loss(e) + 0.1 for e in range(12)]
    assert run.series["loss"].epochs.tolist() == list(range(12))
    assert not run.series["loss"].has_steps


def test_a_python_repr_is_read_with_its_nan_and_its_gap() -> None:
    run = sample("json_documents/repr.json")
    assert run.series["loss"].values[[0, 2]].tolist() == [1.5, 0.5]
    assert math.isnan(run.series["loss"].values[1])
    assert run.series["acc"].values.tolist() == [0.25, 0.75]
    assert run.series["acc"].steps.tolist() == [0, 2]


def test_a_nested_document_gives_each_part_its_own_axis() -> None:
    run = sample("json_documents/nested.json")
    assert run.series["train/loss"].steps.tolist() == [5 * e for e in range(12)]
    assert run.series["val/loss"].steps.tolist() == list(range(12))
    assert run.series["ema"].steps.tolist() == [0, 10, 20]
    assert settings(run) == {"seed": 3, "config.batch_size": 64}


def test_allennlp_gives_one_point_at_its_epoch_and_keeps_looks_back_as_settings() -> None:
    run = sample("allennlp_metrics/metrics_epoch_3.json")
    assert set(run.series) == {"training_accuracy", "training_loss", "validation_accuracy", "validation_loss"}
    assert run.series["validation_loss"].epochs.tolist() == [3]
    assert run.series["validation_loss"].values.tolist() == [0.5]
    assert settings(run)["best_validation_loss"] == 0.4375


def test_golden_values_leave_out_the_steps_that_hold_the_word_nan() -> None:
    run = sample("megatron_golden/golden_values.json")
    series = run.series["lm loss"]
    assert series.steps.tolist() == [1, 5, 10, 15, 20, 25, 30, 35]
    assert series.values.tolist() == [loss(step) for step in series.steps]
    assert run.series["num-zeros"].steps.tolist() == [1, 11]
    assert "3 steps of 'lm loss' were not recorded" in run.notes[0]


def test_a_bare_nan_in_golden_values_is_a_value() -> None:
    text = '{"lm loss":{"start_step":1,"end_step":3,"step_interval":1,"values":{"1":2.0,"2":NaN,"3":"nan"}}}'
    (run,) = read_log(LogFile(path="golden.json", data=text.encode()))
    assert run.series["lm loss"].steps.tolist() == [1, 2]
    assert math.isnan(run.series["lm loss"].values[1])


def test_sacred_keeps_the_axis_of_each_metric() -> None:
    run = sample("sacred/metrics.json")
    assert run.series["training.loss"].steps.tolist() == list(range(0, 100, 10))
    assert run.series["training.loss"].values.tolist() == [1 / (1 + step) for step in range(10)]
    norm = run.series["training.norm"]
    assert norm.values[[0, 1, 4]].tolist() == [0.0, 0.5, 2.0]
    assert math.isnan(norm.values[3])
    assert bool((np.diff(norm.wall_times) >= 0).all())


def test_numpy_scalars_that_jsonpickle_wrapped_are_numbers() -> None:
    wrapped = [
        {"py/object": "numpy.float64", "dtype": "float64", "value": 0.5},
        {"py/object": "numpy.x", "value": 0.25},
    ]
    run = read(json.dumps({"m": {"steps": [1, 2], "timestamps": [], "values": wrapped}}))
    assert run.series["m"].values.tolist() == [0.5, 0.25]


def test_wandb_rows_are_sparse_and_media_are_no_metric() -> None:
    run = sample("wandb_jsonl/wandb-history.jsonl")
    assert set(run.series) == {"loss", "reward"}
    assert run.series["reward"].steps.tolist() == [1, 3, 5, 7, 9, 11]
    assert run.series["loss"].wall_times[1] == 1_700_000_002


def test_clearml_names_join_metric_and_variant_and_zeros_are_told() -> None:
    run = sample("clearml_offline/metrics.jsonl")
    assert run.series["loss/train"].values.tolist() == [loss(i) for i in range(8)]
    assert run.series["loss/val"].values[4] == 0
    assert run.series["loss/val"].records.tolist() == list(range(1, 9))
    assert run.series["loss/val"].wall_times[0] == 1_700_000_000
    assert "metrics.jsonl:5: 1 values are 0.0" in run.notes[0]


def test_comet_messages_give_metrics_and_parameters() -> None:
    run = sample("comet_offline/messages.json")
    assert math.isnan(run.series["train/loss"].values[5])
    assert run.series["train/loss"].epochs.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert settings(run) == {"lr": 0.1}


def test_an_iteration_that_restarts_each_epoch_becomes_a_global_step() -> None:
    run = sample("mm_json/20300101_000000.log.json")
    assert run.series["loss"].steps.tolist() == [50, 100, 150, 200, 250, 300]
    assert run.series["val/bbox_mAP"].steps.tolist() == [150, 300]
    assert settings(run)["seed"] == 7


def test_a_validation_row_whose_step_is_an_epoch_stands_at_the_end_of_that_epoch() -> None:
    run = sample("mm_json/scalars.json")
    assert run.series["coco/bbox_mAP"].steps.tolist() == [150, 300]
    assert run.series["loss"].values.tolist() == [loss(step) for step in range(50, 301, 50)]


@pytest.mark.parametrize(
    ("text", "name", "steps", "values"),
    [
        ('[{"step": 2, "x": 1.0}, {"step": 4, "x": "2.5"}]', "x", [2, 4], [1.0, 2.5]),
        ('{"history": [{"epoch": 0, "x": 1}, {"epoch": 1, "x": 2}]}', "x", [0, 1], [1, 2]),
        ('{"epoch": [1, 2, 3], "x": [3, null, 1]}', "x", [1, 3], [3, 1]),
        ("[[1700000000.0, 10, 0.5], [1700000001.0, 20, 0.25]]", "value", [10, 20], [0.5, 0.25]),
        ('{"a": {"x": {"0": 5.0, "7": 6.0}}}', "a/x", [0, 7], [5, 6]),
        ('{"x": 4.5, "step": 13}', "x", [13], [4.5]),
        ('{"step": 1,\n "x": 1.0}\n{"step": 2,\n "x": 2.0}', "x", [1, 2], [1, 2]),
        ('{"x": [1, 2, 3,],}', "x", [0, 1, 2], [1, 2, 3]),
        ("{'x': [np.float64(1.5), tensor(0.5, device='cuda:0')]}", "x", [0, 1], [1.5, 0.5]),
    ],
)
def test_the_usual_shapes_are_read(text: str, name: str, steps: list[float], values: list[float]) -> None:
    series = read(text).series[name]
    assert series.steps.tolist() == steps
    assert series.values.tolist() == values


def test_a_document_without_numbers_gives_a_run_without_series() -> None:
    assert not read('{"name": "demo", "tags": []}').series


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 3_000_000,
        b'{"a":' * 500_000,
        b"[[" * 100_000 + b"]]" * 100_000,
        b'{"a": [' + b"9" * 100_000 + b"]}",
        b'{"' + b'\\"' * 500_000,
        b"{'" + b"\\'" * 500_000,
        b'{"x": [' + b"1," * 500_000,
        b"[1,2][3,4]" * 20_000,
        b'{"a": "' + b"," * 1_000_000,
        b'{"a" ' + b" ," * 500_000,
    ],
    ids=["deep", "deep-objects", "deep-closed", "digits", "escapes", "quotes", "cut", "many", "string", "commas"],
)
def test_hostile_documents_end_soon_in_a_run_or_a_refusal(data: bytes) -> None:
    start = time.process_time()
    with suppress(UnreadableLogError):
        read(data)
    assert time.process_time() - start < 10.0


def test_an_empty_file_is_refused_with_a_hint() -> None:
    with pytest.raises(UnreadableLogError) as caught:
        read(b"")
    assert caught.value.hint


def test_a_text_log_with_bracketed_dates_is_not_taken_for_json() -> None:
    for head in (
        b"[2024-01-02 10:00:00] loss: 1\n",
        b"[INFO] loss 2\n",
        b"[10/12] loss 3\n",
        b"{'loss': 1}\n{'loss': 2}\n",
    ):
        assert not DOCUMENTS.recognises(LogFile(path="x.log", data=head))
