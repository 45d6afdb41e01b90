"""A smooth function of ten inputs with noise, by a perceptron: MSE, Adam at a constant rate."""

from __future__ import annotations

from functools import lru_cache

import torch
from benchmarks.accuracy.arrays import ARRAY_FAULTS, Pair, poison, prepared, spoil
from benchmarks.accuracy.faults import causes_of
from benchmarks.accuracy.loop import LOOP_FAULTS, LOOP_HEALTHY, Setup, run
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.regressing import NUMBER_FAULTS, Numbers, raw
from torch import nn

BATCH, INPUTS = 40, 10


@lru_cache(maxsize=1)
def _data() -> tuple[Pair, Pair]:
    """Five inputs matter, as in Friedman's first function; the rest are noise. All standardised."""
    chance = torch.Generator().manual_seed(21)
    inputs = torch.rand(2000, INPUTS, generator=chance)
    value = 10 * torch.sin(torch.pi * inputs[:, 0] * inputs[:, 1]) + 20 * (inputs[:, 2] - 0.5) ** 2
    value = value + 10 * inputs[:, 3] + 5 * inputs[:, 4] + torch.randn(2000, generator=chance)
    value = (value - value.mean()) / value.std()
    inputs = (inputs - 0.5) * 12**0.5
    return (inputs[:1600], value[:1600]), (inputs[1600:], value[1600:])


def _seen(plan: Plan, pair: Pair) -> Pair:
    """A feature that holds the answer, where the target leaks."""
    if plan.fault != "target-leak":
        return pair
    inputs = pair[0].clone()
    inputs[:, -1] = pair[1]
    return inputs, pair[1]


def _model(plan: Plan) -> nn.Module:
    torch.manual_seed(600 + plan.seed)
    width = 1 if plan.fault == "model-too-small" else 48
    drop = 0.5 if plan.fault == "train-mode-at-evaluation" else 0.05 if plan.healthy == "dropout" else 0.0
    return nn.Sequential(
        nn.Linear(INPUTS, width),
        nn.ReLU(),
        nn.Dropout(drop),
        nn.Linear(width, width),
        nn.ReLU(),
        nn.Linear(width, 1),
        nn.Flatten(0),
    )


def train(plan: Plan, recorder: Recorder) -> None:
    """Train as planned."""
    few = plan.fault in {"overfitting", "train-as-validation"}
    data = prepared(plan, *(raw(plan, _seen(plan, pair)) for pair in _data()), batch_size=BATCH)
    task, clean = Numbers(plan, "mse"), raw(plan, _data()[1])
    spread = float(data.val[1].var())
    recorder.fact(loss="mse", target_std=spread**0.5, num_samples=len(data.train[0]))
    setup = Setup(
        model=_model(plan),
        batches=data.batches,
        loss=task.loss,
        evaluate=lambda model: task.evaluate(model, data.val),
        truth=lambda model: task.truth(model, data.truth if plan.fault == "inputs-x255" else clean),
        trivial=0.0,
        higher=True,
        guesses={"train/loss": spread, "val/loss": spread, "val/r2": 0.0},
        rate=3e-3,
        steps=900 if few else 480,
        batch_size=data.batch_size,
        per_epoch=data.per_epoch,
        evaluate_every=40,
        log_every=5,
        body=("0.", "3."),
        poison=poison,
        spoil=spoil,
        settings={"loss": "mse", "hidden": 48},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="regression_mlp",
    task="regression",
    split="fit",
    faults=causes_of(
        *LOOP_FAULTS,
        *ARRAY_FAULTS,
        *NUMBER_FAULTS,
        "dead-units",
        "train-mode-at-evaluation",
        "model-too-small",
    ),
    healthy=(*LOOP_HEALTHY, "dropout", "small-batch", "batch-1"),
    train=train,
)
