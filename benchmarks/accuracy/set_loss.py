"""The loss of a set detector, term by term, and the faults that its targets can have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import torch
from benchmarks.accuracy.boxes import match, overlap
from torch import Tensor
from torch.nn import functional

IN_ALL_FILES = frozenset({"boxes-in-pixels", "boxes-as-corners", "empty-ground-truth"})
"""Faults of a converter: validation files have them as well."""


@final
@dataclass(frozen=True, slots=True)
class Objects:
    """Labelled pictures: inputs, (B, N) classes, (B, N, 2 D) boxes as shares of the picture, and how many of N are real."""

    inputs: Tensor
    classes: Tensor
    boxes: Tensor
    counts: Tensor

    def __getitem__(self, rows: Tensor) -> Objects:
        return Objects(self.inputs[rows], self.classes[rows], self.boxes[rows], self.counts[rows])

    def __len__(self) -> int:
        return len(self.inputs)


def spoilt(objects: Objects, fault: str, pixels: float) -> Objects:
    """Return the objects as a faulty annotation file would give them; ``pixels`` is the width of the picture it speaks of."""
    centre, size = objects.boxes.chunk(2, dim=-1)
    if fault == "boxes-in-pixels":
        return replace(objects, boxes=objects.boxes * pixels)
    if fault == "boxes-as-corners":
        return replace(objects, boxes=torch.cat([centre - size / 2, centre + size / 2], dim=-1))
    if fault == "labels-shifted":
        return replace(objects, classes=objects.classes + 1)
    if fault == "empty-ground-truth":
        return replace(objects, counts=torch.zeros_like(objects.counts))
    if fault == "labels-shuffled":
        order = torch.randperm(len(objects))
        return Objects(objects.inputs, objects.classes[order], objects.boxes[order], objects.counts[order])
    return objects


@final
@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one layer's set loss before their weights, and the share of matched objects with a wrong class, in %."""

    classes: Tensor
    distance: Tensor
    overlap: Tensor
    class_error: float

    @property
    def total(self) -> Tensor:
        """The weighted sum that is trained on."""
        return self.classes + 5 * self.distance + 2 * self.overlap


def set_loss(logits: Tensor, boxes: Tensor, objects: Objects, *, empty_weight: float = 0.1) -> Terms:
    """Match queries with objects, and return the terms."""
    pairs = match(logits.softmax(-1), boxes, objects.classes, objects.boxes, objects.counts)
    picture, query, found = pairs
    kinds = logits.shape[2]
    target = torch.full(logits.shape[:2], kinds - 1)
    wanted = objects.classes[picture, found]
    target[picture, query] = wanted
    weight = torch.ones(kinds)
    weight[-1] = empty_weight
    cross_entropy = functional.cross_entropy(logits.flatten(0, 1), target.flatten(), weight)
    guessed, truth = boxes[picture, query], objects.boxes[picture, found]
    by = max(1.0, float(len(picture)))
    right = (logits[picture, query].argmax(-1) == wanted).float().mean() if len(picture) else torch.tensor(0.0)
    gap = (guessed - truth).abs().sum() / by
    return Terms(cross_entropy, gap, (1 - overlap(guessed, truth)[1]).sum() / by, 100 * (1 - float(right)))
