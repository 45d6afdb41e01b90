"""From a run to its causes: none where nothing is wrong, the right one where theory is plain, and no more time than a rule."""

from __future__ import annotations

import time

import numpy as np
import pytest

from traindx.causes import CAUSES, NONE_OF_THESE, Table, rank_causes
from traindx.context import build_case
from traindx.diagnosis import Evidence, Finding, Report, Severity
from traindx.engine import diagnose_run, select_rules
from traindx.run import Run, Series, floats
from traindx.testing import FAULTS, Training, facts_of, faulty_run, healthy_run, run_of

RULES = select_rules()


def report_of(series: dict[str, str], **facts: float | str) -> Report:
    return diagnose_run(run_of(series), RULES, facts=facts)


def finding(code: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=code, name="n", condition=None, severity=severity, confidence=0.9, headline="h",
                   evidence=(Evidence(label="e"),))  # fmt: skip


def test_a_run_without_warnings_has_no_cause() -> None:
    training = Training()
    assert diagnose_run(healthy_run(training), RULES, facts=facts_of(training)).causes == ()
    case = build_case(run_of({"train/loss": "exp 2.3 0.4 60"}))
    assert rank_causes(case, [finding("OPT002", Severity.INFO)], ()) == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_run_has_causes_that_add_up_to_less_than_one(fault: str) -> None:
    training = Training()
    report = diagnose_run(faulty_run(fault, training), RULES, facts=facts_of(training))
    chances = [cause.probability for cause in report.causes]
    assert chances
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) < 1
    assert not any("failed with" in limit for limit in report.limits)


def test_overfitting_is_its_own_leading_cause() -> None:
    training = Training()
    first = diagnose_run(faulty_run("overfit", training), RULES, facts=facts_of(training)).causes[0]
    assert first.name == "overfitting"
    assert first.leads
    assert "GEN001" in first.because


def test_a_rate_of_zero_is_the_first_cause_where_nothing_moves() -> None:
    report = report_of(
        {"train/loss": "flat 2.31 300; noise 0.01", "val/loss": "flat 2.31 30; every 10", "lr": "flat 0 300"},
        num_classes=10, loss="cross_entropy",
    )  # fmt: skip
    assert report.causes[0].name == "learning-rate-zero"


def test_only_the_first_cause_leads_and_only_where_it_is_twice_as_likely_as_the_next() -> None:
    names = (CAUSES[0].name, CAUSES[1].name, NONE_OF_THESE)
    case = build_case(run_of({"train/loss": "exp 2.3 0.4 60"}))
    for odds, leads in (((6.0, 2.0, 1.0), True), ((6.0, 4.0, 1.0), False), ((5.0, 2.4, 5.0), False)):
        table = Table(names, np.log(odds), {}, sharpness=1.0, floor=0.0)
        ranked = rank_causes(case, [finding("DIV001")], (), table)
        assert [cause.leads for cause in ranked] == [leads, False]
        assert [cause.probability for cause in ranked] == pytest.approx([o / sum(odds) for o in odds[:2]])


def test_what_speaks_for_and_against_a_cause_is_named() -> None:
    names = (CAUSES[0].name, CAUSES[1].name, NONE_OF_THESE)
    weights = {
        "DIV001": {"found": np.array([2.0, 0.0, 0.0])},
        "NAN001": {"absent": np.array([-1.0, 0.0, 0.0])},
        "level": {"below-zero": np.array([1.0, 0.0, 0.0])},
    }
    case = build_case(run_of({"train/loss": "linear 2 -3 60"}), given={"loss": "cross_entropy"})
    table = Table(names, np.zeros(3), weights, sharpness=1.0, floor=0.0)
    first = rank_causes(case, [finding("DIV001")], ["NAN001"], table)[0]
    assert (first.because, first.against) == (("DIV001",), ("NAN001",))
    assert first.signs == ("the loss is negative, which it cannot be",)


@pytest.mark.slow
def test_ranking_a_million_points_takes_a_fiftieth_of_a_second() -> None:
    rng = np.random.default_rng(0)
    steps = floats(np.arange(1_000_000))
    columns = {
        "train/loss": 3 - np.linspace(0, 1, 1_000_000) + rng.normal(0, 0.1, 1_000_000),
        "grad_norm": np.exp(rng.normal(0, 0.2, 1_000_000)),
        "lr": np.linspace(1e-3, 0, 1_000_000),
        "val/accuracy": np.clip(rng.normal(0.5, 0.01, 1_000_000), 0, 1),
    }
    series = {name: Series(name=name, values=floats(v), steps=steps) for name, v in columns.items()}
    case = build_case(Run(name="long", series=series, sources=()), given={"num_classes": 10})
    rank_causes(case, [finding("DIV001")], ())
    started = time.process_time()
    for _ in range(5):
        rank_causes(case, [finding("DIV001")], ())
    assert (time.process_time() - started) / 5 < 0.06  # 20 ms on a quiet machine
