"""Digits by a small convolutional network with batch normalisation: SGD with momentum, a cosine, cross-entropy."""

from __future__ import annotations

import math

import torch
from benchmarks.accuracy.arrays import ARRAY_FAULTS, poison, prepared, spoil
from benchmarks.accuracy.classifying import CLASS_FAULTS, Head
from benchmarks.accuracy.data import digits
from benchmarks.accuracy.faults import causes_of
from benchmarks.accuracy.loop import LOOP_FAULTS, LOOP_HEALTHY, Setup, run
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from torch import nn

BATCH = 48


def _model(plan: Plan) -> nn.Module:
    torch.manual_seed(100 + plan.seed)
    wide = 1 if plan.fault == "model-too-small" else 8
    drop = 0.6 if plan.fault == "train-mode-at-evaluation" else 0.2 if plan.healthy == "dropout" else 0.0
    norm = nn.Identity() if plan.fault == "dead-units" else nn.BatchNorm2d(wide)
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, wide, 3, padding=1),
        norm,
        nn.ReLU(),
        nn.Conv2d(wide, 2 * wide, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(drop),
        nn.Linear(32 * wide, 10),
    )


def train(plan: Plan, recorder: Recorder) -> None:
    """Train as planned."""
    pictures, held = digits.split(1000)
    few = plan.fault in {"overfitting", "train-as-validation"}
    data = prepared(plan, pictures, held, batch_size=BATCH, classes=digits.CLASSES)
    head = Head(plan, digits.CLASSES)
    recorder.fact(num_classes=10, loss="cross_entropy", num_samples=len(data.train[0]))
    setup = Setup(
        model=_model(plan),
        batches=data.batches,
        loss=head.loss,
        evaluate=lambda model: _top(head.evaluate(model, data.val)),
        truth=lambda model: head.truth(model, data.truth),
        trivial=0.1,
        higher=True,
        guesses={"train/loss": math.log(10), "val/loss": math.log(10), "val/accuracy": 0.1, "train/accuracy": 0.1},
        rate=0.05,
        steps=500 if few else 300,
        batch_size=data.batch_size,
        per_epoch=data.per_epoch,
        evaluate_every=20,
        optimiser="sgd",
        schedule="cosine",
        log_every=3,
        body=("1.", "2.", "4."),
        poison=poison,
        spoil=spoil,
        settings={"weight_decay": 0.0, "momentum": 0.9, "loss": "cross_entropy"},
    )
    run(plan, recorder, setup)


def _top(metrics: dict[str, float]) -> dict[str, float]:
    """Vision programs log the error's complement in per cent as "top1"; this one keeps shares but adds the error."""
    return {**metrics, "val/error": 1.0 - metrics["val/accuracy"]}


PROGRAM = Program(
    name="digits_cnn",
    task="classification",
    split="test",
    faults=causes_of(
        *LOOP_FAULTS, *ARRAY_FAULTS, *CLASS_FAULTS, "dead-units", "train-mode-at-evaluation", "model-too-small"
    ),
    healthy=(*LOOP_HEALTHY, "label-smoothing", "dropout", "small-batch"),
    train=train,
)
