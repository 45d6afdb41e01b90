"""The levels of a constant prediction, in the units that the faulty run logs."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from benchmarks.accuracy.plan import Plan
from torch import Tensor


def guesses(
    plan: Plan, batch: int, train: float, val: float, others: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return the levels by canonical name; a training loss that is summed over the batch has its level summed too."""
    summed = batch if plan.fault == "sum-reduction" else 1
    return {"train/loss": summed * train, "val/loss": val, **(others or {})}


def dice_and_entropy(share: float, with_dice: float) -> float:
    """Return the least sum of a Dice loss and a cross-entropy that one probability for all pixels reaches.

    >>> round(dice_and_entropy(0.5, 0.0), 4)
    0.6931
    """
    chance = torch.linspace(0.001, 0.999, 999)
    dice = 1 - 2 * chance * share / (chance + share)
    entropy: Tensor = -(share * chance.log() + (1 - share) * (1 - chance).log())
    return float((with_dice * dice + entropy).min())
