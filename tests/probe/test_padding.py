"""Padding in models that give one answer for a whole row: it must not matter how much of it there is."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it
from torch import nn

from traindx import probe


class Pooling(nn.Module):
    """Mean of embeddings: of all places, or of those that the mask keeps; with a fixed number of positions or none."""

    def __init__(self, *, masked: bool, fixed: bool = False, padding_idx: int | None = None) -> None:
        super().__init__()
        self.masked, self.table, self.head = masked, nn.Embedding(50, 32, padding_idx), nn.Linear(32, 3)
        self.places = nn.Parameter(torch.zeros(1, 12, 32)) if fixed else 0.0

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        kept = mask[..., None].float() if self.masked else torch.ones(*mask.shape, 1)
        return self.head(((self.table(ids) + self.places) * kept).sum(1) / kept.sum(1))


def loss(model: Any, batch: Any) -> Any:
    return F.cross_entropy(model(batch["input_ids"], batch["attention_mask"]), batch["labels"])


def batch(*, padding: bool = True) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    mask = (torch.arange(12) < 4 + torch.arange(16)[:, None] % 8).long()
    ids = torch.randint(1, 50, (16, 12))
    return {
        "input_ids": ids * mask if padding else ids,
        "attention_mask": mask,
        "labels": torch.randint(0, 3, (16,)),
    }


def codes(model: nn.Module, of: dict[str, torch.Tensor]) -> list[str]:
    report = probe.run(model, loss, of, only="PRB017")
    assert report.limits == ("no optimizer was given: its learning rate and parameters were not looked at (optimizer=...)",)  # fmt: skip
    return [finding.code for finding in report.findings]


def test_padding_in_a_mean_over_all_places_is_found() -> None:
    assert codes(Pooling(masked=False), batch()) == ["PRB017"]


@pytest.mark.parametrize("padding_idx", [None, 0])
def test_padding_that_a_mask_keeps_out_is_no_fault(padding_idx: int | None) -> None:
    assert codes(Pooling(masked=True, padding_idx=padding_idx), batch()) == []


def test_a_model_of_a_fixed_length_is_not_judged_by_a_shorter_one() -> None:
    assert codes(Pooling(masked=False, fixed=True), batch()) == []


def test_a_mask_over_places_that_hold_something_is_no_padding() -> None:
    assert codes(Pooling(masked=False), batch(padding=False)) == []
