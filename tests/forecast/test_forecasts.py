"""Forecasts of curves whose end is known: closed forms, simulated trainings, and what is refused."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from traindx.forecast import Forecast, arrival, decide, extrapolate, made, worthwhile
from traindx.forecast.fits import project


def power(at: np.ndarray, *, floor: float = 1.5, exponent: float = 0.5) -> np.ndarray:
    return floor + (at + 0.01) ** -exponent * 0.2


def seen(cut: float, points: int = 400) -> np.ndarray:
    at = (np.arange(points) + 1) / points
    return at[at <= cut]


def foretold(at: np.ndarray, values: np.ndarray, family: str = "constant", **how: object) -> Forecast:
    found = extrapolate(at, values, made(family), kind="train", **how)  # type: ignore[arg-type]
    assert isinstance(found, Forecast), found
    return found


def test_a_power_law_without_noise_is_carried_on_to_its_end() -> None:
    x = np.linspace(0.05, 1.0, 100)
    found = project(x, 2 + 3 * (x + 0.1) ** -0.6, np.array([2.0, 4.0]), 0.0)
    assert found.now == pytest.approx(2 + 3 * 1.1**-0.6, rel=1e-6)
    assert found.path == pytest.approx([3 * 1.1**-0.6 - 3 * (end + 0.1) ** -0.6 for end in (2.0, 4.0)], rel=1e-3)


def test_an_exponential_without_noise_is_carried_on_to_its_end() -> None:
    x = np.linspace(0.05, 1.0, 100)
    found = project(x, 1 + np.exp(-4 * x), np.array([2.0]), 0.0)
    assert found.drop == pytest.approx(math.exp(-4) - math.exp(-8), rel=0.02)


def test_what_a_falling_rate_takes_off_the_loss_is_told_from_progress() -> None:
    x, rates = np.linspace(0.05, 1.0, 100), np.linspace(1.0, 0.5, 100) ** 2
    found = project(x, 2 + 3 * (x + 0.1) ** -0.6 + 0.8 * rates, np.array([1.3]), 0.0, (rates, np.array([0.0])))
    assert found.drop == pytest.approx(3 * 1.1**-0.6 - 3 * 1.4**-0.6 + 0.8 * 0.25, rel=0.02)


@pytest.mark.parametrize("cut", [0.25, 0.5, 0.75])
def test_the_end_of_a_smooth_power_law_lies_in_the_interval(cut: float) -> None:
    at = seen(cut)
    found = foretold(at, power(at))
    end = float(power(np.array([0.98]))[0])
    assert found.low <= end <= found.high
    assert found.value == pytest.approx(end, rel=0.03)


def test_the_interval_narrows_as_the_run_goes_on() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, 400)
    widths = []
    for cut in (0.25, 0.5, 0.75, 0.9):
        at = seen(cut)
        found = foretold(at, power(at) + noise[: len(at)], "cosine")
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)


def test_units_and_offsets_change_nothing_but_units_and_offsets() -> None:
    at = seen(0.5)
    values = power(at) - 4 + np.random.default_rng(2).normal(0, 0.01, len(at))  # negative: no logarithm is taken
    one, two = foretold(at, values), foretold(at, 1000 * values - 77_000)
    assert (two.value + 77_000) / 1000 == pytest.approx(one.value, rel=1e-6)
    assert (two.high - two.low) / 1000 == pytest.approx(one.high - one.low, rel=1e-6)


def test_a_metric_that_rises_is_foretold_as_its_mirror() -> None:
    at = seen(0.5)
    loss = power(at) - 4
    one, two = foretold(at, loss), foretold(at, -loss, sign=-1)
    assert (two.value, two.low, two.high) == pytest.approx((-one.value, -one.high, -one.low))


def test_a_bound_is_never_crossed() -> None:
    at = seen(0.3)
    found = foretold(at, 0.001 + 2 * np.exp(-20 * at), bound=0.0)
    assert found.low >= 0
    shares = foretold(at, 1 - 0.001 - np.exp(-20 * at), sign=-1, bound=1.0)
    assert shares.high <= 1


@pytest.mark.parametrize(
    ("at", "values", "why"),
    [
        (seen(0.5)[:7], power(seen(0.5)[:7]), "few points"),
        (seen(0.07), power(seen(0.07)), "too early"),
        (seen(0.5), np.random.default_rng(3).normal(2.3, 0.01, 200), "nothing learnt"),
        (seen(0.5), 1 + 4 * (seen(0.5) - 0.3) ** 2, "worsening"),
        (seen(0.5), np.full(200, math.nan), "few points"),
        (seen(0.5), np.full(200, 2.0), "nothing learnt"),
    ],
)
def test_curves_without_a_future_are_refused(at: np.ndarray, values: np.ndarray, why: str) -> None:
    assert extrapolate(at, values, made("constant"), kind="val") == why


def test_a_schedule_that_the_library_does_not_hold_is_refused() -> None:
    at = seen(0.5)
    assert extrapolate(at, power(at), made("unknown"), kind="train") == "unknown schedule"


@pytest.mark.parametrize("odd", [math.inf, -math.inf, 1e308, -1e308, math.nan, 0.0])
def test_odd_values_give_an_interval_or_a_refusal(odd: float) -> None:
    at = seen(0.5)
    values = power(at)
    values[::3] = odd
    with np.errstate(all="ignore"):
        for places in (at, np.full(200, odd), at[::-1]):
            found = extrapolate(places, values, made("cosine"), kind="train")
            assert isinstance(found, str) or found.low <= found.high


def test_a_million_points_take_under_sixty_milliseconds() -> None:
    at = np.arange(1, 1_000_001) / 2_000_000
    values = power(at) + np.random.default_rng(4).normal(0, 0.1, len(at))
    foretold(at, values)
    spent = []
    for _ in range(5):
        begun = time.process_time()
        foretold(at, values)
        spent.append(time.process_time() - begun)
    assert min(spent) < 0.06


def test_a_target_is_reached_between_the_earliest_and_the_latest_place() -> None:
    at = seen(0.5)
    found = foretold(at, power(at) + np.random.default_rng(5).normal(0, 0.002, len(at)))
    target = float(power(np.array([0.7]))[0])
    when = arrival(found, target)
    assert when.earliest is not None
    assert when.expected is not None
    assert when.earliest <= when.expected
    assert when.expected == pytest.approx(0.7, abs=0.1)
    assert arrival(found, 10.0).reached
    assert arrival(found, 0.1).earliest is None


def test_going_on_is_decided_by_the_interval_of_its_gain() -> None:
    assert decide((0.1, 0.2, 0.3), 0.05) == "continue"
    assert decide((-0.1, 0.01, 0.03), 0.05) == "stop"
    assert decide((0.0, 0.1, 0.3), 0.05) == "probe"


def test_a_gain_within_the_noise_is_not_worthwhile() -> None:
    assert worthwhile(2.0, 0.05, 1.0, 0.5) == pytest.approx(0.1)
    assert worthwhile(2.0, 0.0, 1.0, 0.5) == pytest.approx(0.01)


def trained(rng: np.random.Generator, rates: np.ndarray, decay: float, goal: float, noise: float) -> np.ndarray:
    """Losses of plain stochastic descent on a linear model of another spectrum than any of the library's, batch 8."""
    spread = np.arange(1, 65) ** -decay
    weights = np.arange(1, 65) ** -goal
    weights /= math.sqrt(float((spread**2) @ (weights**2)))
    at, losses = np.zeros(64), np.empty(len(rates))
    for step, rate in enumerate(rates):
        x = rng.normal(size=(8, 64)) * spread
        missed = x @ (at - weights) + noise * rng.normal(size=8)
        losses[step] = missed @ missed / 8
        at -= rate * x.T @ missed / 8
    return losses


@pytest.mark.slow
@pytest.mark.parametrize("family", ["constant", "cosine", "linear", "wsd"])
@pytest.mark.parametrize("cut", [0.25, 0.5, 0.75])
def test_intervals_hold_in_nine_of_ten_runs_of_an_unseen_program(family: str, cut: float) -> None:
    rng = np.random.default_rng([17, int(100 * cut)])
    at = (np.arange(600) + 1) / 600
    held: list[bool] = []
    for _ in range(60):
        schedule = made(family)  # type: ignore[arg-type]
        rates = schedule.at(at) * rng.uniform(0.03, 0.15)
        losses = trained(rng, rates, rng.uniform(0.4, 0.8), rng.uniform(0.0, 0.6), rng.uniform(0.05, 0.5))
        found = extrapolate(at[at <= cut], losses[at <= cut], schedule, kind="train", bound=0.0)
        if isinstance(found, Forecast):
            held.append(found.low <= float(np.median(losses[at > 0.96])) <= found.high)
    assert len(held) >= 40
    assert np.mean(held) >= 0.8  # nine in ten, less two standard errors of sixty runs
