"""Regression, time-series and metric levels against torch, scipy and simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.nn import functional as nnf

from traindx import baselines as b
from traindx.baselines.distributions import DISTRIBUTIONS
from traindx.errors import UsageError

N = 400_000
SCIPY = {
    "normal": stats.norm(),
    "uniform": stats.uniform(-math.sqrt(3), 2 * math.sqrt(3)),
    "laplace": stats.laplace(scale=1 / math.sqrt(2)),
    "student3": stats.t(3, scale=1 / math.sqrt(3)),
}


def _sample(shape: str, std: float = 1.0) -> np.ndarray:
    return std * SCIPY[shape].rvs(N, random_state=np.random.default_rng(1))


@pytest.mark.parametrize("shape", sorted(SCIPY))
def test_tails_and_deviations_agree_with_scipy(shape: str) -> None:
    found, theirs = DISTRIBUTIONS[shape], SCIPY[shape]
    assert theirs.var() == pytest.approx(1.0)
    assert found.mean_deviation == pytest.approx(theirs.expect(abs), abs=1e-4)
    assert found.tail is not None
    for x in (0.0, 0.3, 1.0, 1.6, 4.0):
        assert found.tail(x) == pytest.approx(2 * theirs.sf(x), abs=1e-12)


def test_the_lognormal_deviation_is_that_about_its_median() -> None:
    x = stats.lognorm(1.0)
    expected = x.expect(lambda v: abs(v - 1.0)) / x.std()
    assert DISTRIBUTIONS["lognormal"].mean_deviation == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("shape", sorted(SCIPY))
@pytest.mark.parametrize(("delta", "std"), [(1.0, 1.0), (0.5, 1.0), (1.0, 3.0), (5.0, 1.0)])
def test_huber_and_smooth_l1_agree_with_torch_on_samples(shape: str, delta: float, std: float) -> None:
    x = torch.from_numpy(_sample(shape, std))
    zero = torch.zeros_like(x)
    losses = nnf.huber_loss(zero, x, delta=delta, reduction="none").numpy()
    error = 4 * float(losses.std()) / math.sqrt(N)
    assert b.huber_trivial(delta, std, shape).value == pytest.approx(float(losses.mean()), abs=error)
    smooth = nnf.smooth_l1_loss(zero, x, beta=delta).item()
    assert b.smooth_l1_trivial(delta, std, shape).value == pytest.approx(smooth, abs=error / delta)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_no_constant_has_a_lower_pinball_loss(quantile: float) -> None:
    x = _sample("normal", 2.0)
    losses = [np.mean(np.maximum(quantile * (x - c), (quantile - 1) * (x - c))) for c in np.linspace(-4, 4, 81)]
    assert b.pinball_trivial(quantile, 2.0).value == pytest.approx(min(losses), abs=0.01)


def test_squares_logarithms_and_densities_agree_with_torch() -> None:
    x = torch.from_numpy(_sample("normal", 1.5))
    zero = torch.zeros_like(x)
    assert b.mse_trivial(1.5).value == pytest.approx(nnf.mse_loss(zero, x).item(), rel=0.01)
    assert b.rmse_trivial(1.5).value ** 2 == pytest.approx(b.mse_trivial(1.5).value)
    assert b.l1_trivial(1.5).value == pytest.approx(nnf.l1_loss(zero, x).item(), rel=0.01)
    assert b.log_cosh_trivial(1.5).value == pytest.approx(torch.log(torch.cosh(x)).mean().item(), rel=0.01)
    for full in (True, False):
        nll = nnf.gaussian_nll_loss(zero, x, torch.full_like(x, 2.25), full=full).item()
        assert b.gaussian_nll_trivial(1.5, full=full).value == pytest.approx(nll, abs=0.01)


def test_a_fresh_linear_head_of_torch_scores_its_output_variance_above_one() -> None:
    torch.manual_seed(0)
    errors, spreads = [], []
    for _ in range(40):
        x = torch.randn(500, 64)
        out = torch.nn.Linear(64, 4)(x).detach()
        errors.append(nnf.mse_loss(out, torch.randn_like(out)).item())
        spreads.append(out.pow(2).mean().item())
    level = b.fresh_network_mse(1.0, math.sqrt(float(np.mean(spreads)))).value
    assert level == pytest.approx(float(np.mean(errors)), abs=0.02)


def test_statistics_over_padding_inflate_the_trivial_level_by_the_active_share() -> None:
    rng = np.random.default_rng(2)
    active = rng.random(N) < 0.29
    targets = np.where(active, rng.normal(0, 5, N), 0.0)
    scaled = targets / targets.std()
    assert b.padded_statistics_mse(active.mean()).value == pytest.approx((scaled[active] ** 2).mean(), rel=0.001)


@pytest.mark.parametrize("horizon", [1, 3])
def test_persistence_and_the_best_forecast_of_an_autoregression_are_met(horizon: int) -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, math.sqrt(1 - 0.9**2), 200_000)
    x = np.zeros(200_000)
    for i in range(1, x.size):
        x[i] = 0.9 * x[i - 1] + noise[i]
    x = x[500:]
    late, early = x[horizon:], x[:-horizon]
    assert b.persistence_mse(0.9, 1.0, horizon).value == pytest.approx(((late - early) ** 2).mean(), rel=0.04)
    assert b.autoregression_floor(0.9, 1.0, horizon).value == pytest.approx(
        ((late - 0.9**horizon * early) ** 2).mean(), rel=0.04
    )
    assert b.scaled_error_trivial().value == 1.0


@pytest.mark.parametrize(("hits", "trials"), [(0, 50), (1, 446), (45, 100), (50, 50)])
def test_wilsons_interval_agrees_with_scipy(hits: int, trials: int) -> None:
    theirs = stats.binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    assert b.wilson_interval(hits, trials) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_accuracies_that_ignore_the_input_are_met_by_simulation() -> None:
    rng = np.random.default_rng(4)
    prior = np.array([0.7, 0.2, 0.1])
    labels = rng.choice(3, N, p=prior)
    assert b.accuracy_chance(3).value == pytest.approx((labels == rng.integers(0, 3, N)).mean(), abs=0.004)
    assert b.accuracy_trivial(prior.tolist()).value == pytest.approx((labels == 0).mean(), abs=0.004)
    assert b.accuracy_trivial(prior.tolist(), 2).value == pytest.approx(0.9)
    assert b.proportional_accuracy(prior.tolist()).value == pytest.approx(
        (labels == rng.choice(3, N, p=prior)).mean(), abs=0.004
    )
    recalls = [(labels == 0)[labels == c].mean() for c in range(3)]
    assert b.balanced_accuracy_chance(3).value == pytest.approx(np.mean(recalls))


def test_areas_and_their_error_at_chance_are_met_by_simulation() -> None:
    rng = np.random.default_rng(5)
    areas, precisions = [], []
    for _ in range(400):
        labels, scores = np.array([1] * 20 + [0] * 80), rng.random(100)
        ranks = stats.rankdata(scores)
        areas.append((ranks[:20].sum() - 20 * 21 / 2) / (20 * 80))
        ordered = labels[np.argsort(-scores)]
        precisions.append(ordered[:50].mean())
    assert np.mean(areas) == pytest.approx(b.auroc_chance().value, abs=4 * b.auroc_standard_error(20, 80) / 20)
    assert np.std(areas) == pytest.approx(b.auroc_standard_error(20, 80), rel=0.15)
    assert np.mean(precisions) == pytest.approx(b.auprc_chance(0.2).value, abs=0.01)
    assert b.kappa_chance().value == 0.0


def test_f1_is_best_when_everything_is_called_positive() -> None:
    rates = np.linspace(0.01, 1, 100)
    f1 = 2 * rates * 0.1 / (rates + 0.1)
    assert b.f1_trivial(0.1).value == pytest.approx(f1.max())


def test_brier_scores_of_constants_are_their_definition() -> None:
    prior = np.array([0.7, 0.2, 0.1])
    onehot = np.eye(3)
    assert b.brier_chance(3).value == pytest.approx(((onehot[0] - 1 / 3) ** 2).sum())
    assert b.brier_trivial(prior.tolist()).value == pytest.approx(
        sum(prior[c] * ((onehot[c] - prior) ** 2).sum() for c in range(3))
    )


def test_skewed_shapes_and_unknown_ones_are_refused_with_a_hint() -> None:
    with pytest.raises(UsageError, match="symmetric"):
        b.huber_trivial(shape="lognormal")
    with pytest.raises(UsageError, match="uniform"):
        b.l1_trivial(shape="unifrom")


def test_skill_is_r_squared_for_mse_and_blind_where_nothing_can_be_learnt() -> None:
    y = np.array([1.0, 2.0, 4.0])
    guess = np.array([1.1, 1.9, 3.5])
    mse, variance = ((y - guess) ** 2).mean(), y.var()
    assert b.skill(mse, variance) == pytest.approx(1 - mse / variance)
    assert math.isnan(b.skill(0.5, 1.0, 1.0))
    assert b.effective_choices(1e9) == math.inf


def test_conversions_undo_each_other() -> None:
    assert b.from_perplexity(b.perplexity(3.12)) == pytest.approx(3.12)
    assert b.bits_per_byte(1.75, 4.5) == pytest.approx(0.561, abs=5e-4)
    assert b.bits(math.log(8)) == pytest.approx(3.0)
