"""Points near a curve in eight dimensions, each kept as one of 24 codes."""

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
from torch.nn import functional

INPUTS, CODES, SIZE, BATCH, EPOCHS = 8, 24, 4, 64, 20


class Coder(nn.Module):
    """A linear encoder, a book of codes that is searched, and a decoder."""

    def __init__(self, *, far: bool) -> None:
        super().__init__()
        self.encoder = nn.Linear(INPUTS, SIZE)
        self.book = nn.Embedding(CODES, SIZE)
        self.decoder = nn.Sequential(nn.Linear(SIZE, 48), nn.GELU(), nn.Linear(48, INPUTS))
        with torch.no_grad():
            self.book.weight.mul_(0.6)
            if far:
                self.book.weight[1:] -= 25.0  # nothing is ever near any code but the first

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the error, the loss of the book, and how often each code is used."""
        encoded = self.encoder(points)
        used = torch.cdist(encoded, self.book.weight).argmin(1)
        codes = self.book(used)
        gap = (codes - encoded.detach()).square().mean() + 0.5 * (encoded - codes.detach()).square().mean()
        again = self.decoder(encoded + (codes - encoded).detach())
        return (again - points).square().mean(), gap, torch.bincount(used, minlength=CODES) / len(points)


def curve(count: int, draw: torch.Generator) -> Tensor:
    """Return points of unit variance along a closed curve."""
    waves = torch.arange(1, INPUTS // 2 + 1)
    angle = 6.2832 * torch.rand(count, 1, generator=draw) * waves
    return 1.41 * torch.cat([angle.sin(), angle.cos()], dim=1) + 0.05 * torch.randn(count, INPUTS, generator=draw)


def train(plan: Plan, recorder: Recorder) -> None:
    """Train; the share of codes in use is logged."""
    draw = seeded(plan)
    held, data = curve(300, draw), curve(1600, draw)
    trivial = float(held.var(0).mean())

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
        error, gap, share = model(batch[0])
        shown = {
            "train/mse": error.item(),
            "train/commit_loss": gap.item(),
            "train/codebook_usage": (share > 0).float().mean().item(),
        }
        return error + gap, shown

    def evaluate(model: nn.Module) -> dict[str, float]:
        error, gap, share = model(held)
        return {
            "val/loss": (error + gap).item(),
            "val/mse": error.item(),
            "val/codebook_usage": (share > 0).float().mean().item(),
        }

    setup = Setup(
        model=Coder(far=plan.fault == "codebook-collapse"),
        batches=lambda epoch: batches((data,), BATCH, epoch, plan.seed),
        loss=loss,
        evaluate=evaluate,
        truth=lambda model: functional.mse_loss(*_again(model, held)).item(),
        trivial=trivial,
        guesses=guesses(plan, BATCH, trivial, trivial, {"val/mse": trivial}),
        rate=4e-3,
        steps=EPOCHS * (1600 // BATCH),
        batch_size=BATCH,
        per_epoch=1600 // BATCH,
        log_every=4,
        optimiser="adamw",
        settings={"num_codes": CODES, "code_dim": SIZE},
    )
    run(plan, recorder, setup)


def _again(model: nn.Module, points: Tensor) -> tuple[Tensor, Tensor]:
    encoded = model.encoder(points)  # type: ignore[operator]
    codes = model.book(torch.cdist(encoded, model.book.weight).argmin(1))  # type: ignore[operator, union-attr, arg-type]
    return model.decoder(codes), points  # type: ignore[operator]


PROGRAM = Program(
    name="curve_codes",
    task="variational",
    split="test",
    faults=causes(
        "rate-x100", "rate-over-300", "all-frozen", "missing-zero-grad", "sum-reduction", "codebook-collapse", "sign-flipped"
    ),
    healthy=("cosine", "resumed"),
    train=train,
)  # fmt: skip
