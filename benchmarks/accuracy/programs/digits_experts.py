"""Digits under four transformations, classified by a mixture of experts of which a router picks one."""

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
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

PIXELS, CLASSES, EXPERTS, WIDTH = 64, 10, 8, 5
BATCH, EPOCHS, BALANCE = 96, 24, 0.02


class Mixture(nn.Module):
    """Narrow experts, each a hidden layer; the router's probability scales the answer of the one it picks."""

    def __init__(self, *, stuck: bool) -> None:
        super().__init__()
        self.router = nn.Linear(PIXELS, EXPERTS)
        self.first = nn.Parameter(torch.randn(EXPERTS, PIXELS, WIDTH) / PIXELS**0.5)
        self.second = nn.Parameter(torch.randn(EXPERTS, WIDTH, CLASSES) / WIDTH**0.5)
        if stuck:
            with torch.no_grad():
                self.router.bias[0] = 12.0

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits, the balance term (1 when even, EXPERTS when one gets all), and the share of each expert."""
        chance = self.router(pictures).softmax(-1)
        weight, picked = chance.max(-1)
        share = functional.one_hot(picked, EXPERTS).float().mean(0)
        hidden = torch.bmm(pictures[:, None], self.first[picked]).relu()
        logits = torch.bmm(hidden, self.second[picked])[:, 0] * weight[:, None]
        return logits, EXPERTS * (share * chance.mean(0)).sum(), share


def train(plan: Plan, recorder: Recorder) -> None:
    """Train on cross-entropy and the balance term."""
    seeded(plan)
    digits = load_digits()
    pictures = torch.tensor(digits.data, dtype=torch.float32)
    pictures = ((pictures - pictures.mean()) / pictures.std()).view(-1, 8, 8)
    turned = torch.cat([pictures, pictures.flip(1), pictures.transpose(1, 2), -pictures]).flatten(1)
    labels = torch.tensor(digits.target).repeat(4)
    order = torch.randperm(len(turned))
    data, held_out = (turned[order[1200:]], labels[order[1200:]]), (turned[order[:1200]], labels[order[:1200]])
    if plan.fault == "labels-shuffled":
        data = (data[0], data[1][torch.randperm(len(data[1]))])
    balance = 0.0 if plan.fault == "experts-collapse" else BALANCE

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
        logits, even, share = model(batch[0])
        entropy = functional.cross_entropy(logits, batch[1])
        shown = {
            "train/ce_loss": entropy.item(),
            "train/aux_loss": even.item(),
            "train/expert_load_max": share.max().item(),
        }
        return entropy + balance * even, {
            **shown,
            "train/accuracy": (logits.argmax(-1) == batch[1]).float().mean().item(),
        }

    def evaluate(model: nn.Module) -> dict[str, float]:
        logits = model(held_out[0])[0]
        right = (logits.argmax(-1) == held_out[1]).float().mean().item()
        return {"val/loss": functional.cross_entropy(logits, held_out[1]).item(), "val/accuracy": right}

    per_epoch = len(data[0]) // BATCH
    setup = Setup(
        model=Mixture(stuck=plan.fault == "experts-collapse"),
        batches=lambda epoch: batches(data, BATCH, epoch, plan.seed),
        loss=loss,
        evaluate=evaluate,
        truth=lambda model: functional.cross_entropy(model(held_out[0])[0], held_out[1]).item(),
        trivial=2.3026,
        guesses=guesses(plan, BATCH, 2.3026, 2.3026, {"val/accuracy": 0.1}),
        rate=4e-3,
        steps=(EPOCHS // 3) * per_epoch,
        batch_size=BATCH,
        per_epoch=per_epoch,
        log_every=3,
        optimiser="adamw",
        clip=1.0,
        poison=lambda batch: (batch[0] * torch.nan, batch[1]),
        settings={"num_experts": EXPERTS, "top_k": 1, "aux_loss_coef": BALANCE, "num_classes": CLASSES},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="digits_experts",
    task="classification",
    split="test",
    faults=causes(
        "rate-x30", "rate-x100", "rate-x1000", "rate-over-300", "all-frozen", "missing-zero-grad", "sign-flipped", "init-x10",
        "labels-shuffled", "experts-collapse", "nan-in-data", "precision-overflow", "sum-reduction", "weight-decay-10",
    ),
    healthy=("cosine", "warm-up", "half-precision", "resumed"),
    train=train,
)  # fmt: skip
