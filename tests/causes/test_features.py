"""What is seen in a run: levels that a hand can check, and an answer or none for any numbers at all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traindx.causes import FEATURES, observe
from traindx.context import build_case
from traindx.run import Run, Series, floats
from traindx.testing import run_of

LEVELS = {feature.name: feature.levels for feature in FEATURES}
CLASSES = {"num_classes": 10, "loss": "cross_entropy"}


def seen(series: dict[str, str], **facts: float | str) -> dict[str, str]:
    return observe(build_case(run_of(series), given=facts), (), ())


def run_with(**columns: np.ndarray) -> Run:
    return Run(
        name="made",
        series={
            name: Series(name=name, values=floats(v), steps=floats(np.arange(len(v)))) for name, v in columns.items()
        },
        sources=(),
    )


def test_a_first_loss_is_held_against_guessing() -> None:
    # ln 10 = 2.302585
    assert seen({"train/loss": "values 2.3026; exp 2.3 0.4 60"}, **CLASSES)["first-loss-exact"] == "exact"
    assert seen({"train/loss": "exp 2.5 0.4 60"}, **CLASSES)["first-loss"] == "at-chance"
    assert seen({"train/loss": "exp 80 0.4 60"}, **CLASSES)["first-loss"] == "absurd"
    times = seen({"train/loss": "exp 75 12 60"}, batch_size=32, **CLASSES)
    assert times["first-loss-times-batch"] == "times-batch"  # 32 ln 10 = 73.7


def test_a_softmax_taken_twice_has_the_floor_of_scores_between_0_and_1() -> None:
    probabilities = np.eye(10)[0]
    floor = math.log(np.exp(probabilities).sum()) - 1
    assert floor == pytest.approx(1.4612, abs=1e-4)
    assert seen({"train/loss": "exp 2.3 1.47 80"}, **CLASSES)["softmax-twice"] == "at"
    assert seen({"train/loss": "exp 2.3 1.2 80"}, **CLASSES)["softmax-twice"] == "below"


def test_rates_are_held_against_what_is_usual_for_the_optimiser() -> None:
    loss = "exp 2.3 0.4 60"
    assert seen({"train/loss": loss, "lr": "flat 0.1 60"}, optimizer="sgd")["rate-height"] == "usual"
    assert seen({"train/loss": loss, "lr": "flat 0.1 60"}, optimizer="adamw")["rate-height"] == "far-high"
    assert seen({"train/loss": loss, "lr": "flat 0 60"}, optimizer="adamw")["rate-zero"] == "always"
    early = seen({"train/loss": loss, "lr": "linear 1e-3 0 20; flat 0 40"}, optimizer="adamw")
    assert (early["rate-done"], early["rate-zero"]) == ("by-half", "long")


def test_gradients_are_named_by_their_norm_and_its_way() -> None:
    loss = "exp 2.3 0.4 60"
    assert seen({"train/loss": loss, "grad_norm": "flat 0 60"})["gradient-size"] == "zero"
    grown = seen({"train/loss": loss, "grad_norm": "linear 5 60 60"})
    assert (grown["gradient-size"], grown["gradient-way"]) == ("large", "grows")
    assert seen({"train/loss": loss, "grad_norm": "flat 3 60; noise 0.4"}, clip_norm=1.0)["clipped"] == "all"


def test_the_gap_and_the_way_of_validation_are_told() -> None:
    over = seen({"train/loss": "exp 2.3 0.1 60", "val/loss": "exp 2.3 0.9 20; linear 0.9 1.8 40"}, **CLASSES)
    assert (over["gap"], over["validation-way"]) == ("worlds-above", "falls-then-rises")
    assert seen({"train/loss": "exp 2.3 0.4 60", "val/loss": "flat 2.3 60"}, **CLASSES)["validation-way"] == "frozen"


def test_accuracy_far_below_guessing_is_told_from_guessing() -> None:
    loss = {"val/loss": "flat 2.3 30"}
    assert seen({**loss, "val/accuracy": "flat 0.01 30"}, **CLASSES)["validation-accuracy"] == "below-chance"
    assert seen({**loss, "val/accuracy": "flat 0.11 30"}, **CLASSES)["validation-accuracy"] == "chance"


def test_where_a_loss_broke_and_how_it_was_before_are_told() -> None:
    assert seen({"train/loss": "exp 2.3 0.5 50; values nan nan nan"})["before-not-finite"] == "calm"
    broke = seen({"train/loss": "exp 2.3 0.5 50; values 1 9 80 700 nan nan"})
    assert (broke["not-finite"], broke["before-not-finite"]) == ("late", "exploding")


def test_a_sawtooth_of_one_epoch_repeats_with_the_epoch() -> None:
    rng = np.random.default_rng(0)
    steps = np.arange(400)
    run = run_with(loss=1 + 0.3 * (steps % 40) / 40 + rng.normal(0, 0.02, 400))
    assert observe(build_case(run, given={"steps_per_epoch": 40}), (), ())["repeats"].startswith("epoch")
    assert observe(build_case(run, given={"steps_per_epoch": 57}), (), ())["repeats"].startswith("other")
    plain = run_with(loss=1 + rng.normal(0, 0.02, 400))
    assert observe(build_case(plain), (), ())["repeats"] == "no"


def test_what_is_not_logged_is_left_out() -> None:
    told = seen({"train/loss": "exp 2.3 0.4 60"})
    assert not {"gap", "gradient-size", "rate-height", "metric-way", "reward", "codes"} & set(told)


NAMES = ("train/loss", "val/loss", "val/accuracy", "grad_norm", "lr", "reward", "entropy", "kl", "loss_scale", "g_loss", "d_loss",
         "weight_norm", "memory", "data_time", "step_time", "temperature", "feature_std", "codebook_perplexity")  # fmt: skip
ANY = st.floats(allow_nan=True, allow_infinity=True, width=64)
ODD = st.sampled_from([0.0, -1.0, 1.0, 1e308, -1e308, 1e-308, float("nan"), float("inf"), float("-inf")])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_numbers_give_a_known_answer_or_none(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 70))
    columns = {}
    for name in data.draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=7)):
        kind = data.draw(st.sampled_from(["any", "constant", "falling", "noisy"]))
        one = data.draw(ANY | ODD)
        drawn = np.array(
            data.draw(st.lists(ANY | ODD, min_size=size, max_size=size)) if kind == "any" else [one] * size
        )
        if kind == "falling":
            drawn = np.geomspace(5, 0.1, size) if size else drawn
        if kind == "noisy":
            drawn = np.random.default_rng(size).normal(1, 0.3, size)
        columns[name] = drawn.astype(np.float64)
    facts = data.draw(st.fixed_dictionaries({}, optional={"num_classes": st.integers(2, 100), "batch_size": st.integers(1, 64),
                                                          "clip_norm": st.floats(1e-3, 10), "lr": st.floats(1e-9, 10)}))  # fmt: skip
    with np.errstate(all="ignore"):
        told = observe(build_case(run_with(**columns), given=facts), (), ())
    assert all(level in LEVELS[name] for name, level in told.items())
