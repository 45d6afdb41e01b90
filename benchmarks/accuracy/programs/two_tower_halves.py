"""Upper and lower halves of digits, matched as one picture: symmetric loss, learnt temperature, AdamW with warm-up and cosine."""

from __future__ import annotations

import torch
from benchmarks.accuracy.arrays import ARRAY_FAULTS, poison, spoil
from benchmarks.accuracy.data import digits
from benchmarks.accuracy.faults import causes_of
from benchmarks.accuracy.loop import LOOP_FAULTS, LOOP_HEALTHY, Setup, run
from benchmarks.accuracy.matching import PAIR_FAULTS, Matching, Towers, chance_rank
from benchmarks.accuracy.pairing import guesses, leaking, paired
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from torch import nn

BATCH = 50


def _tower(plan: Plan) -> nn.Module:
    width = 2 if plan.fault == "model-too-small" else 96
    drop = 0.6 if plan.fault == "train-mode-at-evaluation" else 0.05 if plan.healthy == "dropout" else 0.0
    return nn.Sequential(
        nn.Linear(32, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Dropout(drop), nn.Linear(width, 24)
    )


def train(plan: Plan, recorder: Recorder) -> None:
    """Train as planned."""
    torch.manual_seed(500 + plan.seed)
    (seen, _), (held, _) = digits.split(1500)
    data = paired(plan, (seen[:, :32], seen[:, 32:]), (held[:, :32], held[:, 32:]), BATCH)
    task = Matching(plan, symmetric=True)
    model = Towers(plan, _tower(plan), _tower(plan), 10.0, learnt=True)
    recorder.fact(gallery_size=200, loss="info_nce", num_samples=len(data.train[0]))
    setup = Setup(
        model=model,
        batches=lambda epoch: leaking(plan, data.batches(epoch)),
        loss=task.loss,
        evaluate=lambda model: task.evaluate(model, data.val, min(data.batch_size, len(data.val[0]))),
        truth=lambda model: task.truth(model, data.truth),
        trivial=chance_rank(),
        higher=True,
        guesses=guesses(data.batch_size),
        rate=2e-3,
        steps=360,
        batch_size=data.batch_size,
        per_epoch=data.per_epoch,
        evaluate_every=30,
        optimiser="adamw",
        schedule="warm-up",
        log_every=3,
        body=("left", "right.0", "right.2"),
        poison=poison,
        spoil=spoil,
        settings={"loss": "clip", "embed_dim": 24},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="two_tower_halves",
    task="retrieval",
    split="test",
    faults=causes_of(
        *LOOP_FAULTS,
        *(fault for fault in ARRAY_FAULTS if fault != "no-shuffling"),
        *PAIR_FAULTS,
        "dead-units",
        "model-too-small",
    ),
    healthy=(*LOOP_HEALTHY, "dropout"),
    forms=("jsonl", "hf-state", "epoch-lines", "lightning-csv", "step-lines", "tensorboard"),
    train=train,
)
