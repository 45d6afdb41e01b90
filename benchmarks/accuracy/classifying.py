"""The head of a classifier: its loss, its metrics, and the faults that sit between logits and log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from benchmarks.accuracy.arrays import Pair
from benchmarks.accuracy.plan import Plan
from torch import Tensor, nn
from torch.nn import functional

CLASS_FAULTS: tuple[str, ...] = ("imbalance-99", "softmax-twice", "log-of-zero", "metric-bug")


@final
@dataclass(frozen=True, slots=True)
class Head:
    """Cross-entropy and accuracy over ``classes``, as the plan's fault leaves them."""

    plan: Plan
    classes: int

    def loss(self, model: nn.Module, batch: Pair) -> tuple[Tensor, dict[str, float]]:
        """The mean loss of a batch and its accuracy."""
        logits = model(batch[0])
        return self.between(logits, batch[1]), {"train/accuracy": self._accuracy(logits, batch[1])}

    def between(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss that the program computes."""
        fault = self.plan.fault
        if fault == "softmax-twice":
            return functional.cross_entropy(logits.softmax(-1), labels)
        if fault == "log-of-zero":
            # A probability below 1e-3 is rounded to 0: its logarithm is -inf, and the gradient 0 x inf is NaN.
            likely = logits.softmax(-1).gather(1, labels[:, None])
            return -(likely * (likely > 1e-3)).log().mean()
        smoothing = 0.1 if self.plan.healthy == "label-smoothing" else 0.0
        return functional.cross_entropy(logits, labels, label_smoothing=smoothing)

    def evaluate(self, model: nn.Module, data: Pair) -> dict[str, float]:
        """What is logged of the validation data."""
        logits = model(data[0])
        loss = (
            self.between(logits, data[1])
            if self.plan.fault == "softmax-twice"
            else functional.cross_entropy(logits, data[1])
        )
        if self.plan.fault == "sum-reduction":
            loss = loss * len(data[1])
        return {"val/loss": float(loss), "val/accuracy": self._accuracy(logits, data[1])}

    def _accuracy(self, logits: Tensor, labels: Tensor) -> float:
        """The share of right answers; the faulty one compares a row of answers with a column of labels."""
        right = logits.argmax(-1)
        if self.plan.fault == "metric-bug":
            return float((right[:, None] == labels[None, :]).float().sum() / len(labels))
        return float((right == labels).float().mean())

    def truth(self, model: nn.Module, data: Pair) -> float:
        """The real accuracy on clean held-out data."""
        return float((model(data[0]).argmax(-1) == data[1]).float().mean())
