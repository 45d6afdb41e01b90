"""Sums modulo a prime: training is right long before validation begins to be."""

from __future__ import annotations

import math

import torch
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.stepping import seeded
from torch import Tensor, nn
from torch.nn import functional

PRIME, WIDTH, STEPS, DECAY, RATE, TRAINED = 29, 128, 1000, 3.0, 1.5e-3, 0.55


class Adder(nn.Module):
    """A quadratic hidden layer over both summands, one-hot."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2 * PRIME, WIDTH, bias=False)
        self.second = nn.Linear(WIDTH, PRIME, bias=False)

    def forward(self, pairs: Tensor) -> Tensor:
        """Return logits of the sum."""
        logits: Tensor = self.second(self.first(pairs).square())
        return logits


def train(plan: Plan, recorder: Recorder) -> None:
    """Train on all known sums at once, with strong weight decay, which is what makes the delay end."""
    _ = seeded(plan)
    numbers = torch.cartesian_prod(torch.arange(PRIME), torch.arange(PRIME))
    inputs = functional.one_hot(numbers, PRIME).flatten(1).float()
    sums = numbers.sum(1) % PRIME
    order = torch.randperm(len(sums))
    known, asked = order.split([round(TRAINED * len(sums)), len(sums) - round(TRAINED * len(sums))])
    model = Adder()
    rate = RATE * min(1.5, max(0.7, plan.rate))
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=DECAY, betas=(0.9, 0.98))
    steps = round(STEPS * max(1.0, plan.length))
    level = math.log(PRIME)
    recorder.setting(
        learning_rate=rate, weight_decay=DECAY, batch_size=len(known), num_classes=PRIME, optimizer="adamw"
    )
    recorder.guess({"train/loss": level, "val/loss": level, "val/accuracy": 1 / PRIME})
    for step in range(steps):
        logits = model(inputs[known])
        loss = functional.cross_entropy(logits, sums[known])
        model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % 10 == 0 or step == steps - 1:
            with torch.no_grad():
                held = model(inputs[asked])
                accuracy = (held.argmax(-1) == sums[asked]).float().mean().item()
                value = functional.cross_entropy(held, sums[asked]).item()
            right = (logits.argmax(-1) == sums[known]).float().mean().item()
            shown = {"train/loss": loss.item(), "train/accuracy": right, "val/loss": value, "val/accuracy": accuracy}
            recorder.log(step, {**shown, "lr": rate})
    recorder.outcome(accuracy, trivial=1 / PRIME, higher=True)


PROGRAM = Program(
    name="modular_sums",
    task="classification",
    split="test",
    faults={},
    healthy=(),
    train=train,
    forms=("jsonl", "tensorboard", "lightning-csv"),
)
