"""One small classification that all PyTorch frameworks are tested on: learnt within a second, 4 classes, seeds fixed."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

CLASSES = 4


def rows(count: int = 256, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Points in 8 dimensions, labelled by the largest of the first four."""
    drawn = torch.randn(count, 8, generator=torch.Generator().manual_seed(seed))
    return drawn, drawn[:, :CLASSES].argmax(1)


def loader(count: int = 256, batch_size: int = 16) -> torch.utils.data.DataLoader[Any]:
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*rows(count)), batch_size=batch_size)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, CLASSES))


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    """Whether two modules hold the same bits."""
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)
