"""The parts of the detectors that have a closed form, or another library's answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from benchmarks.accuracy.boxes import average_precision, match, overlap
from benchmarks.accuracy.guessing import dice_and_entropy
from benchmarks.accuracy.programs.grid_actor import Walks
from sklearn.metrics import average_precision_score


def test_two_squares_that_share_a_quarter_overlap_by_a_seventh() -> None:
    first, second = torch.tensor([0.5, 0.5, 1.0, 1.0]), torch.tensor([1.0, 1.0, 1.0, 1.0])
    iou, generalised = overlap(first, second)
    assert float(iou) == pytest.approx(0.25 / 1.75)
    assert float(generalised) == pytest.approx(0.25 / 1.75 - (2.25 - 1.75) / 2.25)


def test_apart_on_a_line_the_generalised_overlap_is_minus_the_gap_over_the_hull() -> None:
    iou, generalised = overlap(torch.tensor([0.5, 1.0]), torch.tensor([3.5, 1.0]))
    assert float(iou) == 0.0
    assert float(generalised) == pytest.approx(-2 / 4)


def test_queries_are_matched_with_the_objects_they_lie_on() -> None:
    boxes = torch.tensor([[[0.8, 0.2], [0.2, 0.2], [0.5, 0.2]]])
    truth = torch.tensor([[[0.21, 0.2], [0.79, 0.2]]])
    even = torch.full((1, 3, 3), 1 / 3)
    _, query, found = match(even, boxes, torch.tensor([[0, 1]]), truth, torch.tensor([2]))
    assert dict(zip(query.tolist(), found.tolist(), strict=True)) == {1: 0, 0: 1}


def test_where_every_object_is_found_the_precision_is_that_of_scikit_learn() -> None:
    draw = np.random.default_rng(0)
    hits = draw.random((40, 1)) < 0.5
    scores = 0.5 + 0.4 * draw.random(40)
    boxes = torch.where(torch.tensor(hits)[..., None], torch.tensor([0.5, 0.2]), torch.tensor([0.1, 0.05]))
    chance = torch.tensor(np.stack([scores, 1 - scores], axis=1))[:, None].float()
    truth = torch.tensor([0.5, 0.2]).expand(40, 1, 2)
    counts = torch.tensor(hits[:, 0]).long()
    found = average_precision(chance, boxes.float(), torch.zeros(40, 1, dtype=torch.long), truth, counts)
    plain = average_precision_score(hits[:, 0], scores)
    assert found >= plain - 1e-6  # ours takes the best precision at this recall or any higher
    assert found == pytest.approx(_enveloped(hits[:, 0], scores), abs=1e-6)


def _enveloped(hits: np.ndarray, scores: np.ndarray) -> float:
    order = np.argsort(-scores)
    right = np.cumsum(hits[order])
    precision = right / np.arange(1, len(hits) + 1)
    return float(np.mean([precision[place:].max() for place in np.flatnonzero(hits[order])]))


def test_half_foreground_and_no_dice_term_cost_one_bit() -> None:
    assert dice_and_entropy(0.5, 0.0) == pytest.approx(np.log(2), abs=1e-5)


def test_a_walk_ends_at_the_goal_with_its_reward() -> None:
    walks = Walks(torch.Generator().manual_seed(0), blind=False)
    walks.place[0], walks.goal[0] = torch.tensor([2, 2]), torch.tensor([2, 3])
    reward, ended = walks.step(torch.zeros(len(walks.place), dtype=torch.long))
    assert bool(ended[0])
    assert float(reward[0]) == pytest.approx(0.95)
    assert walks.done[0] == (pytest.approx(0.95), 1.0)
