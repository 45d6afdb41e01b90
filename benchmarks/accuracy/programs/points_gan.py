"""A generator and a discriminator of points on a ring of eight."""

from __future__ import annotations

import math

import torch
from benchmarks.accuracy.adversaries import GAME_FAULTS, Game, energy_distance, network, play
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.stepping import seeded
from torch import Tensor

NOISE, WIDTH = 4, 48


def train(plan: Plan, recorder: Recorder) -> None:
    """Play for points; those that the strong discriminator judges lie far from where the generator starts."""
    draw = seeded(plan)
    shift = 12.0 if plan.fault == "discriminator-too-strong" else 0.0

    def ring(count: int) -> Tensor:
        angle = torch.randint(0, 8, (count,), generator=draw) * (math.pi / 4)
        place = 1.5 * torch.stack([angle.cos(), angle.sin()], dim=1)
        return place + shift + 0.15 * torch.randn(count, 2, generator=draw)

    known = ring(500)
    game = Game(
        generator=network(NOISE, WIDTH, 2),
        judge=network(2, WIDTH, 1),
        real=ring,
        distance=lambda made: energy_distance(known, made),
        trivial=energy_distance(known, known.mean(0).expand(500, 2)),
        names=("train/loss_D", "train/loss_G", "train/D_x", "train/D_G_z"),
        noise=NOISE,
        batch=64,
        steps=450,
        rate=1e-3,
        log_every=3,
    )
    play(plan, recorder, game)


PROGRAM = Program(
    name="points_gan",
    task="gan",
    split="fit",
    faults=causes(*GAME_FAULTS),
    healthy=(),
    train=train,
    forms=("jsonl", "tensorboard", "epoch-lines"),
)
