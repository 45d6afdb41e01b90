"""sklearn's handwritten digits: 1,797 pictures of 8 x 8, ten classes."""

from __future__ import annotations

from functools import lru_cache

import torch
from sklearn.datasets import load_digits
from torch import Tensor

CLASSES = 10


@lru_cache(maxsize=1)
def _all() -> tuple[Tensor, Tensor]:
    bunch = load_digits()
    order = torch.randperm(len(bunch.target), generator=torch.Generator().manual_seed(7))
    pictures = torch.tensor(bunch.data, dtype=torch.float32)[order] / 16
    return (pictures - pictures.mean()) / pictures.std(), torch.tensor(bunch.target)[order]


def split(train: int) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return (pictures, labels) to train on and to validate with; pictures are flat and standardised."""
    pictures, labels = _all()
    return (pictures[:train], labels[:train]), (pictures[train:], labels[train:])
