"""Softmax and binary cross-entropy: every level against torch, scipy or a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from scipy.special import digamma as scipy_digamma
from scipy.special import logsumexp
from scipy.stats import entropy as scipy_entropy
from torch.nn import functional as nnf

from traindx import baselines as b
from traindx.baselines.arithmetic import digamma, harmonic, log_choose
from traindx.errors import UsageError


def _mean_and_error(draws: np.ndarray) -> tuple[float, float]:
    return float(draws.mean()), float(draws.std() / math.sqrt(draws.size))


@pytest.mark.parametrize("classes", [2, 10, 1000, 50257])
def test_equal_logits_cost_the_logarithm_of_the_class_count(classes: int) -> None:
    loss = nnf.cross_entropy(torch.zeros(4, classes, dtype=torch.float64), torch.tensor([0, 1, 1, classes - 1]))
    assert b.uniform_cross_entropy(classes).value == pytest.approx(loss.item(), abs=1e-12)


@pytest.mark.parametrize("counts", [[9, 1], [70, 20, 10], [1, 1, 1, 97]])
def test_the_prior_entropy_agrees_with_scipy_and_no_constant_beats_it(counts: list[int]) -> None:
    value = b.prior_cross_entropy(counts).value
    p = np.array(counts) / sum(counts)
    assert value == pytest.approx(float(scipy_entropy(p)), abs=1e-12)
    others = np.random.default_rng(0).dirichlet(np.ones(len(counts)), 500)
    assert (-(np.log(others) @ p)).min() >= value


def test_zipfs_entropy_agrees_with_scipy() -> None:
    weights = 1 / np.arange(1, 50258)
    assert b.zipf_cross_entropy(50257).value == pytest.approx(float(scipy_entropy(weights)), abs=1e-9)


@pytest.mark.parametrize(
    ("classes", "std", "tolerance"),
    [
        (50257, 0.5, 0.001),
        (50257, 1.0, 0.002),
        (2000, 1.0, 0.003),
        (10, 0.5, 0.001),
        (10, 1.0, 0.001),
        (1000, 2.0, 0.002),
        (10, 5.0, 0.01),
    ],
)
def test_random_logits_start_half_their_variance_above_chance(classes: int, std: float, tolerance: float) -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, std, (max(30, 60_000 // classes), classes))
    simulated, error = _mean_and_error(logsumexp(logits, axis=1))
    assert b.initial_cross_entropy(classes, std).value == pytest.approx(simulated, abs=tolerance + 4 * error)


def test_a_tied_head_of_width_768_starts_at_10_98() -> None:
    std = b.head_logit_std(768, 0.02)
    assert b.initial_cross_entropy(50257, std).value == pytest.approx(10.979, abs=0.001)


@pytest.mark.parametrize(("classes", "smoothing"), [(10, 0.1), (1000, 0.1), (100, 0.2)])
def test_the_smoothing_floor_is_torchs_loss_of_the_smoothed_target_itself(classes: int, smoothing: float) -> None:
    target = torch.full((1, classes), smoothing / classes, dtype=torch.float64)
    target[0, 0] += 1 - smoothing
    loss = nnf.cross_entropy(target.log(), torch.tensor([0]), label_smoothing=smoothing)
    assert b.label_smoothing_floor(classes, smoothing).value == pytest.approx(loss.item(), abs=1e-12)


def test_smoothing_leaves_chance_at_the_logarithm_of_the_class_count() -> None:
    loss = nnf.cross_entropy(torch.zeros(3, 10, dtype=torch.float64), torch.tensor([0, 1, 2]), label_smoothing=0.1)
    assert loss.item() == pytest.approx(b.uniform_cross_entropy(10).value)


@pytest.mark.parametrize(("classes", "noise"), [(10, 0.1), (10, 0.2), (1000, 0.1)])
def test_the_noise_floor_is_the_entropy_of_the_noisy_label(classes: int, noise: float) -> None:
    p = np.full(classes, noise / (classes - 1))
    p[0] = 1 - noise
    assert b.label_noise_floor(classes, noise).value == pytest.approx(float(scipy_entropy(p)), abs=1e-12)


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.4, 0.8, 1.0])
def test_the_mixup_floor_is_the_mean_entropy_of_the_mixing_weight(alpha: float) -> None:
    weight = np.random.default_rng(2).beta(alpha, alpha, 200_000)
    simulated, error = _mean_and_error(np.array(scipy_entropy(np.stack([weight, 1 - weight]), axis=0)))
    assert b.mixup_floor(alpha).value == pytest.approx(simulated, abs=5 * error)


def test_two_softmaxes_cannot_fall_below_their_floor() -> None:
    once = torch.softmax(torch.tensor([[60.0] + [0.0] * 9], dtype=torch.float64), dim=1)
    assert nnf.cross_entropy(once, torch.tensor([0])).item() == pytest.approx(
        b.double_softmax_floor(10).value, abs=1e-9
    )


def test_class_weights_move_chance_only_where_the_loss_is_not_divided_by_them() -> None:
    labels = torch.tensor([0] * 9 + [1])
    weights = torch.tensor([1.0, 9.0], dtype=torch.float64)
    zeros = torch.zeros(10, 2, dtype=torch.float64)
    mean = nnf.cross_entropy(zeros, labels, weight=weights).item()
    summed = nnf.cross_entropy(zeros, labels, weight=weights, reduction="sum").item() / 10
    assert mean == pytest.approx(b.uniform_cross_entropy(2).value)
    assert summed == pytest.approx(b.weighted_uniform_cross_entropy([9, 1], [1, 9]).value)
    assert mean == pytest.approx(b.weighted_prior_cross_entropy([9, 1], [1, 9]).value)


def test_balanced_weights_make_every_class_count_alike() -> None:
    weights = b.balanced_class_weights([90, 9, 1])
    assert [w * n for w, n in zip(weights, [90, 9, 1], strict=True)] == pytest.approx([100 / 3] * 3)


def test_padding_that_counts_dilutes_the_loss() -> None:
    losses = np.array([3.0] * 4 + [0.0] * 6)
    assert b.padded_cross_entropy(3.0, 0.6) == pytest.approx(losses.mean())


def test_a_mixture_of_token_kinds_is_the_mean_of_their_logarithms() -> None:
    expected = 0.8 * math.log(8192) + 0.2 * math.log(256)
    assert b.mixture_cross_entropy({8192: 8, 256: 2}).value == pytest.approx(expected)


def test_the_z_loss_of_zero_logits_is_the_squared_logarithm() -> None:
    z = torch.logsumexp(torch.zeros(32000, dtype=torch.float64), 0).item()
    assert b.softmax_z_loss(32000, 1e-4).value == pytest.approx(1e-4 * z**2)


@pytest.mark.parametrize(("pos", "weight"), [(0.1, 9.0), (0.01, 10.0), (0.01, 99.0), (0.5, 1.0), (0.02, 1.0)])
def test_binary_levels_agree_with_torch_and_with_the_best_constant_found_by_search(pos: float, weight: float) -> None:
    labels = torch.tensor([1.0] * round(1000 * pos) + [0.0] * round(1000 * (1 - pos)), dtype=torch.float64)

    def loss(logit: float) -> float:
        z = torch.full_like(labels, logit)
        return nnf.binary_cross_entropy_with_logits(
            z, labels, pos_weight=torch.tensor(weight, dtype=torch.float64)
        ).item()

    assert b.pos_weight_chance(pos, weight).value == pytest.approx(loss(0.0), abs=1e-12)
    best = minimize_scalar(loss, bounds=(-12, 12), method="bounded", options={"xatol": 1e-9})
    assert b.pos_weight_trivial(pos, weight).value == pytest.approx(float(best.fun), abs=1e-9)
    if weight == 1.0:
        assert b.prior_bce(pos).value == pytest.approx(float(best.fun), abs=1e-9)
        assert loss(b.prior_bias(pos)) == pytest.approx(b.prior_bce(pos).value)


def test_one_half_costs_ln_2_and_smoothing_has_a_floor() -> None:
    assert b.uniform_bce().value == pytest.approx(math.log(2))
    p = torch.tensor([0.95], dtype=torch.float64)
    assert nnf.binary_cross_entropy(p, p).item() == pytest.approx(b.smoothed_bce_floor(0.1).value)


def test_the_smallest_normal_float_gives_caffes_87_3365() -> None:
    assert b.clipped_bce_ceiling(float(np.finfo(np.float32).tiny)).value == pytest.approx(87.3365, abs=5e-5)


def test_own_special_functions_agree_with_scipy() -> None:
    xs = np.array([0.05, 0.3, 1.0, 2.5, 7.9, 8.1, 60.0])
    assert [digamma(float(x)) for x in xs] == pytest.approx(scipy_digamma(xs), abs=1e-11)
    assert harmonic(20_000) == pytest.approx(sum(1 / k for k in range(1, 20_001)), abs=1e-11)
    assert math.exp(log_choose(10, 3)) == pytest.approx(120)
    assert log_choose(3, 4) == -math.inf


@pytest.mark.parametrize(
    "call",
    [
        lambda: b.uniform_cross_entropy(0),
        lambda: b.prior_bce(1.5),
        lambda: b.label_smoothing_floor(1, 0.1),
        lambda: b.prior_cross_entropy([]),
        lambda: b.mixup_floor(math.nan),
        lambda: b.zipf_cross_entropy(10**9),
    ],
)
def test_senseless_arguments_are_refused(call: object) -> None:
    with pytest.raises(UsageError):
        call()  # type: ignore[operator]


@pytest.mark.parametrize("spread", [0.5, 2.0, 6.0])
def test_no_honest_model_pays_more_than_its_accuracy_allows(spread: float) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, spread, (20_000, 10))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    entropy = float(-(honest * np.log(honest)).sum(axis=1).mean())  # its labels are drawn from what it says
    assert entropy <= b.calibrated_loss_ceiling(float(honest.max(axis=1).mean()), 10)


def test_the_ceiling_of_honest_answers_is_reached_where_all_wrong_classes_are_alike() -> None:
    answer = np.array([0.7, *[0.3 / 9] * 9])
    assert b.calibrated_loss_ceiling(0.7, 10) == pytest.approx(float(-(answer * np.log(answer)).sum()))
    assert b.calibrated_loss_ceiling(0.1, 10) == pytest.approx(np.log(10))
