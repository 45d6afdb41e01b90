"""Schedules: their usual forms, and which one logged rates follow."""

from __future__ import annotations

import math

import numpy as np
import pytest

from traindx.forecast import FAMILIES, family_of, identify, infer_end, made
from traindx.forecast.schedule import GRID


def rates_of(family: str, cut: float, *, points: int = 500, **how: float) -> tuple[np.ndarray, np.ndarray]:
    """Learning rates as a log prints them (six digits) up to a share of the run."""
    at = (np.arange(points) + 0.5) / points
    at = at[at <= cut]
    return at, np.array([float(f"{3e-4 * rate:.6e}") for rate in made(family, **how).at(at)])


def test_a_cosine_is_at_half_its_peak_in_the_middle() -> None:
    assert made("cosine").at(np.array([0.5]))[0] == pytest.approx(0.5, abs=1e-3)


def test_the_distance_of_a_straight_descent_is_that_of_a_triangle() -> None:
    assert made("linear").travelled(np.array([0.25, 1.0])) == pytest.approx([0.25 - 0.25**2 / 2, 0.5], abs=1e-4)


def test_the_distance_of_a_cosine_is_its_integral() -> None:
    at = np.array([0.3, 0.8])
    assert made("cosine").travelled(at) == pytest.approx(at / 2 + np.sin(np.pi * at) / (2 * np.pi), abs=1e-4)


@pytest.mark.parametrize("family", [f for f in FAMILIES if f not in ("constant", "wsd", "step")])
@pytest.mark.parametrize("cut", [0.35, 0.5, 0.75])
def test_rates_that_move_tell_their_schedule(family: str, cut: float) -> None:
    found = identify(*rates_of(family, cut, warmup=0.05))
    assert found is not None
    assert found.schedule.family == family
    assert not found.open_ended


@pytest.mark.parametrize("family", ["cosine", "linear", "exponential"])
def test_the_rest_of_a_schedule_is_foretold_with_its_end(family: str) -> None:
    found = identify(*rates_of(family, 0.5, warmup=0.02, final=0.1))
    truth = made(family, warmup=0.02, final=0.1)
    assert found is not None
    assert np.abs(found.schedule.rates - truth.rates)[GRID > 0.1].max() < 0.02


@pytest.mark.parametrize("family", ["constant", "wsd", "step"])
def test_a_rate_that_has_not_moved_is_constant_so_far_and_says_that_it_may_be_another(family: str) -> None:
    found = identify(*rates_of(family, 0.4))
    assert found is not None
    assert found.schedule.family == "constant"
    assert found.open_ended


def test_a_trapezoid_is_seen_once_it_descends() -> None:
    found = identify(*rates_of("wsd", 0.9, decay=0.2))
    assert found is not None
    assert found.schedule.family == "wsd"
    assert found.schedule.rates[-1] == pytest.approx(0.0, abs=0.01)


def test_a_staircase_goes_on_where_it_stepped_evenly() -> None:
    found = identify(*rates_of("step", 0.7, milestones=(0.3, 0.6, 0.9), factor=0.5))
    assert found is not None
    assert found.schedule.family == "step"
    assert found.schedule.at(np.array([0.8, 0.95])) == pytest.approx([0.25, 0.125])


def test_rates_that_follow_no_schedule_are_of_none() -> None:
    rng = np.random.default_rng(0)
    assert identify(np.linspace(0.01, 0.6, 200), np.exp(rng.normal(size=200))) is None


def test_without_rates_a_named_schedule_is_taken_as_it_usually_is() -> None:
    nothing = np.empty(0)
    found = identify(nothing, nothing, told="cosine")
    assert found is not None
    assert np.array_equal(found.schedule.rates, made("cosine").rates)
    assert identify(nothing, nothing) is None


def test_a_named_schedule_that_the_rates_deny_holds_from_now_on() -> None:
    at, rates = rates_of("constant", 0.5)
    found = identify(at, rates, told="cosine")
    assert found is not None
    assert found.schedule.family == "cosine"
    assert found.schedule.at(np.array([0.4]))[0] == pytest.approx(1.0)
    assert found.schedule.rates[-1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("family", ["cosine", "linear"])
def test_the_length_of_a_descent_to_zero_is_read_off_its_rates(family: str) -> None:
    at, rates = rates_of(family, 0.5, warmup=0.02)
    assert infer_end(20_000 * at, rates) == pytest.approx(20_000, rel=0.02)


def test_no_length_is_read_off_a_rate_that_stays() -> None:
    at, rates = rates_of("constant", 0.5)
    assert infer_end(20_000 * at, rates) is None


@pytest.mark.parametrize("values", [[math.nan] * 9, [0.0] * 9, [1e308] * 9, [-1.0] * 9, [], [math.inf, 1.0] * 6])
def test_odd_rates_are_a_schedule_or_none_and_tell_no_end(values: list[float]) -> None:
    found = identify(np.linspace(0, 0.5, len(values)), np.array(values))
    assert found is None or found.schedule.family
    assert infer_end(np.linspace(0, 50, len(values)), np.array(values)) is None


def test_names_of_programs_mean_families() -> None:
    names = {
        "cosine_with_warmup": "cosine",
        "OneCycleLR": "one-cycle",
        "MultiStepLR": "step",
        "WSD": "wsd",
        "noam": "inverse-square-root",
    }
    assert {name: family_of(name) for name in names} == names
    assert family_of("cosine_with_restarts") == family_of("ReduceLROnPlateau") == "unknown"
