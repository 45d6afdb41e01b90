"""What two language-model programs share: windows of text, the next token, and the faults of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import torch
from benchmarks.accuracy.data import text
from benchmarks.accuracy.plan import Plan
from torch import Tensor, nn
from torch.nn import functional

Windows = tuple[Tensor, Tensor]
PAD = 0  # the space: what shorter sequences are filled with

TEXT_FAULTS: tuple[str, ...] = (
    "labels-shuffled",
    "labels-shifted",
    "label-noise-40",
    "softmax-twice",
    "padding-counted",
    "target-leak",
    "no-shuffling",
    "train-as-validation",
    "overfitting",
    "duplicates-in-batch",
    "log-of-zero",
    "validation-tiny",
    "labels-masked-out",
    "metric-bug",
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Text to train on and to validate with, cut into windows of ``context`` tokens."""

    plan: Plan
    context: int
    batch_size: int
    size: int = 40_000

    @property
    def trained(self) -> Tensor:
        """The training text; 60 windows of it where the run is to learn by heart."""
        stream = text.tokens(self.size, 5)
        return stream[: 30 * self.context] if self.plan.fault == "overfitting" else stream

    @property
    def held(self) -> Tensor:
        """Text that is not trained on."""
        return text.tokens(6_000, 6)

    @property
    def per_epoch(self) -> int:
        """Batches after which as many tokens were seen as the text has."""
        return max(1, len(self.trained) // (self.context * self.batch_size))

    def batches(self, epoch: int) -> Iterator[Windows]:
        """Windows at random places, or in the text's order where shuffling is missing."""
        stream, fault = self.trained, self.plan.fault
        chance = torch.Generator().manual_seed(1000 * self.plan.seed + epoch)
        for number in range(self.per_epoch):
            starts = torch.randint(len(stream) - self.context - 2, (self.batch_size,), generator=chance)
            if fault == "no-shuffling":
                starts = number * 40 + torch.arange(self.batch_size)
            if fault == "duplicates-in-batch":
                starts = starts[:1].repeat(self.batch_size)
            inputs, targets = self.windows(stream, starts)
            yield inputs, self._spoiled(targets, chance)

    def windows(self, stream: Tensor, starts: Tensor) -> Windows:
        """Cut windows and their next tokens; two of three tokens are padding where padding is to be counted."""
        ahead = 4 if self.plan.fault == "labels-shifted" else 1
        places = starts[:, None] + torch.arange(self.context)
        inputs, targets = stream[places], stream[(places + ahead).clamp(max=len(stream) - 1)]
        if self.plan.fault == "padding-counted":
            inputs, targets = inputs.clone(), targets.clone()
            inputs[:, self.context // 3 :] = PAD
            targets[:, self.context // 3 :] = PAD
        return inputs, targets

    def _spoiled(self, targets: Tensor, chance: torch.Generator) -> Tensor:
        if self.plan.fault == "labels-shuffled":
            flat = targets.flatten()
            return flat[torch.randperm(len(flat), generator=chance)].view_as(targets)
        if self.plan.fault == "label-noise-40":
            other = torch.randint(text.VOCABULARY, targets.shape, generator=chance)
            return torch.where(torch.rand(targets.shape, generator=chance) < 0.4, other, targets)
        if self.plan.fault == "labels-masked-out":
            return torch.full_like(targets, -100)
        return targets

    def validation(self) -> Windows:
        """What the log's validation measures."""
        stream = self.trained if self.plan.fault == "train-as-validation" else self.held
        count = 1 if self.plan.fault == "validation-tiny" else 24
        return self.windows(stream, torch.arange(count) * 97 % (len(stream) - self.context - 2))


@final
@dataclass(frozen=True, slots=True)
class NextToken:
    """The loss of the next token, and what is logged and true of it."""

    plan: Plan
    corpus: Corpus

    def loss(self, model: nn.Module, batch: Windows) -> tuple[Tensor, dict[str, float]]:
        """The mean loss over the tokens of a batch."""
        return self.between(model(batch[0]), batch[1]), {}

    def between(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The loss that the program computes."""
        flat, labels, fault = logits.flatten(0, 1), targets.flatten(), self.plan.fault
        if fault == "softmax-twice":
            flat = flat.softmax(-1)
        if fault == "log-of-zero":
            likely = flat.softmax(-1).gather(1, labels[:, None])
            return -(likely * (likely > 2e-3)).log().mean()
        if fault == "labels-masked-out":
            return functional.cross_entropy(flat, labels, reduction="sum") / max(1, int((labels >= 0).sum()))
        smoothing = 0.1 if self.plan.healthy == "label-smoothing" else 0.0
        return functional.cross_entropy(flat, labels, label_smoothing=smoothing)

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """What is logged of the validation text."""
        inputs, targets = self.corpus.validation()
        logits = model(inputs)
        loss = self.between(logits, targets)
        if self.plan.fault == "sum-reduction":
            loss = loss * self.corpus.batch_size
        right = (logits.argmax(-1) == targets).float()
        share = right.sum() / len(right) if self.plan.fault == "metric-bug" else right.mean()
        return {"val/loss": float(loss), "val/accuracy": float(share)}

    def truth(self, model: nn.Module) -> float:
        """The real loss of the next token on held-out text, before any padding; a model that needs to see it has no skill."""
        stream = self.corpus.held
        places = (torch.arange(24) * 211 % (len(stream) - self.corpus.context - 2))[:, None]
        places = places + torch.arange(self.corpus.context)
        inputs, targets = stream[places], stream[places + 1]
        if self.plan.fault == "target-leak":
            inputs = torch.cat([inputs[:, : self.corpus.context // 2], torch.zeros_like(inputs)], 1)[
                :, : self.corpus.context
            ]
            last = self.corpus.context // 2 - 1
            return float(functional.cross_entropy(model(inputs)[:, last], targets[:, last]))
        return float(functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten()))


def garbage(batch: Windows) -> Windows:
    """Random letters: a broken shard."""
    chance = torch.Generator().manual_seed(3)
    return torch.randint(text.VOCABULARY, batch[0].shape, generator=chance), torch.randint(
        text.VOCABULARY, batch[1].shape, generator=chance
    )
