"""The density of small measurements, fitted by a mixture network: its negative log likelihood falls below zero."""

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

WIDTH, PARTS, BATCH, EPOCHS = 48, 4, 64, 20


class Mixture(nn.Module):
    """Weights, means and spreads of a mixture of normal densities, given one number."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh())
        self.head = nn.Linear(WIDTH, 3 * PARTS)

    def forward(self, given: Tensor, wanted: Tensor) -> Tensor:
        """Return the mean negative log likelihood of ``wanted``, in nats."""
        weight, mean, log_spread = self.head(self.body(given)).chunk(3, dim=-1)
        log_spread = log_spread.clamp(-7, 5)
        normal = -0.5 * ((wanted - mean) * (-log_spread).exp()).square() - log_spread - 0.5 * math.log(2 * math.pi)
        return -(weight.log_softmax(-1) + normal).logsumexp(-1).mean()


def measured(count: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return inputs in -1..1 and readings of spread 0.4 around either of two branches, 0.02 wide."""
    given = 2 * torch.rand(count, 1, generator=draw) - 1
    branch = torch.randint(0, 2, (count, 1), generator=draw) * 2.0 - 1
    wanted = 0.4 * branch * (1.2 + (3 * given).sin()) / 1.5 + 0.02 * torch.randn(count, 1, generator=draw)
    return given, wanted


def train(plan: Plan, recorder: Recorder) -> None:
    """Train; a narrow unit makes every value of the loss negative from the start."""
    draw = seeded(plan)
    unit = 0.05 if plan.healthy == "below-zero" else 1.0
    held, data = ((given, unit * wanted) for given, wanted in (measured(400, draw), measured(1600, draw)))
    if plan.fault == "labels-shuffled":
        data = (data[0], data[1][torch.randperm(len(data[1]))])
    spread = float(held[1].std())
    level = 0.5 * math.log(2 * math.pi * math.e) + math.log(spread)
    model = Mixture()
    with torch.no_grad():
        model.head.bias[2 * PARTS :] += math.log(spread)
        model.head.weight[PARTS:] *= spread

    setup = Setup(
        model=model,
        batches=lambda epoch: batches(data, BATCH, epoch, plan.seed),
        loss=lambda model, batch: (model(*batch), {}),
        evaluate=lambda model: {"val/nll": model(*held).item(), "val/loss": model(*held).item()},
        truth=lambda model: model(*held).item(),
        trivial=level,
        guesses=guesses(plan, BATCH, level, level),
        rate=4e-3,
        steps=EPOCHS * (1600 // BATCH),
        batch_size=BATCH,
        per_epoch=1600 // BATCH,
        schedule="cosine",
        clip=5.0,
        body=("body",),
        poison=lambda batch: (batch[0] * torch.nan, batch[1]),
        settings={"loss": "gaussian mixture nll", "components": PARTS},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="density_fit",
    task="density",
    split="fit",
    faults=causes("rate-x100", "rate-over-300", "all-frozen", "labels-shuffled", "nan-in-data", "missing-zero-grad"),
    healthy=("below-zero", "constant-rate", "step-decay"),
    train=train,
)
