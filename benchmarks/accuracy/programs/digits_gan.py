"""A generator and a discriminator of digits, with hinge losses."""

from __future__ import annotations

import torch
from benchmarks.accuracy.adversaries import GAME_FAULTS, Game, energy_distance, network, play
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.stepping import seeded
from sklearn.datasets import load_digits
from torch import Tensor, nn

PIXELS, NOISE, WIDTH = 64, 16, 96


def train(plan: Plan, recorder: Recorder) -> None:
    """Play for digits between -1 and 1."""
    draw = seeded(plan)
    pictures = torch.tensor(load_digits().data / 8 - 1, dtype=torch.float32)

    def real(count: int) -> Tensor:
        return pictures[torch.randint(0, len(pictures), (count,), generator=draw)]

    known = real(500)
    game = Game(
        generator=nn.Sequential(network(NOISE, WIDTH, PIXELS), nn.Tanh()),
        judge=network(PIXELS, WIDTH, 1),
        real=real,
        distance=lambda made: energy_distance(known, made),
        trivial=energy_distance(known, known.mean(0).expand(500, PIXELS)),
        names=("train/d_loss", "train/g_loss", "train/logits_real", "train/logits_fake"),
        noise=NOISE,
        batch=48,
        steps=350,
        rate=2e-3,
        log_every=2,
        hinge=True,
    )
    play(plan, recorder, game)


PROGRAM = Program(
    name="digits_gan",
    task="gan",
    split="test",
    faults=causes(*GAME_FAULTS),
    healthy=(),
    train=train,
    forms=("jsonl", "tensorboard", "lightning-csv"),
)
