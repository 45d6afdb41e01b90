"""Makes the small JSON samples by hand, in the shapes in which the programs named write them: python make_json_samples.py.

Every number follows a closed form, so that tests can check readings against it.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAN, INF = float("nan"), float("inf")


def loss(step: float) -> float:
    return round(0.5 + 2.0 / (1.0 + step), 6)


def lines(path: str, rows: list[Any]) -> None:
    text(path, "".join(json.dumps(row) + "\n" for row in rows))


def document(path: str, value: Any) -> None:
    text(path, json.dumps(value, indent=2) + "\n")


def text(path: str, content: str) -> None:
    (HERE / path).parent.mkdir(exist_ok=True)
    (HERE / path).write_text(content, encoding="utf-8", newline="")


def json_lines() -> None:
    rows: list[Any] = [{"step": step, "epoch": step // 10, "loss": loss(step), "lr": 0.1} for step in range(40)]
    rows[7]["loss"] = NAN
    rows[8]["loss"] = INF
    rows[9]["loss"] = None
    for epoch in range(4):
        rows.insert(
            10 * (epoch + 1) + epoch, {"step": 10 * epoch + 9, "epoch": epoch, "val": {"acc": [0.1 * epoch, 0.5]}}
        )
    lines("json_lines/train.jsonl", rows)


def prefixed() -> None:
    head = "2030-01-01 07:58:54 | INFO | trainer | NOTE: gradient overflow detected, setting loss scale to: 64.0\n"
    body = "".join(
        f"2030-01-01 08:0{step}:28 | INFO | train_inner | "
        + json.dumps({"epoch": 1, "update": step / 100, "loss": str(loss(step)), "num_updates": str(10 * step)})
        + "\n"
        for step in range(1, 9)
    )
    text("json_lines/prefixed.log", head + body + "2030-01-01 08:10:00 | INFO | cli | done training\n")


def trainer_state() -> None:
    history: list[Any] = [{"epoch": 0.0, "eval_loss": loss(0), "step": 0}]
    for step in range(10, 101, 10):
        history.append({"epoch": step / 50, "grad_norm": 1.0, "learning_rate": 1e-4, "loss": loss(step), "step": step})
        if step % 50 == 0:
            history.append({"epoch": step / 50, "eval_loss": loss(step) + 0.1, "step": step})
            history.append({"epoch": step / 50, "eval_other_loss": loss(step) + 0.2, "step": step})
    history[5]["grad_norm"] = NAN
    history.append({"epoch": 2.0, "step": 100, "train_loss": 0.75, "train_runtime": 12.5})
    state = {
        "best_metric": loss(100) + 0.1,
        "best_model_checkpoint": "out/checkpoint-100",
        "epoch": 2.0,
        "global_step": 100,
        "log_history": history,
        "max_steps": 100,
        "num_train_epochs": 2,
        "stateful_callbacks": {"EarlyStoppingCallback": {"args": {"early_stopping_patience": 3}}},
        "train_batch_size": 16,
    }
    document("hf_trainer_state/trainer_state.json", state)


def documents() -> None:
    epochs = range(12)
    document(
        "keras_history/history.json",
        {"loss": [loss(e) for e in epochs], "val_loss": [loss(e) + 0.1 for e in epochs], "lr": [1e-3] * 12},
    )
    document(
        "json_documents/nested.json",
        {
            "seed": 3,
            "config": {"batch_size": 64},
            "train": [{"step": 5 * e, "loss": loss(e)} for e in epochs],
            "val": {"loss": {str(e): loss(e) for e in epochs}},
            "ema": {"steps": [0, 10, 20], "values": [1.0, 0.5, 0.25]},
        },
    )
    text("json_documents/repr.json", "{'loss': [1.5, nan, 0.5,], 'acc': (0.25, None, 0.75), 'done': True}\n")
    document(
        "allennlp_metrics/metrics_epoch_3.json",
        {
            "best_epoch": 2,
            "peak_cpu_memory_MB": 100.5,
            "training_duration": "0:29:05.222906",
            "training_start_epoch": 0,
            "training_epochs": 3,
            "epoch": 3,
            "training_accuracy": 0.875,
            "training_loss": 0.25,
            "validation_accuracy": 0.75,
            "validation_loss": 0.5,
            "best_validation_loss": 0.4375,
        },
    )
    values = {str(s): "nan" if s >= 40 else loss(s) for s in (1, *range(5, 51, 5))}
    axis = {"start_step": 1, "end_step": 50, "step_interval": 5}
    document(
        "megatron_golden/golden_values.json",
        {"lm loss": {**axis, "values": values}, "num-zeros": {**axis, "values": [100, "nan", 300]}},
    )


def trackers() -> None:
    start = 1_700_000_000.0
    history: list[Any] = []
    for step in range(12):
        axes = {"_step": step, "_runtime": float(step), "_timestamp": start + step}
        history.append({("reward" if step % 2 else "loss"): loss(step), **axes})
    history[3]["video"] = {"_type": "video-file", "size": 192147}
    lines("wandb_jsonl/wandb-history.jsonl", history)
    reports = [
        [
            {"timestamp": int(1000 * (start + i)), "iter": i, "metric": "loss", "variant": name, "value": value}
            for name, value in (("train", loss(i)), ("val", 0.0 if i == 4 else loss(i) + 0.1))
        ]
        for i in range(8)
    ]
    lines("clearml_offline/metrics.jsonl", reports)
    messages: list[Any] = [{"type": "parameter_msg", "payload": {"param": {"paramName": "lr", "paramValue": 0.1}}}]
    for step in range(8):
        value = "NaN" if step == 5 else loss(step)
        metric = {"metricName": "loss", "metricValue": value, "step": step, "epoch": step // 4}
        payload = {"metric": metric, "context": "train", "local_timestamp": int(1000 * (start + step))}
        messages.append({"type": "metric_msg", "payload": payload})
    lines("comet_offline/messages.json", messages)


def openmmlab() -> None:
    rows: list[Any] = [{"env_info": "Python: 3.8\n", "seed": 7, "exp_name": "demo.py"}]
    for epoch in (1, 2):
        for iteration in (50, 100, 150):
            row = {"mode": "train", "epoch": epoch, "iter": iteration, "lr": 0.01, "loss": loss(epoch), "time": 0.5}
            rows.append(row)
        rows.append({"mode": "val", "epoch": epoch, "iter": 20, "lr": 0.01, "bbox_mAP": 0.1 * epoch})
    lines("mm_json/20300101_000000.log.json", rows)
    rows = []
    for step in range(50, 301, 50):
        rows.append(
            {
                "lr": 0.01,
                "data_time": 0.1,
                "loss": loss(step),
                "epoch": 1 + (step - 1) // 150,
                "iter": step,
                "step": step,
            }
        )
        if step % 150 == 0:
            rows.append({"coco/bbox_mAP": step / 1000, "data_time": 0.2, "time": 0.3, "step": step // 150})
    lines("mm_json/scalars.json", rows)


if __name__ == "__main__":
    for make in (json_lines, prefixed, trainer_state, documents, trackers, openmmlab):
        make()
