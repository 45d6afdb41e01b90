"""Queries and documents about hidden topics, matched by two perceptrons: InfoNCE over the batch, fixed temperature."""

from __future__ import annotations

from functools import lru_cache

import torch
from benchmarks.accuracy.arrays import ARRAY_FAULTS, Pair, poison, spoil
from benchmarks.accuracy.faults import causes_of
from benchmarks.accuracy.loop import LOOP_FAULTS, LOOP_HEALTHY, Setup, run
from benchmarks.accuracy.matching import PAIR_FAULTS, Matching, Towers, chance_rank
from benchmarks.accuracy.pairing import guesses, leaking, paired
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from torch import Tensor, nn

BATCH, WORDS, TOPICS = 32, 80, 8


@lru_cache(maxsize=1)
def _pairs() -> tuple[Pair, Pair]:
    """Counts of words drawn from the same topics, in two vocabularies."""
    chance = torch.Generator().manual_seed(11)
    topics = torch.randn(2200, TOPICS, generator=chance)
    sides = [_counts(topics @ torch.randn(TOPICS, WORDS, generator=chance), chance) for _ in range(2)]
    return (sides[0][:1900], sides[1][:1900]), (sides[0][1900:], sides[1][1900:])


def _counts(scores: Tensor, chance: torch.Generator) -> Tensor:
    drawn = torch.multinomial(scores.softmax(-1), 60, replacement=True, generator=chance)
    counts = torch.zeros(scores.shape).scatter_add_(1, drawn, torch.ones(drawn.shape))
    return counts.log1p() - counts.log1p().mean()


def _tower(plan: Plan) -> nn.Module:
    width = 2 if plan.fault == "model-too-small" else 48
    drop = 0.6 if plan.fault == "train-mode-at-evaluation" else 0.1 if plan.healthy == "dropout" else 0.0
    return nn.Sequential(nn.Linear(WORDS, width), nn.ReLU(), nn.Dropout(drop), nn.Linear(width, 16))


def train(plan: Plan, recorder: Recorder) -> None:
    """Train as planned."""
    torch.manual_seed(400 + plan.seed)
    data, task = paired(plan, *_pairs(), BATCH), Matching(plan, symmetric=False)
    model = Towers(plan, _tower(plan), _tower(plan), 14.0, learnt=False)
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
        rate=3e-3,
        steps=420,
        batch_size=data.batch_size,
        per_epoch=data.per_epoch,
        evaluate_every=35,
        log_every=5,
        body=("left", "right.0"),
        poison=poison,
        spoil=spoil,
        settings={"loss": "InfoNCE", "embedding_dim": 16, "gallery_size": 200},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="two_tower_topics",
    task="retrieval",
    split="fit",
    faults=causes_of(
        *LOOP_FAULTS,
        *(fault for fault in ARRAY_FAULTS if fault != "no-shuffling"),
        *PAIR_FAULTS,
        "dead-units",
        "model-too-small",
    ),
    healthy=(*LOOP_HEALTHY, "dropout", "small-batch"),
    forms=("jsonl", "hf-lines", "epoch-lines", "lightning-csv", "step-lines", "tensorboard"),
    train=train,
)
