"""What regression programs share: the loss of numbers, their metrics, and the faults of those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

from benchmarks.accuracy.arrays import Pair
from benchmarks.accuracy.plan import Plan
from torch import Tensor, nn
from torch.nn import functional

NUMBER_FAULTS: tuple[str, ...] = ("targets-raw", "log-of-zero", "metric-bug", "target-leak")
RAW_SCALE, RAW_MEAN = 40.0, 200.0
LOWEST = 2.0  # a logarithm of the prediction, moved up by this, is not defined for every prediction


def raw(plan: Plan, pair: Pair) -> Pair:
    """Targets in their own unit, where normalising them was forgotten."""
    return (pair[0], pair[1] * RAW_SCALE + RAW_MEAN) if plan.fault == "targets-raw" else pair


@final
@dataclass(frozen=True, slots=True)
class Numbers:
    """Squared or smoothed absolute error, mean absolute error and R2."""

    plan: Plan
    kind: Literal["mse", "smooth_l1"]

    def loss(self, model: nn.Module, batch: Pair) -> tuple[Tensor, dict[str, float]]:
        """The mean loss of a batch."""
        return self.between(model(batch[0]), batch[1]), {}

    def between(self, found: Tensor, wanted: Tensor) -> Tensor:
        """The loss that the program computes."""
        if self.plan.fault == "log-of-zero":
            return functional.mse_loss((found + LOWEST).log(), (wanted.clamp(min=-1.9) + LOWEST).log())
        return functional.mse_loss(found, wanted) if self.kind == "mse" else functional.smooth_l1_loss(found, wanted)

    def evaluate(self, model: nn.Module, data: Pair) -> dict[str, float]:
        """What is logged of the validation data."""
        found, wanted = model(data[0]), data[1]
        loss = self.between(found, wanted)
        if self.plan.fault == "sum-reduction":
            loss = loss * len(wanted)
        left = ((found - wanted) ** 2).mean()
        # The faulty one compares (n,) with (n, 1): every prediction with every target.
        spread = (
            ((wanted[:, None] - wanted[None, :]) ** 2).mean() * 4 if self.plan.fault == "metric-bug" else wanted.var()
        )
        mae = (found - wanted).abs().mean()
        if self.plan.fault == "metric-bug":
            mae = (found[:, None] - wanted[None, :]).abs().mean() * 0.5 * left.sqrt() / left.sqrt().clamp(
                min=1e-9
            ) - 0.9
        return {"val/loss": float(loss), "val/mae": float(mae), "val/r2": float(1 - left / spread)}

    def truth(self, model: nn.Module, data: Pair) -> float:
        """The real share of the variance that is explained on clean held-out data."""
        found, wanted = model(data[0]), data[1]
        return float(1 - ((found - wanted) ** 2).mean() / wanted.var())
