"""Batches of a data set that is held in tensors."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


def rows(count: int, batch: int, epoch: int, seed: int) -> Iterator[Tensor]:
    """Yield the row numbers of one pass in full batches, in an order that only the seed and the epoch decide."""
    draw = torch.Generator().manual_seed(seed * 10_007 + epoch)
    for part in torch.randperm(count, generator=draw).split(batch):
        if len(part) == batch:
            yield part


def batches(tensors: tuple[Tensor, ...], batch: int, epoch: int, seed: int) -> Iterator[tuple[Tensor, ...]]:
    """Yield the tensors of each batch."""
    for part in rows(len(tensors[0]), batch, epoch, seed):
        yield tuple(tensor[part] for tensor in tensors)
