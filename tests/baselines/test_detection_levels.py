"""Detection and segmentation levels by simulation and with torch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from torch.nn import functional as nnf

from traindx import baselines as b


def _focal(z: float, pos: float, alpha: float = 0.25, gamma: float = 2.0) -> float:
    """The usual torch form of focal loss, as detection libraries write it."""
    labels = torch.tensor([1.0] * round(1e4 * pos) + [0.0] * round(1e4 * (1 - pos)), dtype=torch.float64)
    logits = torch.full_like(labels, z)
    p = torch.sigmoid(logits)
    ce = nnf.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    p_t = p * labels + (1 - p) * (1 - labels)
    weight = alpha * labels + (1 - alpha) * (1 - labels)
    return (weight * ce * (1 - p_t) ** gamma).mean().item()


@pytest.mark.parametrize("pos", [0.5, 0.1, 0.01, 0.001])
def test_focal_levels_agree_with_the_usual_torch_form(pos: float) -> None:
    assert b.focal_chance(pos).value == pytest.approx(_focal(0.0, pos), rel=1e-9)
    best = minimize_scalar(lambda z: _focal(z, pos), bounds=(-12, 4), method="bounded")
    assert b.focal_trivial(pos).value == pytest.approx(float(best.fun), rel=1e-5)


def test_the_prior_bias_saves_three_orders_of_magnitude() -> None:
    with_bias = b.focal_start(100_000, 10)
    assert with_bias.value == pytest.approx(1e5 * _focal(math.log(0.01 / 0.99), 1e-4) / 10, rel=1e-6)
    assert b.focal_start(100_000, 10, 0.5).value > 1000 * with_bias.value


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2, 0.5])
@pytest.mark.parametrize("squared", [False, True])
def test_dice_levels_are_those_of_constant_masks(share: float, squared: bool) -> None:
    truth = np.array([1.0] * round(1000 * share) + [0.0] * round(1000 * (1 - share)))

    def loss(p: float) -> float:
        below = (p * p if squared else p) * truth.size + truth.sum()
        return float(1 - 2 * p * truth.sum() / below)

    assert b.dice_chance(share, squared=squared).value == pytest.approx(loss(0.5))
    assert b.dice_trivial(share, squared=squared).value == pytest.approx(
        min(loss(p) for p in np.linspace(0.001, 1, 1000)), abs=1e-3
    )
    assert b.tversky_loss(0.5, share, 0.5, 0.5) == pytest.approx(b.dice_loss(0.5, share))
    assert b.tversky_loss(1.0, share, 1.0, 1.0) == pytest.approx(1 - b.iou_all_foreground(share).value)


def test_empty_images_score_zero_dice_loss_when_nothing_is_predicted() -> None:
    assert b.dice_all_background(0.0, 4096).value == 0.0
    assert b.dice_all_background(0.1, 4096).value > 0.99
    assert b.pixel_accuracy_trivial(0.1).value == 0.9


def _giou(a: np.ndarray, c: np.ndarray) -> np.ndarray:
    def area(x0: np.ndarray, y0: np.ndarray, x1: np.ndarray, y1: np.ndarray) -> np.ndarray:
        return np.clip(x1 - x0, 0, None) * np.clip(y1 - y0, 0, None)

    inter = area(*np.maximum(a, c)[:2], *np.minimum(a, c)[2:])
    union = area(*a) + area(*c) - inter
    hull = area(*np.minimum(a, c)[:2], *np.maximum(a, c)[2:])
    return inter / union - (hull - union) / hull


def _placed(rng: np.random.Generator, w: np.ndarray, h: np.ndarray) -> np.ndarray:
    x, y = rng.random(w.size) * (1 - w), rng.random(h.size) * (1 - h)
    return np.stack([x, y, x + w, y + h])


def _guesses(rng: np.random.Generator, n: int) -> np.ndarray:
    return _placed(rng, *rng.random((2, n)))


def _objects(rng: np.random.Generator, n: int) -> np.ndarray:
    return _placed(rng, *np.exp(rng.uniform(math.log(0.03), math.log(0.9), (2, n))))


def _l1(a: np.ndarray, c: np.ndarray) -> np.ndarray:
    to_centre = np.array([[0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [-1, 0, 1, 0], [0, -1, 0, 1]])
    return np.abs(to_centre @ (a - c)).sum(axis=0)


def test_random_boxes_score_what_is_stated() -> None:
    rng = np.random.default_rng(0)
    a, c = _guesses(rng, 100_000), _objects(rng, 100_000)
    loss = 1 - _giou(a, c)
    assert loss.max() <= b.giou_ceiling().value
    assert b.giou_chance().value == pytest.approx(loss.mean(), abs=0.02)
    simulated = 6 * (math.log(92) + 5 * _l1(a, c).mean() + 2 * loss.mean())
    assert b.detr_chance().value == pytest.approx(simulated, rel=0.02)


def test_matching_the_nearest_of_random_boxes_costs_what_detr_starts_with() -> None:
    rng = np.random.default_rng(1)
    l1, giou = [], []
    for _ in range(1000):
        target, queries = np.repeat(_objects(rng, 1), 100, axis=1), _guesses(rng, 100)
        distance, loss = _l1(queries, target), 1 - _giou(queries, target)
        best = (5 * distance + 2 * loss).argmin()
        l1.append(distance[best])
        giou.append(loss[best])
    simulated = 6 * (math.log(92) + 5 * np.mean(l1) + 2 * np.mean(giou))
    assert b.detr_initial().value == pytest.approx(simulated, rel=0.04)


def test_uniform_coordinates_are_a_third_apart_and_a_quarter_from_the_middle() -> None:
    rng = np.random.default_rng(2)
    u, v = rng.random((4, 50_000)), rng.random((4, 50_000))
    assert b.box_l1_chance().value == pytest.approx(np.abs(u - v).sum(0).mean(), rel=0.01)
    assert b.box_l1_trivial().value == pytest.approx(np.abs(u - 0.5).sum(0).mean(), rel=0.01)
    assert b.box_l1_ceiling().value == 4.0
    assert b.disjoint_iou_loss().value == 1.0


def test_corner_boxes_in_pixels_cost_four_half_sides() -> None:
    boxes = 1008 * _guesses(np.random.default_rng(3), 50_000)
    assert b.pixel_box_l1(1008).value == pytest.approx(np.abs(boxes - 0.5).sum(axis=0).mean(), rel=0.01)


def test_the_best_constant_class_output_of_detr_is_found_by_torch() -> None:
    classes, queries, objects, weight = 5, 20, 5, 0.1
    labels = torch.tensor([*range(5), *([5] * 15)])
    weights = torch.tensor([1.0] * classes + [weight], dtype=torch.float64)
    losses = []
    for p in np.linspace(0.01, 0.99, 981):
        row = torch.tensor([(1 - p) / classes] * classes + [p], dtype=torch.float64).log()
        losses.append(nnf.cross_entropy(row.repeat(queries, 1), labels, weight=weights).item())
    assert b.weighted_constant_ce(classes, queries, objects, weight) == pytest.approx(min(losses), abs=1e-4)


def test_budgets_are_the_sums_of_their_terms() -> None:
    terms = [b.Term("a", 2.0, 3.0, 4.0), b.Term("b", 0.5)]
    assert b.budget(terms, "chance", "m", "s").value == pytest.approx(24.5)
    assert b.detr_ceiling(6).value == 144.0
    evaluation, training = b.sam3_chance(aux_layers=0, one_to_many=0.0), b.sam3_chance()
    assert 50 < evaluation.value < 100 < 400 < training.value < 800


def test_even_bins_cost_the_logarithm_of_their_number() -> None:
    logits = torch.zeros(1, 16, dtype=torch.float64)
    soft = 0.3 * nnf.cross_entropy(logits, torch.tensor([4])) + 0.7 * nnf.cross_entropy(logits, torch.tensor([5]))
    assert b.dfl_chance().value == pytest.approx(1.5 * soft.item())
    assert b.yolo_box_chance().value == 7.5
