"""What two-tower programs share: pairs, the softmax over a batch, ranks in a gallery, and the faults of those."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import torch
from benchmarks.accuracy.arrays import Pair
from benchmarks.accuracy.plan import Plan
from torch import Tensor, nn
from torch.nn import functional

GALLERY = 200

PAIR_FAULTS: tuple[str, ...] = (
    "detached-tower",
    "temperature-wrong",
    "collapse",
    "one-candidate",
    "softmax-twice",
    "log-of-zero",
    "train-mode-at-evaluation",
    "target-leak",
    "metric-bug",
)


class Towers(nn.Module):
    """Two encoders into one space, and a logit scale that may be learnt."""

    def __init__(self, plan: Plan, left: nn.Module, right: nn.Module, scale: float, *, learnt: bool) -> None:
        super().__init__()
        self.plan, self.left, self.right = plan, left, right
        start = {"temperature-wrong": 0.2 if plan.seed % 2 == 0 else 3000.0}.get(plan.fault, scale)
        self.log_scale = nn.Parameter(
            torch.tensor(math.log(start)), requires_grad=learnt and plan.fault != "temperature-wrong"
        )

    def forward(self, batch: Pair) -> tuple[Tensor, Tensor]:
        """Return the two sides' unit vectors."""
        first = functional.normalize(self.left(batch[0]), dim=-1)
        second = functional.normalize(self.right(batch[1]), dim=-1)
        return first, second.detach() if self.plan.fault == "detached-tower" else second


@final
@dataclass(frozen=True, slots=True)
class Matching:
    """The loss of matching pairs within a batch, and ranks in a gallery."""

    plan: Plan
    symmetric: bool

    def loss(self, model: nn.Module, batch: Pair) -> tuple[Tensor, dict[str, float]]:
        """The mean InfoNCE of a batch, and the share of pairs that come first in it."""
        assert isinstance(model, Towers)
        first, second = model(batch)
        scores = first @ second.T * model.log_scale.exp()
        value = self.between(scores)
        if self.plan.fault == "collapse":
            # Only the attraction is trained; the logged value is still the loss over the batch.
            pull = (1 - (first * second).sum(-1)).mean() * 20
            value = value.detach() + pull - pull.detach()
        right = (scores.argmax(-1) == torch.arange(len(scores))).float().mean()
        return value, {"train/accuracy": float(right), "temperature": (-model.log_scale).exp().item()}

    def between(self, scores: Tensor) -> Tensor:
        """The loss that the program computes from the scores of a batch."""
        own, fault = torch.arange(len(scores)), self.plan.fault
        if fault == "softmax-twice":
            scores = scores.softmax(-1)
        if fault == "log-of-zero":
            likely = scores.softmax(-1).gather(1, own[:, None])
            return -(likely * (likely > 1e-6)).log().mean()
        smoothing = 0.1 if self.plan.healthy == "label-smoothing" else 0.0
        one = functional.cross_entropy(scores, own, label_smoothing=smoothing)
        return (one + functional.cross_entropy(scores.T, own)) / 2 if self.symmetric else one

    def evaluate(self, model: nn.Module, pairs: Pair, batch_size: int) -> dict[str, float]:
        """The loss over batches as in training, and ranks in the gallery."""
        assert isinstance(model, Towers)
        first, second = model((pairs[0][:GALLERY], pairs[1][:GALLERY]))
        scale = model.log_scale.exp()
        losses = [
            self.between(a @ b.T * scale)
            for a, b in zip(first.split(batch_size), second.split(batch_size), strict=True)
            if len(a) == batch_size
        ]
        ranks = _ranks(first @ second.T)
        factor = 100.0 if self.plan.fault == "metric-bug" and self.plan.seed % 2 else 1.0
        size = batch_size if self.plan.fault == "metric-bug" else 1.0
        return {
            "val/loss": float(torch.stack(losses).mean()),
            "val/recall@1": float((ranks < 1).float().mean()) * size * factor,
            "val/recall@5": float((ranks < 5).float().mean()),
            "val/mrr": float((1 / (ranks + 1)).mean()),
        }

    def truth(self, model: nn.Module, pairs: Pair) -> float:
        """The real mean reciprocal rank in a gallery of clean pairs."""
        first, second = model((pairs[0][:GALLERY], pairs[1][:GALLERY]))
        return float((1 / (_ranks(first @ second.T) + 1)).mean())


def chance_rank() -> float:
    """The mean reciprocal rank of a random order."""
    return sum(1 / rank for rank in range(1, GALLERY + 1)) / GALLERY


def _ranks(scores: Tensor) -> Tensor:
    """How many candidates come before the right one; ties count half, so that a collapsed model ranks at chance."""
    own = scores.diagonal()[:, None]
    ranks = (scores > own).sum(-1).float() + ((scores == own).sum(-1).float() - 1) / 2
    return torch.where(own[:, 0].isfinite(), ranks, torch.tensor(float(len(scores))))
