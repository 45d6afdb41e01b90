"""A variational autoencoder of points near a curved surface in 16 dimensions: mean squared error and a weighted divergence."""

from __future__ import annotations

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

DIMENSIONS, LATENT, WIDTH = 16, 4, 64
BATCH, EPOCHS = 128, 30


class Autoencoder(nn.Module):
    """A tanh layer on each side."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(DIMENSIONS, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 2 * LATENT))
        self.decoder = nn.Sequential(nn.Linear(LATENT, WIDTH), nn.Tanh(), nn.Linear(WIDTH, DIMENSIONS))

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the points again, mean and log variance of the code."""
        mean, log_variance = self.encoder(points).chunk(2, dim=-1)
        noise = torch.randn_like(mean) if self.training else torch.zeros_like(mean)
        return self.decoder(mean + noise * (0.5 * log_variance).exp()), mean, log_variance


def terms(model: nn.Module, points: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean squared error and the divergence averaged over its dimensions too."""
    again, mean, log_variance = model(points)
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
    return (again - points).square().mean(), divergence


def surface(count: int, draw: torch.Generator) -> Tensor:
    """Return points of unit variance in each dimension that a bent map makes of three numbers."""
    directions = torch.Generator().manual_seed(5)
    first, second = (torch.randn(3, DIMENSIONS, generator=directions) for _ in range(2))
    hidden = torch.randn(count, 3, generator=draw)
    bent = hidden @ first + torch.sin(2 * hidden) @ second + 0.1 * torch.randn(count, DIMENSIONS, generator=draw)
    return (bent - bent.mean(0)) / bent.std(0)


def train(plan: Plan, recorder: Recorder) -> None:
    """Train; raw points are 40 times larger and off centre."""
    draw = seeded(plan)
    points = surface(1800, draw)
    if plan.fault == "targets-raw":
        points = 40 * points + 100
    data, held_out = points[300:], points[:300]
    pull = 3.0 if plan.fault == "posterior-collapse" else 0.02
    spread = (held_out - data.mean(0)).square().mean().item()

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
        error, divergence = terms(model, batch[0])
        return error + pull * divergence, {"train/mse": error.item(), "train/kld": divergence.item()}

    def evaluate(model: nn.Module) -> dict[str, float]:
        error, divergence = terms(model, held_out)
        return {"val/loss": (error + pull * divergence).item(), "val/mse": error.item(), "val/kld": divergence.item()}

    setup = Setup(
        model=Autoencoder(),
        batches=lambda epoch: batches((data,), BATCH, epoch, plan.seed),
        loss=loss,
        evaluate=evaluate,
        truth=lambda model: terms(model, held_out)[0].item(),
        trivial=spread,
        guesses=guesses(plan, BATCH, spread, spread, {"val/mse": spread}),
        rate=3e-3,
        steps=EPOCHS * (len(data) // BATCH),
        batch_size=BATCH,
        per_epoch=len(data) // BATCH,
        schedule="cosine",
        log_every=3,
        body=("encoder",),
        poison=lambda batch: (batch[0] * torch.nan,),
        settings={"kl_weight": pull, "latent_dim": LATENT},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="points_vae",
    task="variational",
    split="test",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "all-frozen", "missing-zero-grad", "sign-flipped", "init-zero",
        "sum-reduction", "posterior-collapse", "targets-raw", "nan-in-data", "stopped-early",
    ),
    healthy=("constant-rate", "warm-up", "step-decay"),
    train=train,
)  # fmt: skip
