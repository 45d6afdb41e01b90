"""The rules of special tasks: their levels are those of the real losses, healthy runs stay quiet, odd numbers break none."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from traindx.context import build_case
from traindx.diagnosis import Severity
from traindx.engine import diagnose_run, select_rules
from traindx.engine.examine import examine
from traindx.run import Floats, Run, Series, Source, floats

RULES = select_rules()
SPECIAL = [rule for rule in RULES if rule.meta.code[:3] in {"PRF", "RLF", "GNR", "SSL", "MOE", "SEQ"}]
Shape = Callable[[np.random.Generator, Floats], Floats]


def run_of_values(series: dict[str, Floats], every: float = 10.0) -> Run:
    named = {
        name: Series(name=name, values=floats(values), steps=floats(every * np.arange(len(values))))
        for name, values in series.items()
    }
    return Run(name="any", series=named, sources=(Source(path="any.log", format="synthetic"),))


def test_the_largest_variance_term_is_what_equal_embeddings_cost() -> None:
    alike = torch.ones(64, 32)
    term = functional.relu(1 - torch.sqrt(alike.var(0) + 1e-4)).mean()
    assert term.item() == pytest.approx(0.99, abs=1e-6)


def test_a_sigmoid_rounds_to_one_where_the_margin_is_called_too_large() -> None:
    limit = torch.tensor(24 * math.log(2) + 0.7, dtype=torch.float32)
    assert torch.sigmoid(limit).item() == 1.0
    assert torch.sigmoid(limit - 2).item() < 1.0


def test_equal_embeddings_cost_a_triplet_loss_its_margin_and_a_soft_one_ln_two() -> None:
    alike = torch.ones(8, 16)
    loss = functional.triplet_margin_loss(alike, alike, alike, margin=0.2)
    assert loss.item() == pytest.approx(0.2, abs=1e-5)
    assert functional.softplus(torch.zeros(1)).item() == pytest.approx(math.log(2))


def test_ten_nats_of_density_are_a_spread_of_a_hundred_thousandth() -> None:
    spread = math.exp(-10 - 0.5 * math.log(2 * math.pi * math.e))
    residual = spread * torch.randn(100_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    density = functional.gaussian_nll_loss(
        residual, torch.zeros_like(residual), torch.full_like(residual, spread**2), full=True, eps=1e-30
    )
    assert density.item() == pytest.approx(-10.0, abs=0.02)


def balance_of(logits: Tensor) -> float:
    """Switch's balance loss of one batch, each token sent to its best expert."""
    experts = logits.shape[1]
    share = functional.one_hot(logits.argmax(1), experts).double().mean(0)
    return float(experts * (share * logits.softmax(1).mean(0)).sum())


