"""Joining files of one run: continued series grow, repeated ones are kept once, different ones stay apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.run import Checkpoint, Run, Series, Setting, Source, floats, join_runs
from traindx.run.precision import print_error

RNG = np.random.default_rng(7)
CURVE = np.exp(-np.arange(100) / 30) * 2.3 + RNG.normal(0, 0.02, 100)


def part(path: str, *series: Series, **more: object) -> Run:
    return Run(name=path, series={s.name: s for s in series}, sources=(Source(path=path, format="t"),), **more)  # type: ignore[arg-type]


def loss(values: object, first: int = 0, **more: object) -> Series:
    array = floats(values)  # type: ignore[arg-type]
    return Series(name="loss", values=array, steps=floats(np.arange(first, first + len(array))), **more)  # type: ignore[arg-type]


def test_a_file_that_continues_another_is_appended_with_its_origin() -> None:
    run = join_runs("r", [part("a/1.log", loss(CURVE[:60])), part("a/2.log", loss(CURVE[60:], 60))])
    joined = run.series["loss"]
    assert list(run.series) == ["loss"]
    assert np.array_equal(joined.values, CURVE)
    assert np.array_equal(joined.steps, np.arange(100))
    assert [run.where(joined, 0), run.where(joined, 99)] == ["a/1.log", "a/2.log"]


@pytest.mark.parametrize("printed", ["%.4f", "%.3g", "%.6g", "%r"])
def test_the_same_numbers_in_another_print_are_kept_once(printed: str) -> None:
    rounded = [float(printed % value) for value in CURVE.tolist()]
    run = join_runs("r", [part("train.log", loss(rounded[:90])), part("events", loss(np.float32(CURVE)))])
    assert list(run.series) == ["loss"]
    assert len(run.series["loss"]) == 100


def test_the_same_numbers_against_epochs_and_steps_are_kept_once() -> None:
    by_epoch = loss(CURVE)
    by_step = Series(name="loss", values=CURVE, steps=floats(np.arange(100) * 391.0))
    assert list(join_runs("r", [part("a", by_epoch), part("b", by_step)]).series) == ["loss"]


def test_two_quantities_of_one_name_stay_apart_and_say_which_file() -> None:
    other = loss(CURVE + 0.3)
    run = join_runs(
        "r", [part("x/train.log", loss(CURVE)), part("x/val.log", other), part("y/val.log", loss(CURVE + 1))]
    )
    assert list(run.series) == ["loss", "loss [val.log]", "loss [val.log 2]"]
    assert run.series["loss [val.log]"].logged_as == "loss"
    assert np.array_equal(run.series["loss [val.log]"].values, other.values)


def test_a_plateau_does_not_make_two_quantities_one() -> None:
    train, val = np.log(2) + RNG.normal(0, 1e-4, 50), np.log(2) + RNG.normal(0, 1e-4, 50)
    assert len(join_runs("r", [part("a", loss(np.round(train, 5))), part("b", loss(np.round(val, 5)))]).series) == 2


def test_whole_numbers_agree_only_with_themselves() -> None:
    whole, near = loss([0.0, 1.0, 1.0, 0.0]), loss([0.3, 0.9, 0.8, 0.1])
    assert len(join_runs("r", [part("a", whole), part("b", near)]).series) == 2
    assert len(join_runs("r", [part("a", whole), part("b", whole)]).series) == 1


def test_values_that_are_not_finite_agree_with_themselves() -> None:
    odd = CURVE.copy()
    odd[[3, 5]] = np.nan, np.inf
    assert list(join_runs("r", [part("a", loss(odd)), part("b", loss(odd))]).series) == ["loss"]
    assert len(join_runs("r", [part("a", loss(odd)), part("b", loss(CURVE))]).series) == 2


def test_a_restart_from_an_earlier_step_stays_evidence() -> None:
    run = join_runs("r", [part("a.log", loss(CURVE[:60])), part("b.log", loss(CURVE[40:] + 0.5, 40))])
    assert [len(one) for one in run.series.values()] == [60, 60]


def test_a_median_and_a_mean_are_not_joined() -> None:
    run = join_runs("r", [part("a", loss(CURVE, statistic="median")), part("b", loss(CURVE, 100, statistic="mean"))])
    assert len(run.series) == 2


def test_everything_else_is_collected_in_order_without_repeats() -> None:
    first = part("a", settings=(Setting("lr", 0.1, "a:1"),), checkpoints=(Checkpoint("c.pt"),), notes=("n",))
    second = part("b", settings=(Setting("wd", 0.2, "b:1"),), checkpoints=(Checkpoint("c.pt"),), notes=("n", "m"))
    run = join_runs("r", [first, second])
    assert [s.name for s in run.settings] == ["lr", "wd"]
    assert (len(run.checkpoints), run.notes, [s.path for s in run.sources]) == (1, ("n", "m"), ["a", "b"])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.integers(1, 5))
def test_the_error_of_a_print_covers_what_rounding_did(values: list[float], digits: int) -> None:
    exact = np.array(values)
    fixed = np.round(exact, digits)
    assert bool(np.all(np.abs(exact - fixed) <= 0.5000001 * 10.0**-digits + 1e-9 * np.abs(exact)))
    allowed = print_error(fixed)
    assert bool(np.all(allowed >= 0))
    assert allowed.shape == fixed.shape
