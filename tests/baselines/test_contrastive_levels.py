"""Contrastive losses: chance, floors and starts against simulations and torch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from torch.nn import functional as nnf

from traindx import baselines as b


def _unit(rng: np.random.Generator, n: int, dim: int) -> np.ndarray:
    x = rng.normal(size=(n, dim))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def _info_nce(scores: np.ndarray) -> float:
    return float((logsumexp(scores, axis=1) - np.diag(scores)).mean())


@pytest.mark.parametrize(
    ("samples", "batch", "by_batch"),
    [
        (5000, 256, 5.5136),
        (50_000, 256, 5.5392),
        (10_000, 256, 5.4759),
        (2000, 256, 5.5192),
        (12_500, 256, 5.5413),
        (512, 256, math.log(256)),
        (257, 256, math.log(256) / 2),
    ],
)
def test_the_short_last_batch_lowers_chance_as_a_loader_would(samples: int, batch: int, by_batch: float) -> None:
    sizes = np.array([min(batch, samples - start) for start in range(0, samples, batch)])
    losses = np.log(sizes)
    assert b.info_nce_epoch_chance(samples, batch).value == pytest.approx(losses.mean(), abs=1e-12)
    assert b.info_nce_epoch_chance(samples, batch, "samples").value == pytest.approx(
        np.average(losses, weights=sizes), abs=1e-12
    )
    assert losses.mean() == pytest.approx(by_batch, abs=5e-5)


def test_equal_scores_cost_the_logarithm_of_the_candidates_in_torch() -> None:
    loss = nnf.cross_entropy(torch.full((8, 8), 3.0, dtype=torch.float64), torch.arange(8))
    assert b.info_nce_chance(8).value == pytest.approx(loss.item())


def test_only_gathering_adds_candidates() -> None:
    assert b.candidates(32, 8) == 32
    assert b.candidates(32, 8, gather=True) == 256


@pytest.mark.parametrize(("n", "temperature"), [(4, 1.0), (32, 1.0), (32, 0.2), (32, 0.1), (8, 0.07)])
def test_the_temperature_floor_is_the_loss_of_a_simplex(n: int, temperature: float) -> None:
    simplex = np.eye(n) - 1 / n
    simplex /= np.linalg.norm(simplex, axis=1, keepdims=True)
    loss = _info_nce(simplex @ simplex.T / temperature)
    assert b.temperature_floor(n, temperature).value == pytest.approx(loss, abs=1e-9)
    rng = np.random.default_rng(0)
    other = _unit(rng, n, 64)
    assert _info_nce(other @ other.T / temperature) > loss


def test_no_loss_exceeds_the_temperature_ceiling() -> None:
    query = np.zeros((8, 2))
    query[:, 0] = 1.0
    scores = np.ones((8, 8)) - 2 * np.eye(8)
    assert _info_nce(scores / 0.07) == pytest.approx(b.temperature_ceiling(8, 0.07).value, abs=1e-9)


@pytest.mark.parametrize(
    ("n", "dim", "scale", "tolerance"),
    [(256, 512, 14.3, 0.01), (256, 512, 20.0, 0.02), (1024, 512, 50.0, 0.05), (256, 512, 100.0, 0.05)],
)
def test_random_directions_start_above_chance_by_half_the_variance_of_their_scores(
    n: int, dim: int, scale: float, tolerance: float
) -> None:
    rng = np.random.default_rng(3)
    runs = [_info_nce(scale * _unit(rng, n, dim) @ _unit(rng, n, dim).T) for _ in range(12)]
    error = float(np.std(runs)) / math.sqrt(len(runs))
    assert b.scaled_cosine_start(n, scale, dim).value == pytest.approx(float(np.mean(runs)), abs=tolerance + 4 * error)


def test_identical_pairs_leave_ln_2() -> None:
    groups = np.repeat(np.arange(8), 2)
    scores = np.where(groups[:, None] == groups[None, :], 0.0, -1e3)
    assert b.duplicate_groups_floor([2] * 8).value == pytest.approx(_info_nce(scores), abs=1e-9)
    assert b.duplicate_groups_floor([1, 3]).value == pytest.approx(3 * math.log(3) / 4)


@pytest.mark.parametrize(("n", "captions"), [(64, 2), (64, 10), (64, 1000), (256, 1000), (256, 10_000)])
def test_few_captions_leave_the_simulated_floor(n: int, captions: int) -> None:
    rng = np.random.default_rng(4)
    draws = rng.integers(0, captions, (4000, n))
    same = (draws[:, :1] == draws).sum(axis=1)
    losses = np.log(same)
    error = float(losses.std()) / math.sqrt(losses.size)
    assert b.expected_duplicates_floor(n, captions).value == pytest.approx(float(losses.mean()), abs=4 * error + 1e-6)


def test_the_supervised_floor_is_the_simulated_mean_logarithm_of_positives() -> None:
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 100, (4000, 64))
    others = (labels[:, :1] == labels[:, 1:]).sum(axis=1)
    losses = np.log(1 + 2 * others)
    error = float(losses.std()) / math.sqrt(losses.size)
    assert b.supcon_floor(64, 100).value == pytest.approx(float(losses.mean()), abs=4 * error)


def test_queue_and_two_views_count_all_but_the_query() -> None:
    assert b.queue_chance(65536).value == pytest.approx(math.log(65537))
    assert b.two_view_chance(256).value == pytest.approx(math.log(511))


def test_accuracy_is_never_below_the_bound_that_the_loss_gives() -> None:
    rng = np.random.default_rng(6)
    for sharpness in (1.0, 3.0, 8.0):
        scores = rng.normal(size=(400, 10)) * sharpness
        scores[:, 0] += sharpness * 2
        losses = logsumexp(scores, axis=1) - scores[:, 0]
        accuracy = (scores.argmax(axis=1) == 0).mean()
        assert accuracy >= b.in_batch_accuracy_bound(float(losses.mean())).value


@pytest.mark.parametrize("n", [32, 256])
def test_siglips_trivial_level_is_the_best_constant_score(n: int) -> None:
    def loss(z: float) -> float:
        return float(n * (np.logaddexp(0, -z) + (n - 1) * np.logaddexp(0, z)) / n)

    grid = [loss(z) for z in np.linspace(-12, 2, 2801)]
    assert b.siglip_trivial(n).value == pytest.approx(min(grid), abs=1e-4)
    assert b.siglip_trivial(n).value == pytest.approx(math.log(n) + 1, abs=1 / n)


@pytest.mark.parametrize(("scale", "bias"), [(10.0, -10.0), (10.0, 0.0)])
def test_siglip_starts_as_random_unit_vectors_do(scale: float, bias: float) -> None:
    rng = np.random.default_rng(7)
    runs = []
    for _ in range(8):
        z = scale * _unit(rng, 128, 256) @ _unit(rng, 128, 256).T + bias
        sign = 2 * np.eye(128) - 1
        runs.append(np.logaddexp(0, -sign * z).sum() / 128)
    error = float(np.std(runs)) / math.sqrt(8)
    assert b.siglip_initial(128, 256, scale, bias).value == pytest.approx(float(np.mean(runs)), abs=4 * error + 0.01)


def test_triplets_of_a_collapsed_embedding_cost_the_margin_in_torch() -> None:
    point = torch.ones(5, 3, dtype=torch.float64)
    loss = nnf.triplet_margin_loss(point, point, point, margin=0.3)
    assert b.triplet_chance(0.3).value == pytest.approx(loss.item())
    soft = nnf.soft_margin_loss(torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64))
    assert b.soft_margin_triplet_chance().value == pytest.approx(soft.item())


def test_pair_losses_have_their_best_single_distance() -> None:
    distances = np.linspace(0, 1, 1001)
    losses = 0.3 * distances**2 + 0.7 * (1 - distances) ** 2
    assert b.pair_contrastive_trivial(1.0, 0.3).value == pytest.approx(losses.min(), abs=1e-6)
    assert b.pair_contrastive_collapse(1.0, 0.3).value == pytest.approx(losses[0])


def test_cosine_embedding_of_orthogonal_vectors_agrees_with_torch() -> None:
    x, y = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    loss = nnf.cosine_embedding_loss(x, y, torch.tensor([1.0, -1.0]))
    assert b.cosine_embedding_chance(0.5).value == pytest.approx(loss.item())


@pytest.mark.parametrize(("classes", "scale"), [(2000, 30.0), (5000, 64.0)])
def test_angular_margins_start_where_random_directions_do(classes: int, scale: float) -> None:
    rng = np.random.default_rng(8)
    weights, x = _unit(rng, classes, 512), _unit(rng, 40, 512)
    cosines = x @ weights.T
    angle = np.arccos(cosines[:, 0])
    arc, cosine = scale * cosines.copy(), scale * cosines.copy()
    arc[:, 0] = scale * np.cos(angle + 0.5)
    cosine[:, 0] = scale * (cosines[:, 0] - 0.35)
    for scores, level in (
        (arc, b.arcface_initial(classes, scale).value),
        (cosine, b.cosface_initial(classes, scale).value),
    ):
        losses = logsumexp(scores, axis=1) - scores[:, 0]
        error = float(losses.std()) / math.sqrt(losses.size)
        assert level == pytest.approx(float(losses.mean()), abs=4 * error + 0.03)


@pytest.mark.parametrize("k", [5, 10, 15])
def test_negative_sampling_sums_binary_guesses(k: int) -> None:
    zeros = torch.zeros(k + 1, dtype=torch.float64)
    labels = torch.tensor([1.0] + [0.0] * k, dtype=torch.float64)
    loss = nnf.binary_cross_entropy_with_logits(zeros, labels, reduction="sum").item()
    assert b.negative_sampling_chance(k).value == pytest.approx(loss)
    best = nnf.binary_cross_entropy(torch.full_like(zeros, 1 / (k + 1)), labels, reduction="sum").item()
    assert b.negative_sampling_trivial(k).value == pytest.approx(best)
