"""Generative, preference, reinforcement, routing and self-supervised levels by simulation and with torch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as nnf

from traindx import baselines as b
from traindx.errors import UsageError

N = 300_000


@pytest.mark.parametrize("variance", [1.0, 0.25])
def test_diffusion_levels_are_those_of_white_data(variance: float) -> None:
    rng = np.random.default_rng(0)
    x, e = rng.normal(0, math.sqrt(variance), N), rng.normal(size=N)
    angle = (np.arange(N) + 0.5) / N * math.pi / 2
    rng.shuffle(angle)
    cos, sin = np.cos(angle), np.sin(angle)
    noisy = cos * x + sin * e
    total = variance * cos**2 + sin**2
    cases = [
        (e, sin / total, b.noise_prediction_trivial().value, b.noise_prediction_affine(variance).value),
        (
            x,
            variance * cos / total,
            b.data_prediction_trivial(variance).value,
            b.data_prediction_affine(variance).value,
        ),
        (
            cos * e - sin * x,
            (1 - variance) * sin * cos / total,
            b.velocity_prediction_trivial(variance).value,
            b.velocity_prediction_affine(variance).value,
        ),
    ]
    for target, gain, trivial, affine in cases:
        assert trivial == pytest.approx((target**2).mean(), rel=0.02)
        assert affine == pytest.approx(((target - gain * noisy) ** 2).mean(), rel=0.02)


@pytest.mark.parametrize("variance", [1.0, 0.25])
def test_flow_matching_levels_are_those_of_white_data(variance: float) -> None:
    rng = np.random.default_rng(1)
    x, e, t = rng.normal(0, math.sqrt(variance), N), rng.normal(size=N), rng.random(N)
    noisy, target = (1 - t) * x + t * e, e - x
    gain = (t - (1 - t) * variance) / ((1 - t) ** 2 * variance + t**2)
    assert b.flow_matching_trivial(variance).value == pytest.approx((target**2).mean(), rel=0.02)
    assert b.flow_matching_affine(variance).value == pytest.approx(((target - gain * noisy) ** 2).mean(), rel=0.02)


def test_undecided_players_score_what_torch_says() -> None:
    z = torch.zeros(6, dtype=torch.float64)
    one, zero = torch.ones_like(z), torch.zeros_like(z)
    bce = nnf.binary_cross_entropy_with_logits
    assert b.gan_chance("bce", "discriminator").value == pytest.approx((bce(z, one) + bce(z, zero)).item())
    assert b.gan_chance("bce", "generator").value == pytest.approx(bce(z, one).item())
    assert b.gan_chance("minimax", "generator").value == pytest.approx(-bce(z, zero).item())
    assert b.gan_chance("hinge", "discriminator").value == pytest.approx(
        (nnf.relu(1 - z) + nnf.relu(1 + z)).mean().item()
    )
    half = z + 0.5
    assert b.gan_chance("lsgan", "discriminator").value == pytest.approx(
        (nnf.mse_loss(half, one) + nnf.mse_loss(half, zero)).item()
    )
    assert b.gan_chance("lsgan", "generator").value == pytest.approx(nnf.mse_loss(half, one).item())
    assert b.gan_chance("ragan", "generator").value == pytest.approx(
        (bce(z - z.mean(), one) + bce(z - z.mean(), zero)).item()
    )
    assert b.gan_chance("wgan_gp", "discriminator").value == 10.0
    with pytest.raises(UsageError, match="hinge"):
        b.gan_chance("hinges", "generator")


def test_reconstructions_agree_with_torch() -> None:
    image = torch.rand(784, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    half = torch.full_like(image, 0.5)
    assert b.binary_reconstruction_chance(784).value == pytest.approx(
        nnf.binary_cross_entropy(half, image, reduction="sum").item()
    )
    mean = image.mean()
    flat = nnf.binary_cross_entropy(torch.full_like(image, mean.item()), image, reduction="sum").item()
    assert b.binary_reconstruction_trivial(784, mean.item()).value == pytest.approx(flat)
    assert b.normal_reconstruction_trivial(784).value == 392.0
    assert b.posterior_collapse().value == 0.0
    assert b.effective_beta(1.0, 784, 16) == 49.0


def test_codebooks_lie_between_one_code_and_all() -> None:
    even = np.full(512, 1 / 512)
    assert b.codebook_perplexity_best(512).value == pytest.approx(math.exp(-(even * np.log(even)).sum()))
    assert b.codebook_collapse().value == 1.0


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_distillation_from_a_uniform_student_agrees_with_torch(temperature: float) -> None:
    logits = [2.0, -1.0, 0.5, 4.0]
    teacher = torch.softmax(torch.tensor(logits, dtype=torch.float64) / temperature, 0)
    student = torch.full((4,), math.log(0.25), dtype=torch.float64)
    loss = temperature**2 * nnf.kl_div(student, teacher, reduction="sum").item()
    assert b.distillation_chance(logits, temperature).value == pytest.approx(loss)


def test_distillation_tends_to_half_the_variance_of_the_logits() -> None:
    logits = np.random.default_rng(2).normal(0, 3, 100)
    assert b.distillation_chance(logits.tolist(), 500.0).value == pytest.approx(
        b.distillation_high_temperature(float(logits.std())).value, rel=0.01
    )
    assert b.distillation_floor([0.9, 0.1]).value == 0.0


def test_preference_losses_at_equal_policies_follow_their_formulas() -> None:
    zero = torch.zeros(1, dtype=torch.float64)
    assert b.preference_chance().value == b.reward_model_chance().value == pytest.approx(-nnf.logsigmoid(zero).item())
    assert b.ipo_chance(0.2).value == pytest.approx((0 - 1 / 0.4) ** 2)
    assert b.kto_chance().value == pytest.approx(1 - torch.sigmoid(zero).item())
    assert b.simpo_chance(1.4).value == pytest.approx(-nnf.logsigmoid(zero - 1.4).item())
    assert b.orpo_chance(2.0, 0.25).value == pytest.approx(2.0 - 0.25 * nnf.logsigmoid(zero).item())
    margins = torch.linspace(-8, 8, 3201, dtype=torch.float64)
    smoothed = -(0.9 * nnf.logsigmoid(margins) + 0.1 * nnf.logsigmoid(-margins))
    assert b.smoothed_preference_floor(0.1).value == pytest.approx(smoothed.min().item(), abs=1e-5)


def test_policies_start_without_a_loss_and_with_full_entropy() -> None:
    assert b.policy_loss_start().value == 0.0
    assert b.kl_penalised_start(0.04, 2.0).value == pytest.approx(0.08)
    uniform = torch.distributions.Categorical(logits=torch.zeros(18, dtype=torch.float64))
    assert b.discrete_entropy_start(18).value == pytest.approx(uniform.entropy().item())
    normal = torch.distributions.Normal(torch.zeros(6, dtype=torch.float64), 0.3)
    assert b.continuous_entropy_start(6, 0.3).value == pytest.approx(normal.entropy().sum().item())
    assert b.value_loss_trivial(2.0, half=True).value == 2.0
    assert b.largest_return(1.0, 0.9) == pytest.approx(sum(0.9**t for t in range(2000)))


def test_groups_that_agree_are_silent_as_often_as_simulated() -> None:
    answers = np.random.default_rng(3).random((20_000, 8)) < 0.9
    silent = (answers.all(axis=1) | ~answers.any(axis=1)).mean()
    assert b.silent_group_share(0.9, 8) == pytest.approx(silent, abs=0.015)


@pytest.mark.parametrize("k", [1, 2])
def test_routing_levels_are_those_of_even_and_of_collapsed_routers(k: int) -> None:
    experts, tokens = 8, 20_000
    even = np.random.default_rng(4).random((tokens, experts)) * 1e-3
    chosen = np.argsort(-even, axis=1)[:, :k]
    gates = np.exp(even) / np.exp(even).sum(axis=1, keepdims=True)
    share = np.bincount(chosen.ravel(), minlength=experts) / tokens
    assert b.balance_level(k).value == pytest.approx(experts * (share * gates.mean(axis=0)).sum(), rel=0.01)
    share = np.array([1.0] * k + [0.0] * (experts - k))
    gate = share / k
    assert b.balance_collapse(experts, k).value == pytest.approx(experts * (share * gate).sum())
    assert b.router_z_start(experts).value == pytest.approx(
        torch.logsumexp(torch.zeros(experts, dtype=torch.float64), 0).item() ** 2
    )
    assert b.router_entropy_best(experts).value == pytest.approx(math.log(experts))


def test_games_start_at_uniform_moves_and_even_positions() -> None:
    outcomes = np.array([1, -1, 0, 0, 1, -1, 1, -1, 0, 0])
    assert b.value_chance(0.4).value == pytest.approx((outcomes**2).mean())
    assert b.alphazero_chance(4672, 0.4).value == pytest.approx(math.log(4672) + 0.6)


def test_self_supervised_levels_are_those_of_independent_views() -> None:
    rng = np.random.default_rng(5)
    dim, batch, losses, norms = 64, 128, [], []
    for _ in range(60):
        a, c = (rng.normal(size=(batch, dim)) for _ in range(2))
        a, c = ((v - v.mean(0)) / v.std(0) for v in (a, c))
        cross = a.T @ c / batch
        diagonal = ((1 - np.diag(cross)) ** 2).sum()
        losses.append(diagonal + 0.005 * ((cross**2).sum() - (np.diag(cross) ** 2).sum()))
        unit = a / np.linalg.norm(a, axis=1, keepdims=True)
        norms.append(unit.std(axis=0).mean())
    assert b.barlow_chance(dim, batch).value == pytest.approx(float(np.mean(losses)), rel=0.02)
    assert b.healthy_output_std(dim) == pytest.approx(float(np.mean(norms)), rel=0.02)
    assert b.wav2vec_chance().value == pytest.approx(math.log(101))
    assert b.prototypes_chance(4096).value == pytest.approx(math.log(4096))
    assert b.simsiam_collapse().value == -1.0
    assert b.byol_chance().value == 2.0
    hinge = max(0.0, 1 - math.sqrt(0.0 + 1e-4))
    assert b.vicreg_collapse(64).value == pytest.approx(25 * hinge)
    patch = rng.random((1000, 256))
    scaled = (patch - patch.mean(1, keepdims=True)) / patch.std(1, keepdims=True)
    assert b.masked_image_trivial().value == pytest.approx((scaled**2).mean())
