"""Sets of boxes: overlap, one-to-one matching with queries, and the average precision of what was found.

Boxes are centres and sizes side by side, in any number of dimensions D: (..., 2 D).
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor


def corners(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Return the lower and upper corners of boxes that are given as centres and sizes."""
    centre, size = boxes.chunk(2, dim=-1)
    return centre - size / 2, centre + size / 2


def overlap(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Return the intersection over union, and its generalised form, of boxes that broadcast."""
    (low, high), (other_low, other_high) = corners(first), corners(second)
    shared = (torch.minimum(high, other_high) - torch.maximum(low, other_low)).clamp(min=0).prod(-1)
    union = (high - low).clamp(min=0).prod(-1) + (other_high - other_low).clamp(min=0).prod(-1) - shared
    hull = (torch.maximum(high, other_high) - torch.minimum(low, other_low)).clamp(min=0).prod(-1)
    iou = shared / union.clamp(min=1e-9)
    return iou, iou - (hull - union) / hull.clamp(min=1e-9)


def match(
    chance: Tensor, boxes: Tensor, classes: Tensor, truth: Tensor, counts: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Match queries with objects: (B, Q, C) probabilities and (B, Q, 2 D) boxes with (B, N) classes and (B, N, 2 D) boxes.

    The first ``counts`` objects of a row are real. Returns picture, query and object of each pair.
    """
    distance = torch.cdist(boxes, truth, p=1)
    known = chance.gather(2, classes.clamp(0, chance.shape[2] - 1)[:, None, :].expand(-1, chance.shape[1], -1))
    cost = 5 * distance - known - 2 * overlap(boxes[:, :, None], truth[:, None])[1]
    costs, rows = np.nan_to_num(cost.detach().numpy(), nan=1e4, posinf=1e4, neginf=-1e4), []
    for picture, count in enumerate(counts.tolist()):
        for query, found in zip(*linear_sum_assignment(costs[picture, :, :count]), strict=True):
            rows.append((picture, int(query), int(found)))
    pairs = torch.tensor(rows, dtype=torch.long).reshape(-1, 3)
    return pairs[:, 0], pairs[:, 1], pairs[:, 2]


def average_precision(chance: Tensor, boxes: Tensor, classes: Tensor, truth: Tensor, counts: Tensor) -> float:
    """Return the average precision at an overlap of one half over all classes but the last ("no object")."""
    score, label = chance[:, :, :-1].max(-1)
    iou = overlap(boxes[:, :, None], truth[:, None])[0]
    real = torch.arange(truth.shape[1])[None] < counts[:, None]
    fits = ((iou >= 0.5) & (label[:, :, None] == classes[:, None]) & real[:, None]).numpy()
    order = torch.argsort(score.flatten(), descending=True).tolist()
    queries, taken, hits = boxes.shape[1], np.zeros(real.shape, dtype=bool), []
    for place in order:
        picture, query = divmod(place, queries)
        free = np.flatnonzero(fits[picture, query] & ~taken[picture])
        hits.append(free.size > 0)
        if free.size:
            taken[picture, free[0]] = True
    right = np.cumsum(hits)
    precision = np.maximum.accumulate((right / np.arange(1, len(hits) + 1))[::-1])[::-1]
    return float((precision * np.asarray(hits)).sum() / max(1, int(real.sum())))
