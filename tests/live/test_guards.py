"""Guards at every step: silent over healthy trainings, awake where a value is not finite or explodes."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

import traindx
from traindx.live import FINITE, Guards, Trip
from traindx.run import Run, Series
from traindx.testing.trainings import FAMILIES, Training, healthy_run


def replayed(run: Run, *, renew: int = 50) -> list[tuple[str, float, float]]:
    """The alarms of a run, with bounds renewed every ``renew`` points as judgements would."""
    alarms: list[tuple[str, float, float]] = []
    guards = Guards(lambda trip: alarms.append((trip.name, trip.last_step, trip.value)))
    size = max(len(series) for series in run.series.values())
    for at in range(size):
        if at and at % renew == 0:
            guards.renew(replace(run, series={name: series.head(at) for name, series in run.series.items()}))
        for name, series in run.series.items():
            tell(guards, float(series.steps[at]), name, float(series.values[at]))
    return alarms


def tell(guards: Guards, step: float, name: str, value: float) -> None:
    """What the recorder does with every value."""
    low, high = guards.bounds.get(name, FINITE)
    if not low < value < high:
        guards.tripped(step, name, value)


def heard(values: dict[str, list[float]]) -> list[Trip]:
    trips: list[Trip] = []
    guards = Guards(trips.append)
    for name, column in values.items():
        for step, value in enumerate(column):
            tell(guards, step, name, value)
    return trips


def with_values(name: str, values: np.ndarray) -> Run:
    series = Series(name=name, values=values, steps=np.arange(len(values), dtype=np.float64))
    return Run(name="run", series={name: series}, sources=())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("tails", [math.inf, 3.0])
def test_healthy_trainings_never_trip_a_guard(family: str, tails: float) -> None:
    for seed, dependence, noise, renew in itertools.product(range(5), (0.0, 0.9), (0.01, 0.1, 0.3), (20, 150)):
        training = Training(family=family, seed=seed, tails=tails, dependence=dependence, noise=noise)  # type: ignore[arg-type]
        assert replayed(healthy_run(training), renew=renew) == []


@pytest.mark.slow
def test_long_noisy_trainings_never_trip_a_guard() -> None:
    for seed, tails in itertools.product(range(6), (math.inf, 3.0)):
        assert replayed(healthy_run(Training(points=5_000, noise=0.05, tails=tails, seed=seed)), renew=100) == []


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_the_first_loss_that_is_not_finite_raises_the_alarm_at_its_step(value: float) -> None:
    (trip,) = heard({"train/loss": [2.0, 1.9, value, 1.8]})
    assert (trip.name, trip.first_step, trip.count) == ("train/loss", 2, 1)


def test_a_loss_that_stays_nan_is_one_trip_whose_values_are_counted() -> None:
    trips = heard({"loss": [1.0, math.nan, math.nan, math.nan, 1.0, math.nan]})
    assert [trip.first_step for trip in trips] == [1, 1, 1, 5]
    assert trips[0] is trips[2]
    assert trips[0].count == 3


def test_a_loss_scaler_may_skip_as_many_steps_as_halvings_take_it_to_settle() -> None:
    assert heard({"grad_norm": [*([math.inf] * 16), 1.0, 1.1, math.inf, 1.0]}) == []
    assert heard({"grad_norm": [math.inf] * 17})[0].count == 17


def test_a_metric_that_prints_nan_for_unknown_asks_for_nothing() -> None:
    assert heard({"val/pearson": [math.nan] * 50, "val/auroc": [math.nan, 0.7], "lr": [math.inf]}) == []


@pytest.mark.parametrize("name", ["loss", "train/loss", "val/loss"])
def test_an_explosion_against_the_own_noise_trips_and_a_fall_does_not(name: str) -> None:
    rng = np.random.default_rng(0)
    values = 0.5 + rng.normal(0, 0.02, 400)
    assert replayed(with_values(name, np.append(values, 0.01))) == []
    assert replayed(with_values(name, np.append(values, 30.0))) == [(name, 400.0, 30.0)]


def test_a_gradient_norm_may_leap_tenfold_but_not_ten_thousandfold() -> None:
    rng = np.random.default_rng(0)
    values = 0.8 * np.exp(rng.normal(0, 0.2, 400))
    assert replayed(with_values("grad_norm", np.append(values, 10.0))) == []
    assert len(replayed(with_values("grad_norm", np.append(values, 1e4)))) == 1


def test_a_loss_that_returns_to_its_start_is_left_to_the_rules() -> None:
    values = np.concatenate([2.3 * np.ones(10), 0.4 + np.random.default_rng(0).normal(0, 0.01, 600), [2.3]])
    assert replayed(with_values("loss", values)) == []


def test_bounds_pass_a_value_again_once_it_is_back() -> None:
    trips: list[Trip] = []
    guards = Guards(trips.append)
    guards.renew(with_values("loss", 1.0 + np.random.default_rng(0).normal(0, 0.01, 100)))
    usual = guards.bounds["loss"]
    for step, value in enumerate([math.nan, 1.0, 1.01]):
        tell(guards, step, "loss", value)
    assert len(trips) == 1
    assert guards.bounds["loss"] == usual


def test_what_a_guard_saw_is_named_by_the_rule_for_it() -> None:
    trips: list[Trip] = []
    guards = Guards(trips.append)
    guards.renew(with_values("loss", np.linspace(2, 1, 100)))
    for step in (100, 101, 102):
        tell(guards, step, "loss", math.nan)
    report = traindx.diagnose(guards.window(trips[0]), select=["NAN001"])
    assert isinstance(report, traindx.Report)
    assert report.findings[0].headline == "loss is NaN from step 100 and stays so"
