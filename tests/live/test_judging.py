"""Judging beside the training: the same report as of the finished log, told once, and never in the way."""

from __future__ import annotations

import io
import itertools
import math
import random
import shutil
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import traindx
from tests.live.replaying import BRISK, BY_HAND, monitor, points
from traindx.diagnosis import Evidence, Finding, Report, Severity, Verdict
from traindx.diagnosis.report import Action
from traindx.live import Change, Pace
from traindx.live.announcing import Announcer
from traindx.live.changes import ChangeTeller
from traindx.rules.stability.loss_spikes import LossSpikes
from traindx.run import Span
from traindx.testing.trainings import FAULTS, Training, facts_of, faulty_run, healthy_run


def waited(condition: Callable[[], object], *, limit_s: float = 5.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@pytest.mark.parametrize("fault", ["healthy", *FAULTS])
def test_a_run_judged_at_many_prefixes_ends_with_the_report_of_its_log(fault: str, tmp_path: Path) -> None:
    training = Training(points=60, seed=3)
    run = healthy_run(training) if fault == "healthy" else faulty_run(fault, training)
    with monitor(tmp_path, facts=facts_of(training), total_steps=600) as watched:
        for at, (step, values) in enumerate(points(run)):
            watched.log(values, step=step)
            if at % 7 == 0:
                assert watched.judge() == traindx.diagnose(tmp_path)
    assert watched.report == traindx.diagnose(tmp_path)


@pytest.mark.parametrize("fault", ["nan", "diverged", "at_chance"])
def test_what_was_told_and_not_cleared_is_what_the_last_report_finds(fault: str, tmp_path: Path) -> None:
    training, told = Training(points=80), list[Change]()
    with monitor(tmp_path, facts=facts_of(training), on_change=told.append) as watched:
        for at, (step, values) in enumerate(points(faulty_run(fault, training))):
            watched.log(values, step=step)
            if at % 5 == 0:
                watched.judge()
    standing = Counter[str]()
    for change in told:
        standing[change.finding.code] += {"appeared": 1, "worse": 0, "cleared": -1}[change.state]
    assert +standing == Counter(finding.code for finding in watched.findings)


def test_a_run_is_judged_in_the_background_without_being_asked(tmp_path: Path) -> None:
    with monitor(tmp_path, pace=BRISK, facts={"loss": "cross_entropy", "num_classes": 10}) as watched:
        noise = random.Random(0)
        for _ in range(200):
            watched.log(loss=2.3026 + noise.gauss(0, 0.01))
        waited(lambda: any(found.code == "BAS001" for found in watched.findings))


def test_the_first_nan_is_named_while_the_run_goes_on_whatever_the_pace(tmp_path: Path) -> None:
    told: list[Change] = []
    seldom = Pace(first_s=1e6, late_s=1e6, every_s=1e6, poll_s=0.01)
    with monitor(tmp_path, pace=seldom, on_change=told.append) as watched:
        for _ in range(30):
            watched.log(loss=1.0)
        watched.log(loss=math.nan)
        waited(lambda: told)
        assert (told[0].state, told[0].finding.code, told[0].step) == ("appeared", "NAN001", 30)
        assert not watched.should_stop


def test_judgements_grow_seldom_as_they_grow_dear(tmp_path: Path) -> None:
    counted: list[float] = []
    pace = Pace(first_s=0.0, first_steps=1, every_s=0.0, poll_s=0.005, cost_factor=1e6, hurried=0)
    with monitor(tmp_path, pace=pace) as watched:
        seen = None
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            watched.log(loss=1.0)
            if watched.report is not seen:
                seen = watched.report
                counted.append(time.monotonic())
            time.sleep(0.001)
    assert (
        len(counted) == 2
    )  # the first tells nothing of the cost; the second is followed by a million times its seconds


def test_what_is_new_is_soon_confirmed_however_seldom_a_run_is_judged(tmp_path: Path) -> None:
    told: list[Change] = []
    pace = Pace(first_s=0.0, first_steps=5, every_s=1e6, poll_s=0.005, asked_factor=0.0)
    with monitor(tmp_path, pace=pace, on_change=told.append) as watched:
        end, noise = time.monotonic() + 5, random.Random(1)
        while not told and time.monotonic() < end:
            watched.log(loss=2.0 + 0.05 * noise.random())
            time.sleep(0.001)
        assert [(change.state, change.finding.severity) for change in told[:1]] == [("appeared", Severity.WARNING)]


def test_runs_in_folders_below_are_not_taken_for_this_one(tmp_path: Path) -> None:
    for folder, value in ((tmp_path / "a", math.nan), (tmp_path / "b", math.nan), (tmp_path, 1.0)):
        with monitor(folder) as watched:
            for _ in range(12):
                watched.log(loss=value)
    assert all(found.code != "NAN001" for found in watched.findings)


def test_nothing_new_is_not_judged_again(tmp_path: Path) -> None:
    with monitor(tmp_path, pace=BRISK) as watched:
        for _ in range(20):
            watched.log(loss=1.0)
        waited(lambda: watched.report is not None)
        time.sleep(0.1)
        first = watched.report
        time.sleep(0.2)
        assert watched.report is first


def test_a_run_that_recorded_nothing_closes_without_a_word(tmp_path: Path) -> None:
    with monitor(tmp_path):
        pass


def test_a_vanished_folder_is_put_back_with_one_warning_and_training_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.warns(RuntimeWarning, match="was removed") as heard:  # noqa: PT031 - heard while it trains
        watched = monitor(folder, pace=BRISK)
        for _ in range(20):
            watched.log(loss=1.0)
        waited(lambda: watched.report is not None)
        shutil.rmtree(folder)
        for _ in range(50):
            watched.log(loss=1.0)
            time.sleep(0.002)
        watched.close()
    assert watched.report == traindx.diagnose(folder)
    assert len(heard) == 1


def test_a_judgement_that_fails_is_tried_again(tmp_path: Path) -> None:
    folder, aside = tmp_path / "run", tmp_path / "aside"
    watched = monitor(folder, pace=BRISK)
    with pytest.warns(RuntimeWarning, match="cannot judge the run") as heard:  # noqa: PT031 - heard while it trains
        watched.log(loss=1.0)
        folder.rename(aside)
        for _ in range(40):
            watched.log(loss=1.0)
        waited(lambda: heard.list)
    aside.rename(folder)
    watched.log(loss=1.0)
    waited(lambda: watched.report is not None)
    watched.close()


def test_a_callback_that_raises_is_one_warning(tmp_path: Path) -> None:
    def fail(_change: Change) -> None:
        raise ValueError("a fault of the listener")

    training = Training(points=60)
    watched = monitor(tmp_path, on_change=fail, facts=facts_of(training))
    for step, values in points(faulty_run("diverged", training)):
        watched.log(values, step=step)
    with pytest.warns(RuntimeWarning, match="a fault of the listener") as heard:
        watched.judge()
    watched.close()
    assert len(heard) == 1


def test_a_rule_that_raises_is_one_warning_and_the_others_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_rule: object, _case: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(LossSpikes, "check", fail)
    watched = monitor(tmp_path)
    for _ in range(10):
        watched.log(loss=math.nan)
    with pytest.warns(RuntimeWarning, match="SPK001 failed with ZeroDivisionError: a fault of ours") as heard:  # noqa: PT031 - heard once in all
        watched.judge()
        watched.judge()
        watched.close()
    assert len(heard) == 1
    assert [found.code for found in watched.findings] == ["NAN001"]


def test_a_program_that_turns_warnings_into_errors_trains_on(tmp_path: Path) -> None:
    def fail(_change: Change) -> None:
        raise ValueError("a fault of the listener")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with monitor(tmp_path, on_change=fail, pace=BRISK) as watched:
            for _ in range(20):
                watched.log(loss=math.nan)
            waited(lambda: watched.report is not None)


def test_the_last_judgement_is_waited_for_no_longer_than_told(tmp_path: Path) -> None:
    watched = monitor(tmp_path, pace=Pace(every_s=math.inf, closing_s=0.0))
    for _ in range(2_000):
        watched.log(loss=1.0)
    begun = time.monotonic()
    with pytest.warns(RuntimeWarning, match="not waited for"):
        watched.close()
    assert time.monotonic() - begun < 0.5


def test_closing_twice_judges_once(tmp_path: Path) -> None:
    told: list[Change] = []
    with monitor(tmp_path, on_change=told.append) as watched:
        watched.log(loss=math.nan)
        watched._judging.close()
    assert [change.finding.code for change in told].count("NAN001") == 1


def finding(code: str = "SPK001", severity: Severity = Severity.WARNING, series: str = "loss") -> Finding:
    evidence = Evidence(label="x", measured=1.0, span=Span(series, 0, 1))
    return Finding(
        code=code, name="x", condition=None, severity=severity, confidence=0.9, headline="x", evidence=(evidence,)
    )


def report(*findings: Finding, step: float = 0.0) -> Report:
    verdict = Verdict(state="attention", summary="", confidence=0.5)
    return Report(name="r", sources=(), verdict=verdict, action=Action("fix", ""), findings=findings, last_step=step)


@given(st.lists(st.booleans(), min_size=1, max_size=300))
@settings(deadline=None, max_examples=200)
def test_a_finding_that_flickers_is_told_seldom_and_ends_as_it_is(stands: list[bool]) -> None:
    teller, told = ChangeTeller(), list[Change]()
    for at, here in enumerate(stands):
        told += teller.tell(report(*([finding()] if here else [])), last=at == len(stands) - 1)
    states = [change.state for change in told]
    assert all(a != b for a, b in itertools.pairwise(states))
    assert len(states) <= 2 * math.log2(len(stands) + 1) + 2
    assert (states[-1:] == ["appeared"]) == stands[-1]


def test_a_finding_that_is_gone_for_good_is_told_to_have_cleared_once() -> None:
    teller = ChangeTeller()
    told = [teller.tell(report(*([finding()] if at < 4 else []))) for at in range(40)]
    assert [change.state for changes in told for change in changes] == ["appeared", "cleared"]


def test_a_sure_error_is_told_at_once_and_a_warning_at_its_second_judgement() -> None:
    error, warning = finding("NAN001", Severity.ERROR), finding()
    teller = ChangeTeller()
    assert [c.finding.code for c in teller.tell(report(error, warning))] == ["NAN001"]
    assert [c.finding.code for c in teller.tell(report(error, warning))] == ["SPK001"]
    assert teller.tell(report(error, warning)) == ()


def test_a_finding_that_grows_worse_is_told_once_more() -> None:
    teller = ChangeTeller()
    grave = finding(severity=Severity.ERROR)
    states = [teller.tell(report(one), asked=True) for one in (finding(), grave, finding(), grave)]
    assert [[change.state for change in changes] for changes in states] == [["appeared"], ["worse"], [], []]


def test_a_finding_that_moves_to_another_series_is_the_same_one() -> None:
    teller = ChangeTeller()
    told = [teller.tell(report(finding(series=name)), asked=True) for name in ("a", "b", "a", "b")]
    assert [len(changes) for changes in told] == [1, 0, 0, 0]


def test_a_real_training_whose_rate_is_far_too_high_is_told_and_stopped_while_it_trains(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model, told = torch.nn.Linear(8, 1), list[Change]()
    optimiser = torch.optim.SGD(model.parameters(), lr=3.0)
    with monitor(tmp_path, stop="cautious", on_change=told.append) as watched:
        for step in range(400):
            inputs = torch.randn(32, 8)
            loss = ((model(inputs) - inputs.sum(1, keepdim=True)) ** 2).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            watched.log(loss=loss.item())
            if step % 20 == 19:
                watched.judge()
            if watched.should_stop:
                break
    assert step < 150
    assert any(change.finding.severity is Severity.ERROR for change in told)


class _Terminal(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, **options: Any) -> list[str]:
    monkeypatch.setattr(sys, "stderr", stream)
    training = Training(points=80)
    with traindx.Monitor(tmp_path, pace=BY_HAND, facts=facts_of(training), **options) as watched:
        for at, (step, values) in enumerate(points(faulty_run("nan", training))):
            watched.log(values, step=step)
            if at % 8 == 7:
                watched.judge()
    return stream.getvalue().splitlines()


def test_a_person_sees_the_first_verdict_each_change_and_the_last_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = seen(tmp_path, monkeypatch, io.StringIO())
    said = [line for line in lines if not line.startswith(" ")]
    assert "HEALTHY" in said[0]
    assert said[1].startswith("✖ step ")
    assert "NAN001" in said[1]
    assert "FAILING" in said[-1]
    assert len(said) <= 6


def test_a_quiet_monitor_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen(tmp_path, monkeypatch, io.StringIO(), quiet=True) == []


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_is_written_where_it_is_not_wanted(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = seen(tmp_path / "a", monkeypatch, _Terminal())
    monkeypatch.setenv(name, value)
    plain = seen(tmp_path / "b", monkeypatch, _Terminal())
    assert "\x1b[" in "".join(coloured)
    assert "\x1b" not in "".join(plain)


def test_a_stream_without_signs_gets_plain_letters() -> None:
    bytes_ = io.BytesIO()
    stream = io.TextIOWrapper(bytes_, encoding="ascii")
    Announcer(stream).change(Change("appeared", finding(severity=Severity.ERROR), 1200.0))
    assert bytes_.getvalue().decode() == "x step 1,200  SPK001  x  90 %\n"


def test_a_progress_bar_is_moved_out_of_the_way() -> None:
    import tqdm

    stream = _Terminal()
    with tqdm.tqdm(total=10, file=stream, mininterval=0) as bar:
        bar.update(3)
        Announcer(stream).change(Change("cleared", finding(), 7.0))
        bar.update(1)
    before, after = stream.getvalue().split("cleared", 1)
    assert before.rsplit("\r", 1)[1].startswith(("✔", "\x1b"))  # the bar's line was wiped before ours
    assert "30%" in after or "40%" in after  # and drawn again behind it
