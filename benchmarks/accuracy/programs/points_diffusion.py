"""A diffusion model of points on two spirals: predicts the noise at random times."""

from __future__ import annotations

import math

import torch
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.guessing import guesses
from benchmarks.accuracy.loop import Setup, run
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.shuffled import batches
from benchmarks.accuracy.stepping import seeded
from torch import Tensor, nn

TIMES, WIDTH, BATCH, EPOCHS = 50, 96, 64, 20


class Denoiser(nn.Module):
    """Two hidden layers over the noisy point and sines of the time."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2 + 8, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU())
        self.head = nn.Linear(WIDTH, 2)

    def forward(self, points: Tensor, times: Tensor) -> Tensor:
        """Return the noise in each point."""
        angles = (times / TIMES)[:, None] * math.pi * 2.0 ** torch.arange(4)
        noise: Tensor = self.head(self.body(torch.cat([points, angles.sin(), angles.cos()], dim=1)))
        return noise


def spirals(count: int, draw: torch.Generator) -> Tensor:
    """Return points of unit variance on two arms."""
    turn = 0.5 + 2.5 * torch.rand(count, generator=draw)
    arm = torch.randint(0, 2, (count,), generator=draw) * 2 - 1
    points = arm[:, None] * turn[:, None] * torch.stack([(2 * turn).cos(), (2 * turn).sin()], dim=1)
    return (points + 0.05 * torch.randn(count, 2, generator=draw)) / 1.3


def error(model: nn.Module, points: Tensor, times: Tensor, noise: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean squared error of the predicted noise."""
    kept = torch.cos(0.5 * math.pi * (times + 1) / (TIMES + 1))[:, None]
    return (model(kept * points + (1 - kept**2).sqrt() * noise, times) - wanted).square().mean()


def train(plan: Plan, recorder: Recorder) -> None:
    """Train; validation noise and times are drawn once."""
    draw = seeded(plan)
    scale = 255.0 if plan.fault == "inputs-x255" else 1.0
    data, held_out = spirals(1600, draw) * scale, spirals(400, draw) * scale
    fixed = torch.randint(0, TIMES, (400,), generator=draw), torch.randn(400, 2, generator=draw)

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
        times, noise = torch.randint(0, TIMES, (BATCH,)), torch.randn(BATCH, 2)
        wanted = noise.roll(1, 0) if plan.fault == "labels-shifted" else noise
        return error(model, batch[0], times, noise, wanted), {}

    def held(model: nn.Module) -> float:
        return error(model, held_out, *fixed, fixed[1]).item()

    setup = Setup(
        model=Denoiser(),
        batches=lambda epoch: batches((data,), BATCH, epoch, plan.seed),
        loss=loss,
        evaluate=lambda model: {"val/loss": held(model)},
        truth=held,
        trivial=fixed[1].square().mean().item(),
        guesses=guesses(plan, BATCH, 1.0, fixed[1].square().mean().item()),
        rate=3e-3,
        steps=EPOCHS * (1600 // BATCH),
        batch_size=BATCH,
        per_epoch=1600 // BATCH,
        optimiser="adamw",
        body=("body",),
        poison=lambda batch: (batch[0] * torch.nan,),
        settings={"num_timesteps": TIMES, "prediction_type": "epsilon", "loss": "mse"},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="points_diffusion",
    task="diffusion",
    split="test",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "all-frozen", "missing-zero-grad", "sign-flipped", "init-zero",
        "sum-reduction", "inputs-x255", "labels-shifted", "nan-in-data",
    ),
    healthy=("cosine", "no-validation", "warm-up", "running-mean", "clipped"),
    train=train,
)  # fmt: skip
