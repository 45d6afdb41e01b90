"""The future of a run: which curve, which plan, which schedule, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from traindx.api import diagnose_all
from traindx.context import build_case
from traindx.diagnosis import Evidence, Finding, Outlook, Severity
from traindx.engine import Question, diagnose_run, select_rules
from traindx.engine.forecast import outlook_of
from traindx.forecast import made
from traindx.run import Run, Series, Source, floats

END = 10_000


def run_of(
    cut: float = 0.5,
    family: str = "cosine",
    *,
    points: int = 400,
    logged: tuple[str, ...] = ("rate", "clock"),
    name: str = "train/loss",
) -> Run:
    """A loss that falls as a power of the distance travelled, with its learning rate and a clock of two seconds a step."""
    at = (np.arange(points) + 1) / points
    schedule = made(family)  # type: ignore[arg-type]
    loss = 1.7 + 0.4 * (schedule.travelled(at) + 0.01) ** -0.4 + 0.1 * schedule.at(at)
    loss += np.random.default_rng(0).normal(0, 0.02, points)
    seen = at <= cut
    steps = floats(END * at[seen])
    clock = floats(2.0 * END * at[seen]) if "clock" in logged else floats([])
    columns = {name: loss[seen]} | ({"lr": 3e-4 * schedule.at(at[seen])} if "rate" in logged else {})
    series = {n: Series(name=n, values=floats(v), steps=steps, wall_times=clock) for n, v in columns.items()}
    return Run(name="r", series=series, sources=(Source(path="r.csv", format="synthetic", rows=points),))


def outlook(
    run: Run, findings: tuple[Finding, ...] = (), question: Question | None = None, **facts: float | str
) -> Outlook:
    found = outlook_of(build_case(run, given=facts), findings, question)
    assert found is not None
    return found


def finding(condition: str | None, severity: Severity) -> Finding:
    return Finding(
        code="X", name="x", condition=condition, severity=severity, confidence=0.9, headline="it broke at step 7", evidence=(Evidence(label="x"),)
    )  # type: ignore[arg-type]  # fmt: skip


def test_a_planned_run_ends_in_an_interval_with_the_time_left_and_advice() -> None:
    found = outlook(run_of(), total_steps=END)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert found.value < found.now
    assert (found.schedule, found.schedule_from, found.axis, found.end_from) == ("cosine", "inferred", "step", "given")
    assert found.seconds_left == pytest.approx(2 * END / 2, rel=0.02)
    assert found.advice in ("continue", "probe")
    assert found.text.startswith(found.advice.upper())


def test_the_truth_lies_in_the_interval() -> None:
    end = float(np.median(run_of(1.0).series["train/loss"].values[-16:]))
    for cut in (0.25, 0.5, 0.75):
        found = outlook(run_of(cut), total_steps=END)
        assert found.low is not None
        assert found.high is not None
        assert found.low <= end <= found.high


def test_without_a_plan_a_descending_rate_tells_the_end() -> None:
    found = outlook(run_of())
    assert found.end_from == "inferred"
    assert found.end_at == pytest.approx(END, rel=0.02)


def test_without_a_plan_and_at_a_constant_rate_the_gain_of_half_as_much_again_is_told() -> None:
    found = outlook(run_of(family="constant"))
    assert found.value is None
    assert found.end_at is None
    assert found.gain is not None
    assert found.gain > 0
    assert "half as many steps again (to 7,500)" in found.text
    assert "--set total_steps=N" in found.text


def test_a_rate_that_has_not_decayed_yet_leaves_two_branches() -> None:
    found = outlook(run_of(family="constant"), total_steps=END)
    assert [branch.schedule for branch in found.branches] == ["it stays as it is", "it decays over the last fifth"]


def test_an_unknown_schedule_gives_both_branches_and_no_verdict() -> None:
    found = outlook(run_of(logged=()), total_steps=END)
    assert found.advice == "refused"
    assert found.value is None
    assert [branch.schedule for branch in found.branches] == ["the rate stays constant", "it decays as a cosine"]
    assert "--set schedule=NAME" in found.text


def test_a_named_schedule_settles_it() -> None:
    assert outlook(run_of(logged=()), total_steps=END, schedule="cosine").schedule_from == "given"
    asked = outlook(run_of(logged=()), question=Question(until=END, schedule="linear"))
    assert (asked.schedule, asked.schedule_from, asked.value is not None) == ("linear", "given", True)


@pytest.mark.parametrize(
    ("condition", "severity", "says"),
    [
        ("nan", Severity.ERROR, "mend the run first: it broke at step 7"),
        ("diverged", Severity.ERROR, "mend the run first"),
        ("at_chance", Severity.WARNING, "has not left its starting level"),
    ],
)
def test_failing_runs_have_no_future(condition: str, severity: Severity, says: str) -> None:
    found = outlook(run_of(), (finding(condition, severity),), total_steps=END)
    assert found.advice == "refused"
    assert found.value is None
    assert says in found.text


def test_an_overfit_validation_loss_is_not_carried_on() -> None:
    run = run_of(name="val/loss")
    assert "past its best" in outlook(run, (finding("overfit", Severity.WARNING),), total_steps=END).text
    assert outlook(run, (finding("overfit", Severity.INFO),), total_steps=END).value is not None


def test_reinforcement_learning_is_refused() -> None:
    run = run_of()
    reward = {"rollout/ep_rew_mean": run.series["train/loss"], "train/approx_kl": run.series["lr"]}
    named = {n: Series(name=n, values=s.values, steps=s.steps) for n, s in reward.items()}
    played = Run(name="r", series={**run.series, **named}, sources=run.sources)
    assert "tells no progress" in outlook(played, total_steps=END).text


def test_few_points_have_no_future_in_a_report() -> None:
    few = run_of(points=7, cut=1.0)
    assert diagnose_run(few, select_rules()).forecast is None


def test_every_report_holds_the_future() -> None:
    (report,) = diagnose_all(run_of(), facts={"total_steps": END})
    assert report.forecast is not None
    assert report.forecast.value is not None


def test_a_run_that_is_done_is_told_what_going_on_would_need() -> None:
    found = outlook(run_of(1.0), total_steps=END)
    assert (found.advice, found.value) == ("stop", None)
    assert "new warm-up" in found.text


def test_a_plan_that_was_passed_is_not_believed() -> None:
    assert outlook(run_of(family="constant"), total_steps=END // 4).end_at is None


def test_epochs_serve_as_well_as_steps() -> None:
    run = run_of()
    epochs = {
        n: Series(name=n, values=s.values, steps=s.steps, epochs=floats(s.steps / 100)) for n, s in run.series.items()
    }
    found = outlook(Run(name="r", series=epochs, sources=run.sources), total_epochs=END / 100)
    assert (found.axis, found.end_at, found.schedule) == ("epoch", 100, "cosine")


def test_a_target_is_placed_on_the_axis_of_the_log() -> None:
    found = outlook(run_of(), question=Question(until=END, target=2.25))
    assert found.reach is not None
    assert found.reach.earliest is not None
    assert END / 2 < found.reach.earliest < END


@pytest.mark.parametrize("facts", [{"total_steps": END}, {}, {"total_epochs": 3}])
@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e308, 0.0])
def test_odd_series_are_foretold_or_refused_with_words(facts: Mapping[str, float], odd: float) -> None:
    run = run_of()
    for name in run.series:
        series = {
            n: Series(name=n, values=floats(np.full(len(s), odd)) if n == name else s.values, steps=s.steps)
            for n, s in run.series.items()
        }
        case = build_case(Run(name="r", series=series, sources=run.sources), given=facts)
        with np.errstate(all="ignore"):
            found = outlook_of(case, ())
        assert found is None or found.value is not None or found.text
