"""Faults of data that is two arrays: inputs and targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import torch
from benchmarks.accuracy.plan import Plan
from torch import Tensor

Pair = tuple[Tensor, Tensor]

ARRAY_FAULTS: tuple[str, ...] = (
    "labels-shuffled",
    "labels-shifted",
    "label-noise-40",
    "inputs-x255",
    "no-shuffling",
    "train-as-validation",
    "validation-mismatch",
    "overfitting",
    "duplicates-in-batch",
    "validation-tiny",
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Arrays:
    """The data of one run: what is trained on, what the log's validation uses, and clean held-out data for the truth."""

    train: Pair
    val: Pair
    truth: Pair
    batch_size: int
    seed: int
    shuffled: bool = True
    repeats: int = 1

    @property
    def per_epoch(self) -> int:
        """Whole batches in one pass."""
        return max(1, len(self.train[0]) // self.batch_size)

    def batches(self, epoch: int) -> Iterator[Pair]:
        """The batches of one pass, in an order of its own; the last, partial one is dropped."""
        inputs, targets = self.train
        chance = torch.Generator().manual_seed(1000 * self.seed + epoch)
        order = torch.randperm(len(inputs), generator=chance) if self.shuffled else torch.arange(len(inputs))
        if self.repeats > 1:
            order = order[: len(order) // self.repeats].repeat_interleave(self.repeats)
        for start in range(0, self.per_epoch * self.batch_size, self.batch_size):
            chosen = order[start : start + self.batch_size]
            if len(chosen):
                yield inputs[chosen], targets[chosen]


def prepared(plan: Plan, train: Pair, val: Pair, *, batch_size: int, classes: int = 0) -> Arrays:
    """Return the data as the plan's fault leaves it. ``classes`` is 0 where targets are numbers."""
    chance = torch.Generator().manual_seed(plan.seed + 31)
    truth, fault = val, plan.fault
    if fault == "overfitting":
        train = (train[0][:60], train[1][:60])
    if fault == "train-as-validation":
        train = (train[0][:200], train[1][:200])
        val = train
    train = (train[0], _targets(fault, train[1], classes, chance))
    if fault == "inputs-x255":
        train, val, truth = ((255 * x + 128, y) for x, y in (train, val, truth))
    if fault == "validation-mismatch":
        val = (3.0 * val[0] + 2.0, val[1])
    if fault == "validation-tiny":
        val = (val[0][:8], val[1][:8])
    if fault == "imbalance-99":
        train = _one_class(train, chance)
    if fault == "no-shuffling":
        order = torch.argsort(train[1].flatten(1)[:, 0] if train[1].dim() > 1 else train[1], stable=True)
        train = (train[0][order], train[1][order])
    size = 1 if plan.healthy == "batch-1" else 8 if plan.healthy == "small-batch" else batch_size
    return Arrays(
        train=train,
        val=val,
        truth=truth,
        batch_size=min(size, len(train[0])),
        seed=plan.seed,
        shuffled=fault != "no-shuffling",
        repeats=8 if fault == "duplicates-in-batch" else 1,
    )


def _targets(fault: str, targets: Tensor, classes: int, chance: torch.Generator) -> Tensor:
    if fault == "labels-shuffled":
        return targets[torch.randperm(len(targets), generator=chance)]
    if fault == "labels-shifted":
        return targets.roll(1, 0)
    if fault == "label-noise-40":
        wrong = torch.rand(len(targets), generator=chance) < 0.4
        other = targets[torch.randperm(len(targets), generator=chance)]
        if classes:
            other = torch.randint(classes, targets.shape, generator=chance)
        return torch.where(wrong.view(-1, *[1] * (targets.dim() - 1)), other, targets)
    return targets


def _one_class(train: Pair, chance: torch.Generator) -> Pair:
    """99 % of the samples are of class 0, drawn again and again."""
    inputs, labels = train
    common = (labels == 0).nonzero().flatten()
    drawn = common[torch.randint(len(common), (len(labels),), generator=chance)]
    rare = torch.rand(len(labels), generator=chance) < 0.01
    kept = torch.where(rare, torch.arange(len(labels)), drawn)
    return inputs[kept], labels[kept]


def poison(batch: Pair) -> Pair:
    """One value of the inputs is NaN."""
    inputs = batch[0].clone()
    inputs.view(-1)[0] = float("nan")
    return inputs, batch[1]


def spoil(batch: Pair) -> Pair:
    """The batch is garbage: inputs of noise, five times as large as they should be, with targets of other samples."""
    noise = torch.randn(batch[0].shape, generator=torch.Generator().manual_seed(len(batch[0])))
    return 5 * noise, batch[1].flip(0)
