"""Verdicts on what is short, rising under growing noise, or over: as people find logs, not as they wish them."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.context import build_case
from traindx.diagnosis import Report
from traindx.engine import diagnose_run, select_rules
from traindx.engine.missing import what_to_log
from traindx.run import Run, Series, Source
from traindx.testing import run_of

RULES = select_rules()


def judged(series: dict[str, str], **facts: float) -> Report:
    return diagnose_run(run_of(series), RULES, facts=facts)


def returns(values: np.ndarray) -> Report:
    series = Series(name="episode_reward", values=values, steps=np.arange(len(values), dtype=np.float64))
    source = Source(path="returns.csv", format="csv", rows=len(values))
    return diagnose_run(Run(name="agent", series={"episode_reward": series}, sources=(source,)), RULES)


@pytest.mark.parametrize("seed", range(5))
def test_returns_whose_noise_grows_as_they_rise_have_risen(seed: int) -> None:
    random, level = np.random.default_rng(seed), np.linspace(0, 1, 400) ** 3
    report = returns(-300 + 5000 * level + (20 + 2500 * level) * random.standard_normal(400))
    assert report.verdict.state == "healthy"


@pytest.mark.parametrize("seed", range(5))
def test_returns_that_stand_still_under_noise_have_not_risen(seed: int) -> None:
    report = returns(-300 + 50 * np.random.default_rng(seed).standard_normal(400))
    assert report.verdict.state == "attention"
    assert "has not risen" in report.verdict.summary


def test_rare_lucky_episodes_are_no_level_to_fall_from() -> None:
    values = np.full(86, -48.0)
    values[[5, 6, 30, 31, 60]] = -40.0
    assert not [f for f in returns(values).findings if f.condition == "collapsed"]


def test_four_points_that_halve_the_loss_one_after_the_other_are_learning() -> None:
    report = judged({"loss": "values 8.3 1.3 0.9 0.8"})
    assert report.verdict.state == "healthy"
    assert "4 points" in report.verdict.summary


def test_three_points_are_learning_only_with_a_second_witness() -> None:
    loss = {"loss": "values 2.0 1.7 1.5"}
    assert judged(loss).verdict.state == "inconclusive"
    assert judged({**loss, "val_loss": "values 1.9 1.8 1.6"}).verdict.state == "healthy"
    assert judged({**loss, "val_loss": "values 1.9 2.0 1.8"}).verdict.state == "inconclusive"


def test_a_validation_loss_speaks_where_the_training_loss_is_all_noise() -> None:
    report = judged({"loss": "flat 0.6 14; noise 0.08", "val_loss": "exp 1.0 0.4 40; noise 0.005"})
    assert report.verdict.state == "healthy"
    assert "val_loss went from" in report.verdict.summary


def test_a_run_whose_plan_is_fulfilled_is_not_told_to_go_on() -> None:
    series = {"train/loss": "every 10; exp 2.3 0.5 100; noise 0.01"}
    done = judged(series, total_steps=1000).action
    assert (done.do, "1000 steps" in done.text) == ("finish", True)
    assert judged(series, total_steps=4000).action.do == "continue"


@pytest.mark.parametrize(
    ("series", "wanted"),
    [
        ({"gpu_temperature": "flat 60 40"}, "training loss at regular steps"),
        ({"train_mean_loss": "values 2.3 2.4"}, "five points"),
        ({"train_mean_loss": "flat 38.4 40; noise 4"}, "validation loss"),
        ({"generator_loss": "flat 2 40; noise 0.2", "discriminator_loss": "flat 1 40; noise 0.1"}, "samples"),
        ({"episode_reward": "flat 20 40; noise 4"}, "more episodes"),
    ],
)
def test_what_is_asked_for_is_what_the_log_lacks(series: dict[str, str], wanted: str) -> None:
    case = build_case(run_of(series))
    assert wanted in what_to_log(case)
    assert judged(series).action.do == "ask"


def test_one_term_of_a_reward_that_rises_says_nothing_of_a_sum_that_stands() -> None:
    terms = {"reward": "flat 0.5 50; noise 0.5", "rewards/format/mean": "values -0.01 " + "0 " * 49}
    assert judged(terms).verdict.state == "inconclusive"


def test_nothing_speaks_for_a_noisy_training_whose_validation_has_turned() -> None:
    series = {
        "loss": "flat 0.6 14; noise 0.2",
        "train_loss_epoch": "exp 0.9 0.5 12",
        "val_loss": "exp 0.9 0.6 6; linear 0.6 1.3 6",
    }
    assert judged(series).verdict.state != "healthy"


def test_a_loss_that_hardly_moved_is_not_called_healthy() -> None:
    slow = {"train_loss": "values 2.296 2.293 2.282 2.271 2.268 2.262 2.255 2.251"}
    report = judged(slow)
    assert report.verdict.state == "inconclusive"
    assert "hardly moved" in report.verdict.summary
    assert judged(slow, pretrained=True).verdict.state == "healthy"
    accuracy = {"val_accuracy": "values 0.11 0.16 0.22 0.27 0.31 0.36 0.40 0.44"}
    assert judged({**slow, **accuracy}).verdict.state == "healthy"


def test_a_few_per_cent_below_guessing_is_not_called_healthy() -> None:
    slow = {"train_loss": "values 2.396 2.363 2.342 2.321 2.298 2.272 2.255 2.241"}
    assert "below ln 10" in judged(slow, num_classes=10).verdict.summary
    assert judged(slow, num_classes=10).verdict.state == "inconclusive"
