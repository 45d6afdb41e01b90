"""The counting behind the accuracy report, against closed forms and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from benchmarks.accuracy import probabilities, scoring
from benchmarks.accuracy.faults import FAULTS
from benchmarks.accuracy.judging import Said, coarse
from benchmarks.accuracy.labelling import conditions, label
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.planning import plans
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.record import Record
from benchmarks.accuracy.recorder import Recorder
from scipy import stats


def record(train: np.ndarray, val: np.ndarray, value: float) -> Record:
    steps = np.arange(float(len(train)))
    return Record(
        path="",
        series={"train/loss": train, "val/loss": val},
        steps={"train/loss": steps, "val/loss": steps},
        value=value,
        trivial=0.1,
        higher=True,
        guesses={"train/loss": math.log(10), "val/loss": math.log(10)},
        facts={},
        settings={},
    )


FALL = 0.2 + 2.1 * np.exp(-np.arange(100) / 15)
TWIN = record(FALL, FALL + 0.05, 0.95)
PLAN = Plan("some", fault="labels-shuffled")


@pytest.mark.parametrize(("part", "whole"), [(0, 100), (3, 40), (40, 40), (1, 2)])
def test_the_upper_bound_is_wilsons(part: int, whole: int) -> None:
    wanted = stats.binomtest(part, whole).proportion_ci(0.95, method="wilson").high
    assert scoring.upper_bound(part, whole) == pytest.approx(wanted, abs=2e-4)


def test_the_brier_score_of_honest_coins_is_their_variance() -> None:
    told = probabilities.calibration([(0.25, n % 4 == 0) for n in range(400)])
    assert told["brier"] == pytest.approx(0.25 * 0.75)
    assert told["calibration_error"] == pytest.approx(0.0, abs=1e-9)
    assert probabilities.calibration([]) == {"claims": 0}


def test_a_flat_curve_at_guessing_is_at_chance() -> None:
    flat = np.full(100, math.log(10))
    truth = label(PLAN, record(flat, flat, 0.1), TWIN)
    assert (truth.verdict, truth.bites, truth.silent) == ("failing", True, False)
    assert truth.conditions == ("at_chance",)


def test_a_curve_that_rises_past_its_start_diverged() -> None:
    rising = FALL + np.where(np.arange(100) > 60, 3.0, 0.0)
    assert conditions(record(rising, rising, 0.1), TWIN)[0] == ("diverged",)


def test_a_curve_that_falls_back_to_guessing_collapsed() -> None:
    back = np.where(np.arange(100) > 60, math.log(10), FALL)
    assert conditions(record(back, back, 0.1), TWIN)[0] == ("collapsed",)


def test_validation_that_turns_up_while_training_falls_is_overfit() -> None:
    turning = np.concatenate([FALL[:40], FALL[39] + np.linspace(0, 1, 60)])
    assert conditions(record(FALL, turning, 0.8), TWIN)[0] == ("overfit",)


def test_a_fault_that_changes_nothing_is_silent() -> None:
    truth = label(Plan("some", fault="clip-1e-4"), TWIN, TWIN)
    assert (truth.verdict, truth.bites, truth.silent) == ("healthy", False, True)


def test_a_healthy_kind_that_did_not_learn_is_left_open() -> None:
    flat = np.full(100, math.log(10))
    assert label(Plan("some", healthy="plain"), record(flat, flat, 0.1), TWIN).verdict == "open"


def test_an_open_condition_is_not_counted() -> None:
    row = {"verdict": "failing", "conditions": ["nan"], "open": ["diverged"], "healthy": "", "silent": False}
    said = Said(read=True, findings=(("DIV001", "diverged", "error", 0.9),))
    assert scoring.condition_figures([(row, said)], "diverged")["precision"] is None
    assert scoring.condition_figures([(row, said)], "nan")["recall"] == 0


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("non_finite", "nan"),
        ("divergence:Diverged (non-finite val", "nan"),
        ("TP-OVERFIT", "overfit"),
        ("lr_schedule:x", "other"),
    ],
)
def test_a_peers_words_mean_a_condition(name: str, condition: str) -> None:
    assert coarse(name) == condition


def test_every_fault_of_a_program_is_planned_in_two_variants_and_forms() -> None:
    some = Program(
        name="some",
        task="regression",
        split="fit",
        faults={name: FAULTS[name].cause for name in ("rate-zero", "mixed-streams")},
        healthy=("sgd",),
        train=lambda _plan, _recorder: None,
    )
    made = plans([some])
    faulty = [plan for plan in made if plan.fault]
    assert len(faulty) == 4
    assert len({plan.form for plan in faulty}) > 1
    assert len({plan.identity for plan in made}) == len(made)
    assert all(plan.twin.healthy == "plain" and not plan.twin.fault for plan in faulty)


def test_a_recorder_keeps_names_with_a_slash() -> None:
    recorder = Recorder()
    recorder.log(3, {"train/loss": 1}, epoch=0.5, lr=0.1)
    assert recorder.points[0].metrics == {"train/loss": 1.0, "lr": 0.1}
