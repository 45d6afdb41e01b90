"""Short texts over a small alphabet with a hidden taste, and pairs of them of which one is preferred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

LETTERS, LENGTH, PROMPTS = 16, 10, 6


@final
@dataclass(frozen=True, slots=True)
class Pairs:
    """Prompts (N,), and the preferred and the other text of each, (N, LENGTH)."""

    prompts: Tensor
    chosen: Tensor
    rejected: Tensor

    def __getitem__(self, part: Tensor) -> Pairs:
        return Pairs(self.prompts[part], self.chosen[part], self.rejected[part])

    def __len__(self) -> int:
        return len(self.prompts)

    def swapped(self, where: Tensor) -> Pairs:
        """Return the pairs with the two texts exchanged where the mask (N,) says so."""
        mask = where[:, None]
        return Pairs(
            self.prompts, torch.where(mask, self.rejected, self.chosen), torch.where(mask, self.chosen, self.rejected)
        )


def taste() -> Tensor:
    """Return how much each letter is liked after each prompt: (PROMPTS, LETTERS)."""
    return torch.randn(PROMPTS, LETTERS, generator=torch.Generator().manual_seed(11))


def pairs(count: int, draw: torch.Generator, *, noise: float = 0.5) -> Pairs:
    """Return pairs of random texts, preferred by the taste and some noise of the judge."""
    prompts = torch.randint(0, PROMPTS, (count,), generator=draw)
    texts = torch.randint(0, LETTERS, (2, count, LENGTH), generator=draw)
    liking = taste()[prompts[None, :, None], texts].mean(-1) * LENGTH**0.5
    better = liking[0] - liking[1] + noise * torch.randn(count, generator=draw) > 0
    return Pairs(prompts, texts[0], texts[1]).swapped(~better)


def swapped_by(fault: str, given: Pairs, draw: torch.Generator) -> Pairs:
    """Return the pairs as the fault leaves them."""
    if fault == "labels-shuffled":
        return given.swapped(torch.rand(len(given), generator=draw) < 0.5)
    if fault == "label-noise-40":
        return given.swapped(torch.rand(len(given), generator=draw) < 0.2)
    return given.swapped(torch.ones(len(given), dtype=torch.bool)) if fault == "pairs-swapped" else given
