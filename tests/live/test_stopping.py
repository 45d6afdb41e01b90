"""What stops a run, what does not, and how it is told."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path

import numpy as np
import pytest

import traindx
from tests.live.replaying import BRISK, monitor, points
from traindx.live import PRESETS, StopDecision, StopPolicy, Trip, signs_of
from traindx.live.signs import epochs_equal, epochs_rising, improves
from traindx.run import Run, Series
from traindx.testing.trainings import FAMILIES, Training, facts_of, faulty_run, healthy_run


def stopped_at(folder: Path, run: Run, stop: object, *, every: int = 10, **options: object) -> int | None:
    """The step at which a run is stopped that is judged every so many points; None where it is not."""
    with monitor(folder, stop=stop, **options) as watched:
        for at, (step, values) in enumerate(points(run), 1):
            watched.log(values, step=step)
            if at % every == 0:
                watched.judge()
            if watched.should_stop:
                return step
    return None


def curve(values: np.ndarray, *, epochs: np.ndarray | None = None) -> Run:
    steps = np.arange(len(values), dtype=np.float64)
    series = Series(name="loss", values=values, steps=steps, epochs=steps[:0] if epochs is None else epochs)
    return Run(name="run", series={"loss": series}, sources=())


def test_nothing_stops_by_default(tmp_path: Path) -> None:
    training = Training()
    assert stopped_at(tmp_path, faulty_run("nan", training), None, facts=facts_of(training)) is None


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_never_stops_a_healthy_training(preset: str, tmp_path: Path) -> None:
    for seed, family in enumerate(FAMILIES):
        training = Training(family=family, seed=seed, noise=0.05, points=120)
        run = healthy_run(training)
        folder = tmp_path / family
        assert stopped_at(folder, run, preset, every=20, facts=facts_of(training), total_steps=1200) is None


def test_a_preset_a_list_of_codes_and_a_policy_are_all_understood() -> None:
    assert StopPolicy.of("cautious") is StopPolicy.preset("cautious")
    assert StopPolicy.of(["NAN", "BAS001"]).on == ("NAN", "BAS001")
    assert StopPolicy.of("diverged").on == ("diverged",)
    assert StopPolicy.of(None) == StopPolicy()


@pytest.mark.parametrize("wrong", ["cautios", "", "XYZ", ["NAN", "nam"], "cautious,NAN"])
def test_a_name_that_would_stop_nothing_is_refused(wrong: object, tmp_path: Path) -> None:
    with pytest.raises(traindx.UsageError, match="nothing is called"):
        traindx.Monitor(tmp_path, stop=wrong)  # type: ignore[arg-type]


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(traindx.UsageError, match="cautious"):
        StopPolicy.preset("cautios")


def test_a_single_nan_is_spared_and_the_third_in_a_row_stops_at_its_step(tmp_path: Path) -> None:
    losses = [1.0] * 20 + [math.nan] + [1.0] * 5 + [math.nan] * 10
    with monitor(tmp_path, stop="nan-only") as watched:
        for loss in losses:
            watched.log(loss=loss)
            if watched.should_stop:
                break
    decision = watched.stop_decision
    assert decision is not None
    assert decision.step == 28
    assert decision.reason == "loss is nan, and has been since step 26 (3 values in a row)"
    assert decision.finding is not None  # the rules confirm it at the end
    assert decision.finding.code == "NAN001"


def test_a_nan_at_the_start_that_did_not_last_stops_nothing_however_short_the_log(tmp_path: Path) -> None:
    with monitor(tmp_path, stop="nan-only") as watched:
        for at in range(40):
            watched.log(loss=2.0 / (1 + at) if at else math.nan)
            watched.judge()
            assert not watched.should_stop, watched.stop_decision


def test_nan_that_comes_again_and_again_stops_though_never_three_in_a_row(tmp_path: Path) -> None:
    with monitor(tmp_path, stop="nan-only") as watched:
        for at in range(40):
            watched.log(loss=math.nan if at % 4 == 3 else 1.0)
            watched.judge()
    assert watched.stop_decision is not None
    assert watched.stop_decision.step == 7


def test_a_nan_of_the_validation_loss_stops_nothing_by_itself(tmp_path: Path) -> None:
    with monitor(tmp_path, stop="nan-only") as watched:
        for _ in range(20):
            watched.log({"train/loss": 1.0, "val/loss": math.nan})
    assert not watched.should_stop


def test_a_run_at_the_level_of_guessing_stops_after_its_budget_and_not_before(tmp_path: Path) -> None:
    training = Training(family="info_nce", points=100)
    run = faulty_run("at_chance", training)
    policy = StopPolicy(trivial_steps=500, confirmations=2)
    step = stopped_at(tmp_path, run, policy, facts=facts_of(training))
    assert step == 590  # judged at 490 and 590
    late = StopPolicy(trivial_steps=500, trivial_share=0.8, confirmations=2)
    assert stopped_at(tmp_path / "late", run, late, facts=facts_of(training), total_steps=1000) == 890


def test_codes_stop_where_they_stand_in_two_judgements(tmp_path: Path) -> None:
    training = Training()
    run = faulty_run("diverged", training)
    named = stopped_at(tmp_path / "a", run, ["DIV"], facts=facts_of(training))
    other = stopped_at(tmp_path / "b", run, ["OPT"], facts=facts_of(training))
    assert named is not None
    assert 1200 < named < 1990
    assert other is None


def test_a_judgement_of_the_same_points_confirms_nothing(tmp_path: Path) -> None:
    training = Training(family="info_nce", points=60)
    with monitor(tmp_path, stop=["BAS001"], facts=facts_of(training)) as watched:
        for step, values in points(faulty_run("at_chance", training)):
            watched.log(values, step=step)
        for _ in range(5):
            watched.judge()
        assert not watched.should_stop
        watched.log({"train/loss": 5.545}, step=700)
        watched.judge()
        assert watched.should_stop


def test_patience_and_the_first_steps_are_kept(tmp_path: Path) -> None:
    training = Training(family="info_nce", points=100)
    run, facts = faulty_run("at_chance", training), facts_of(training)
    base = stopped_at(tmp_path / "a", run, StopPolicy(on=("BAS001",)), facts=facts)
    patient = stopped_at(tmp_path / "b", run, StopPolicy(on=("BAS001",), patience_steps=400), facts=facts)
    late = stopped_at(tmp_path / "c", run, StopPolicy(on=("BAS001",), min_steps=700), facts=facts)
    assert base is not None
    assert base < 500
    assert patient is not None
    assert patient >= base + 300
    assert late is not None
    assert late >= 700


def test_a_loss_that_falls_slowly_is_never_said_to_be_finished(tmp_path: Path) -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        values = 2.0 - 0.0015 * np.arange(300) + rng.normal(0, 0.02, 300)
        assert stopped_at(tmp_path / f"{seed}", curve(values), "early-stopping", every=30) is None


def test_a_loss_that_has_nothing_left_to_gain_stops(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = 0.5 + 1.8 * np.exp(-np.arange(600) / 20) + rng.normal(0, 0.004, 600)
    step = stopped_at(tmp_path, curve(values), "early-stopping", every=20)
    assert step is not None
    assert 100 < step < 599


def test_a_plateau_before_anything_is_learnt_is_not_the_end(tmp_path: Path) -> None:
    steps, rng = np.arange(200.0), np.random.default_rng(5)
    late = 1.0 + 4.5 * (1 + np.clip(steps - 15, 0, None) / 10) ** -0.9
    run = curve(late * np.exp(0.002 * rng.normal(size=200)))
    assert stopped_at(tmp_path / "late", run, "early-stopping", every=2, total_steps=200) is None
    flat = curve(5.5 * np.exp(0.002 * rng.normal(size=200)))
    assert stopped_at(tmp_path / "flat", flat, "early-stopping", every=2, total_steps=200) in range(19, 40)


def test_a_training_that_overfits_stops_though_its_training_loss_falls(tmp_path: Path) -> None:
    training = Training(family="language_model", points=200)
    run, facts = faulty_run("overfit", training), facts_of(training)
    step = stopped_at(tmp_path, run, "early-stopping", every=20, facts=facts)
    assert step is not None
    assert step > 1000


@pytest.mark.parametrize("count", [8, 20, 60, 400, 4000])
def test_flat_noise_seldom_improves_and_a_falling_curve_nearly_always(count: int) -> None:
    rng = np.random.default_rng(0)
    flat = sum(improves(rng.normal(1, 0.05, count)) for _ in range(60))
    falling = sum(improves(1 - np.arange(count) / count + rng.normal(0, 0.02, count)) for _ in range(60))
    assert flat <= 15
    assert falling >= 50


def test_rising_epochs_are_counted_beyond_noise_only() -> None:
    rising = [(1.0, 0.01), (0.9, 0.01), (0.95, 0.01), (1.0, 0.01), (1.1, 0.01)]
    within = [(1.0, 0.05), (0.98, 0.05), (0.985, 0.05), (0.99, 0.05), (0.995, 0.05)]
    assert epochs_rising(rising) == 3
    assert epochs_rising(within) == 0
    assert epochs_rising([(1.0, 0.01), (1.1, 0.01), (1.05, 0.01)]) == 0


def test_equal_epochs_are_the_same_within_noise_and_not_a_slow_fall() -> None:
    rng = np.random.default_rng(0)
    same = [(2.3 + float(rng.normal(0, 0.002)), 0.002) for _ in range(12)]
    slow = [(2.3 - 0.001 * at, 0.0005) for at in range(12)]
    exactly = [(0.7, math.nan)] * 12
    assert epochs_equal(same) >= 10
    assert epochs_equal(slow) < 4
    assert epochs_equal(exactly) == 11


def epochs_of(levels: list[float], *, noise: float, seed: int = 0) -> Run:
    rng = np.random.default_rng(seed)
    values = np.concatenate([level + rng.normal(0, noise, 30) for level in levels])
    return curve(values, epochs=np.arange(1, len(values) + 1) / 30)


def test_the_criteria_by_epoch_stop_what_rises_or_stays_and_spare_what_falls_slowly() -> None:
    policy = StopPolicy.preset("by-epoch")
    rises = signs_of(epochs_of([10.5, 10.0, 10.6, 11.2, 12.0, 12.0], noise=0.1))
    stays = signs_of(epochs_of([10.5] * 13, noise=0.1, seed=2))
    falls = signs_of(epochs_of([10.5 - 0.1 * at for at in range(13)], noise=0.1))
    assert rises.epochs_rising >= policy.rising_epochs
    assert not rises.improves
    assert stays.epochs_equal >= policy.equal_epochs
    assert not stays.improves
    assert falls.epochs_rising == 0
    assert falls.epochs_equal < policy.equal_epochs
    assert falls.improves


def test_an_epoch_of_noise_alone_does_not_rise() -> None:
    found = [signs_of(epochs_of([1.0] * 6, noise=0.1, seed=seed)).epochs_rising for seed in range(40)]
    assert sum(count >= 3 for count in found) <= 1


def test_a_third_error_for_want_of_memory_stops_by_epoch(tmp_path: Path) -> None:
    with monitor(tmp_path, stop="by-epoch") as watched:
        watched.log(loss=1.0)
        for error in (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), ValueError("no"), MemoryError()):
            watched.survived(error)
        assert not watched.should_stop
        watched.survived(MemoryError())
        assert watched.should_stop
        assert watched.stop_decision == StopDecision("the device ran out of memory 3 times", None, 0, "memory")


def test_whoever_makes_the_file_stop_ends_the_run_and_reads_why(tmp_path: Path) -> None:
    told: list[StopDecision] = []
    with monitor(tmp_path, pace=BRISK, on_stop=told.append) as watched:
        watched.log(loss=1.0)
        (tmp_path / "STOP").touch()
        waited(lambda: watched.should_stop)
    assert [decision.criterion for decision in told] == ["asked"]
    document = json.loads((tmp_path / "traindx_stop.json").read_text())
    assert document["criterion"] == "asked"
    assert document["reason"].endswith("STOP")


def test_a_request_to_an_earlier_run_does_not_stop_this_one_until_made_again(tmp_path: Path) -> None:
    (tmp_path / "STOP").touch()
    (tmp_path / "traindx_stop.json").write_text("{}")
    with monitor(tmp_path, pace=BRISK) as watched:
        watched.log(loss=1.0)
        waited(lambda: watched.report is not None)
        assert not watched.should_stop
        assert not (tmp_path / "traindx_stop.json").exists()
        os.utime(tmp_path / "STOP", ns=(1, 1))
        waited(lambda: watched.should_stop)


def test_a_callback_that_fails_is_warned_of_once_and_the_decision_stands(tmp_path: Path) -> None:
    def fail(_decision: StopDecision) -> None:
        raise OSError("no mail today")

    watched = monitor(tmp_path, stop="nan-only", on_stop=fail)
    watched.log(loss=math.nan)
    watched.log(loss=math.nan)
    with pytest.warns(RuntimeWarning, match="on_stop failed: no mail today"):
        watched.log(loss=math.nan)
    watched.log(loss=math.nan)
    assert watched.should_stop
    watched.close()


def test_reading_should_stop_costs_less_than_a_microsecond(tmp_path: Path) -> None:
    with monitor(tmp_path) as watched:
        best = min(seconds(lambda: [watched.should_stop for _ in range(10_000)]) for _ in range(5))
    assert best / 10_000 < 1e-6


def test_a_trip_of_a_number_is_no_value_that_is_not_finite() -> None:
    from traindx.context import resolve
    from traindx.live.stopping import Stopper

    stopper = Stopper(StopPolicy(not_finite=1))
    assert stopper.of_trip(Trip("loss", resolve("loss"), 3, 3, 1e9)) is None
    assert stopper.of_trip(Trip("loss", resolve("loss"), 3, 3, math.inf)) is not None


def waited(condition: object, *, seconds: float = 4.0) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def seconds(action: object) -> float:
    begun = time.perf_counter()
    action()  # type: ignore[operator]
    return time.perf_counter() - begun
