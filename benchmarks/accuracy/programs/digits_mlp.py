"""Digits by a perceptron of one hidden layer: Adam, a constant rate, cross-entropy."""

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

BATCH = 32


def _model(plan: Plan) -> nn.Module:
    torch.manual_seed(plan.seed)
    width = 1 if plan.fault == "model-too-small" else 64
    drop = 0.6 if plan.fault == "train-mode-at-evaluation" else 0.2 if plan.healthy == "dropout" else 0.0
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Dropout(drop), nn.Linear(width, 10))


def train(plan: Plan, recorder: Recorder) -> None:
    """Train as planned."""
    few = plan.fault in {"overfitting", "train-as-validation"}
    data = prepared(plan, *digits.split(1200), batch_size=BATCH, classes=digits.CLASSES)
    head = Head(plan, digits.CLASSES)
    recorder.fact(num_classes=10, loss="cross_entropy", num_samples=len(data.train[0]))
    setup = Setup(
        model=_model(plan),
        batches=data.batches,
        loss=head.loss,
        evaluate=lambda model: head.evaluate(model, data.val),
        truth=lambda model: head.truth(model, data.truth),
        trivial=0.1,
        higher=True,
        guesses={"train/loss": math.log(10), "val/loss": math.log(10), "val/accuracy": 0.1, "train/accuracy": 0.1},
        rate=2e-3,
        steps=900 if few else 380,
        batch_size=data.batch_size,
        per_epoch=max(1, data.per_epoch),
        evaluate_every=37,
        log_every=5,
        body=("0.",),
        poison=poison,
        spoil=spoil,
        settings={"num_classes": 10, "loss": "cross_entropy", "epochs": 10},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="digits_mlp",
    task="classification",
    split="fit",
    faults=causes_of(
        *LOOP_FAULTS, *ARRAY_FAULTS, *CLASS_FAULTS, "dead-units", "train-mode-at-evaluation", "model-too-small"
    ),
    healthy=(*LOOP_HEALTHY, "label-smoothing", "dropout", "small-batch", "batch-1"),
    train=train,
)
