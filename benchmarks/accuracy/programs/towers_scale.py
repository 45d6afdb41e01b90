"""Two towers with a learned temperature: the softmax sharpens while they learn, and the loss moves with it."""

from __future__ import annotations

import math

import torch
from benchmarks.accuracy.loop import Setup, run
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.shuffled import batches
from benchmarks.accuracy.stepping import seeded
from torch import Tensor, nn
from torch.nn import functional

INPUTS, HIDDEN, SIZE, BATCH, EPOCHS, GALLERY = 24, 8, 16, 64, 24, 256
START = {"flat-start": 1.0, "sharp-start": 60.0}


class Towers(nn.Module):
    """A hidden layer each, unit embeddings, and the logarithm of the scale as a parameter."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.left, self.right = (nn.Sequential(nn.Linear(INPUTS, 64), nn.ReLU(), nn.Linear(64, SIZE)) for _ in range(2))
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale)))

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """Return the scaled similarities (B, B)."""
        scale = self.log_scale.clamp(max=math.log(100)).exp()
        return scale * functional.normalize(self.left(left)) @ functional.normalize(self.right(right)).T


def pairs(count: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return two bent and noisy looks at the same hidden numbers."""
    fixed = torch.Generator().manual_seed(31)
    first, second = (torch.randn(HIDDEN, INPUTS, generator=fixed) for _ in range(2))
    hidden = torch.randn(count, HIDDEN, generator=draw)
    looks = ((0.5 * hidden @ first).tanh(), (0.5 * hidden @ second).tanh())
    left, right = (look + 0.2 * torch.randn(count, INPUTS, generator=draw) for look in looks)
    return left, right


def both_ways(logits: Tensor) -> Tensor:
    """Return the mean of the cross-entropies along rows and columns."""
    wanted = torch.arange(len(logits))
    return 0.5 * (functional.cross_entropy(logits, wanted) + functional.cross_entropy(logits.T, wanted))


def recall(model: nn.Module, held: tuple[Tensor, Tensor]) -> float:
    """Return how often the right one of the gallery comes first."""
    return (model(*held).argmax(-1) == torch.arange(GALLERY)).float().mean().item()


def train(plan: Plan, recorder: Recorder) -> None:
    """Train with a scale that starts where the kind says."""
    draw = seeded(plan)
    held, data = pairs(GALLERY, draw), pairs(1920, draw)
    per_epoch = len(data[0]) // BATCH

    def scale(model: nn.Module) -> float:
        return float(model.log_scale.detach().exp())  # type: ignore[operator, union-attr]

    setup = Setup(
        model=Towers(START.get(plan.healthy, 14.3)),
        batches=lambda epoch: batches(data, BATCH, epoch, plan.seed),
        loss=lambda model, batch: (both_ways(model(*batch)), {"train/logit_scale": scale(model)}),
        evaluate=lambda model: {"val/loss": both_ways(model(*held)).item(), "val/R@1": recall(model, held)},
        truth=lambda model: recall(model, held),
        trivial=1 / GALLERY,
        higher=True,
        guesses={"train/loss": math.log(BATCH), "val/loss": math.log(GALLERY)},
        rate=3e-3,
        steps=EPOCHS * per_epoch // 2,
        batch_size=BATCH,
        per_epoch=per_epoch,
        schedule="cosine",
        log_every=2,
        settings={"gallery_size": GALLERY},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="towers_scale",
    task="retrieval",
    split="test",
    faults={},
    healthy=("flat-start", "sharp-start", "constant-rate", "warm-up"),
    train=train,
)