def test_a_balanced_router_scores_one_and_a_collapsed_one_the_number_of_experts() -> None:
    noise = torch.randn(20_000, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert balance_of(noise) == pytest.approx(1.0, abs=0.02)
    assert balance_of(noise + 50 * functional.one_hot(torch.tensor(3), 8)) == pytest.approx(8.0, abs=1e-6)


def fall(first: float, last: float, noise: float, *, share: float = 0.2) -> Shape:
    """An exponential approach with noise in proportion to the distance from zero, or of a hundredth."""

    def values(rng: np.random.Generator, time: Floats) -> Floats:
        curve = last + (first - last) * np.exp(-time / share)
        return floats(curve + noise * np.maximum(np.abs(curve), 0.01) * rng.normal(size=len(time)))

    return values


def within(low: float, high: float, inner: Shape) -> Shape:
    return lambda rng, time: floats(np.clip(inner(rng, time), low, high))


HEALTHY: dict[str, dict[str, Shape]] = {
    "preference": {
        "loss": fall(0.693, 0.45, 0.05),
        "rewards/chosen": fall(0, -0.6, 0.3),
        "rewards/rejected": fall(0, -1.8, 0.3),
        "rewards/margins": fall(0, 1.2, 0.2),
        "rewards/accuracies": within(0, 1, fall(0.5, 0.76, 0.08)),
        "logps/chosen": fall(-240, -252, 0.06),
        "logps/rejected": fall(-230, -255, 0.06),
    },
    "group rewards": {
        "loss": fall(0, 0.01, 0.3),
        "grad_norm": fall(0.6, 0.4, 0.2),
        "reward": within(0, 1, fall(0.1, 0.7, 0.15)),
        "reward_std": within(0.01, 1, fall(0.3, 0.2, 0.2)),
        "frac_reward_zero_std": within(0, 1, fall(0.1, 0.4, 0.3)),
        "completions/mean_length": fall(300, 700, 0.05),
        "completions/clipped_ratio": within(0, 1, fall(0.1, 0.2, 0.2)),
        "kl": fall(0, 0.3, 0.2),
        "entropy": fall(0.6, 0.25, 0.1),
    },
    "game": {
        "rollout/ep_rew_mean": fall(20, 400, 0.1),
        "train/entropy_loss": fall(-1.38, -0.4, 0.05),
        "train/approx_kl": fall(0.02, 0.01, 0.4),
        "train/clip_fraction": within(0, 1, fall(0.25, 0.12, 0.3)),
        "train/explained_variance": within(-1, 1, fall(-0.1, 0.8, 0.1)),
        "train/value_loss": fall(10, 60, 0.4),
    },
    "adversaries": {"loss_D": fall(1.3, 0.5, 0.2), "loss_G": fall(0.8, 3.5, 0.2)},
    "autoencoder": {"recon_loss": fall(180, 80, 0.02), "kl_loss": fall(2, 24, 0.03), "loss": fall(182, 104, 0.02)},
    "codes": {"recon_loss": fall(0.4, 0.05, 0.03), "vq_loss": fall(0.3, 0.05, 0.05), "perplexity": fall(4, 300, 0.03)},
    "diffusion": {"diffusion_loss": fall(1, 0.06, 0.25, share=0.02)},
    "self-distillation": {"dino_loss": fall(11.09, 3.2, 0.02), "teacher_temp": fall(0.04, 0.07, 0)},
    "two views": {"simsiam_loss": fall(-0.1, -0.92, 0.005), "feature_std": fall(0.012, 0.0215, 0.02)},
    "triplets": {"triplet_loss": fall(0.19, 0.03, 0.05)},
    "experts": {
        "lm loss": fall(10.8, 3.1, 0.01),
        "load_balancing_loss": fall(1.4, 1.03, 0.01),
        "z_loss": fall(25, 9, 0.05),
        "overflow_expert1": within(0, 100, fall(40, 5, 0.2)),
    },
    "speech": {"loss_ctc": fall(20, 0.4, 0.03), "valid_wer": within(0, 2, fall(1, 0.2, 0.02))},
    "text": {"train/loss": fall(10.8, 3.2, 0.01), "train/perplexity": fall(40_000, 25, 0.02, share=0.05)},
}


@pytest.mark.parametrize("task", sorted(HEALTHY))
def test_a_healthy_run_of_every_task_raises_no_alarm(task: str) -> None:
    """Measured: no alarm in 13 tasks at six lengths under four seeds each."""
    for points in (5, 12, 40, 120, 400, 3_000):
        for seed in range(4):
            rng, time = np.random.default_rng(seed), np.linspace(0, 1, points)
            run = run_of_values({name: shape(rng, floats(time)) for name, shape in HEALTHY[task].items()})
            report = diagnose_run(run, SPECIAL)
            assert report.limits == ()
            loud = [f"{f.code} {f.headline}" for f in report.findings if f.severity is not Severity.INFO]
            assert loud == [], (task, points, seed)


OTHERS = (
    "rewards/accuracies code_perplexity codebook_usage gaussian_nll train_var_loss train_cov_loss loss_0 expert_load/0 expert_load/1"
    " expert_load/2 expert_load/3 max_vio unused_expert1_count val_cer val_token_accuracy train_neg_cos_sim D_A G_A router_z_loss"
)
NAMES = sorted({name for shapes in HEALTHY.values() for name in shapes} | set(OTHERS.split()))
ODD = (0.0, 1.0, -1.0, 0.2, math.log(2), 11.0903, 1e308, -1e308, 1e-308, math.nan, math.inf, -math.inf)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=8, unique=True), st.integers(0, 10**6), st.booleans())
def test_odd_numbers_break_no_rule(names: list[str], seed: int, told: bool) -> None:
    rng = np.random.default_rng(seed)
    facts = {"vocab_size": 50257, "num_experts": 8, "codebook_size": 512, "embedding_dim": 128} if told else {}
    series = {}
    for name in names:
        size = int(rng.choice([0, 1, 2, 7, 30, 90]))
        one = np.full(size, rng.choice(ODD))
        series[name] = floats(one if rng.random() < 0.5 else rng.choice(ODD, size))
    with np.errstate(all="ignore"):
        assert examine(build_case(run_of_values(series), given=facts), SPECIAL).broken == ()
