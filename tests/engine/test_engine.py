"""The judgement: rules chosen and asked, a verdict against a number, an action, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import pytest

from traindx.context import LOSSES, TRAIN_LOSS, VAL_LOSS, Case, build_case
from traindx.diagnosis import Finding, Report, Severity
from traindx.engine import diagnose_run, examine, select_rules
from traindx.errors import UsageError
from traindx.rules import Rule
from traindx.rules.rule import RuleMeta
from traindx.run import Run, Skip, Source
from traindx.testing import FAULTS, Training, facts_of, faulty_run, healthy_run, run_of

RULES = select_rules()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Careless(Rule):
    """Divides by zero."""

    meta: ClassVar = RuleMeta(code="TST001", name="careless", since="0", summary="a rule with a mistake in it")
    needs: ClassVar = (TRAIN_LOSS,)

    def check(self, case: Case) -> Iterator[Finding]:
        yield self.finding(f"{1 / (len(case.run.series) - 1)}", severity=Severity.ERROR, confidence=1.0)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Curious(Rule):
    """Reads a key that it does not declare."""

    meta: ClassVar = RuleMeta(code="TST002", name="curious", since="0", summary="a rule that reads too much")
    needs: ClassVar = (LOSSES,)

    def check(self, case: Case) -> Iterator[Finding]:
        assert case.get(VAL_LOSS) is None
        yield from ()


def judged(series: dict[str, str], **facts: int | float | str) -> Report:
    return diagnose_run(run_of(series), RULES, facts=facts)


def test_a_broken_rule_is_named_in_the_limits_and_the_others_go_on() -> None:
    report = diagnose_run(run_of({"loss": "exp 2.3 1 20"}), (*RULES, _Careless(), _Curious()))
    assert [limit.split(" failed")[0] for limit in report.limits] == ["TST001", "TST002"]
    assert "ZeroDivisionError" in report.limits[0]
    assert "DIV001" in report.passed
    assert report.verdict.state == "healthy"


def test_rows_left_out_and_files_cut_off_are_named_in_the_limits() -> None:
    skipped = (Skip("not a number", 3, 17),)
    source = Source(path="a.csv", format="csv", rows=9, skipped=skipped, incomplete="the last record is cut off")
    run = Run(name="r", series=run_of({"loss": "exp 2 1 20"}).series, sources=(source,))
    limits = " ".join(diagnose_run(run, RULES).limits)
    assert "3 rows left out (not a number, first at 17)" in limits
    assert "cut off" in limits


def test_a_rule_whose_needs_are_absent_is_skipped_with_the_needs_it_lacks() -> None:
    found = examine(build_case(run_of({"loss": "exp 2 1 20"})), RULES)
    skipped = {skip.code: skip.needs for skip in found.skipped}
    assert skipped["GEN001"] == ("val_loss",)
    assert set(found.passed) & set(skipped) == set()


def test_every_rule_is_passed_skipped_broken_found_or_explained_by_another() -> None:
    for fault in FAULTS:
        training = Training(points=200)
        report = diagnose_run(faulty_run(fault, training), RULES, facts=facts_of(training))
        known = {*report.passed, *(s.code for s in report.skipped), *(f.code for f in report.findings)}
        silent = {rule.meta.code for rule in RULES} - known
        spoke = {finding.code for finding in report.findings}
        explained = {rule.meta.code for rule in RULES if spoke & set(rule.explained_by)}
        assert silent <= explained


def test_errors_come_before_warnings_and_warnings_before_remarks() -> None:
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    for fault in FAULTS:
        severities = [order[f.severity] for f in diagnose_run(faulty_run(fault, Training()), RULES).findings]
        assert severities == sorted(severities)


@pytest.mark.parametrize("family", ["cross_entropy", "language_model", "info_nce", "mse"])
@pytest.mark.parametrize("told", [True, False])
def test_healthy_is_never_said_without_a_number_to_compare_with(family: str, told: bool) -> None:
    training = Training(family=family, told=told)  # type: ignore[arg-type]
    verdict = diagnose_run(healthy_run(training), RULES, facts=facts_of(training)).verdict
    assert verdict.state == "healthy"
    assert sum(sign.isdigit() for sign in verdict.summary) >= 2
    assert ("below" in verdict.summary) == told
    assert told or "not known" in verdict.summary or "by its own start" in verdict.summary


@pytest.mark.parametrize(
    "series",
    [
        {},
        {"learning_rate": "linear 1 0 50"},
        {"loss": "values 2.3 2.2"},
        {"loss": "flat 38.4 40; noise 0.4"},
        {"gpu_temperature": "flat 60 40"},
    ],
)
def test_what_cannot_be_judged_is_not_called_healthy(series: dict[str, str]) -> None:
    report = judged(series)
    assert report.verdict.state in ("inconclusive", "attention")
    assert report.action.do in ("ask", "fix")
    assert report.action.text


def test_what_was_gained_and_lost_again_is_not_called_healthy() -> None:
    assert judged({"loss": "every 10; exp 5.5 4.9 40; linear 4.9 5.5 40; noise 0.01"}).verdict.state != "healthy"


@pytest.mark.parametrize(
    "series",
    [
        {"loss": "flat 3 30"},
        {"contrastive_loss": "exp 5 2 30", "val/R@1": "values 0.1 0.2 0.3", "val/MRR": "values 0.2 0.3 0.4"},
        {"detr_loss": "exp 50 20 30"},
    ],
)
def test_at_most_three_facts_are_asked_for_and_each_says_what_it_would_tell(series: dict[str, str]) -> None:
    missing = judged(series).missing_facts
    assert len(missing) <= 3
    assert len({fact.key for fact in missing}) == len(missing)
    assert all(fact.would for fact in missing)


def test_a_given_fact_is_not_asked_for() -> None:
    assert "num_classes" in {fact.key for fact in judged({"ce_loss": "exp 2.3 1 20"}).missing_facts}
    told = judged({"ce_loss": "exp 2.3 1 20"}, num_classes=10)
    assert told.missing_facts == ()
    assert ("num_classes", 10, "given") in {(fact.key, fact.value, fact.origin) for fact in told.facts}


def test_an_inferred_fact_is_asked_to_be_confirmed() -> None:
    asked = judged({"contrastive_loss": "every 10; flat 5.545177 40; noise 0.0005"}).missing_facts
    assert any(fact.key == "batch_size" and "confirm" in fact.would for fact in asked)


@pytest.mark.parametrize(
    ("fault", "state", "do"),
    [
        ("nan", "failing", "stop"),
        ("diverged", "failing", "stop"),
        ("at_chance", "failing", "fix"),
        ("overfit", "attention", "fix"),
        ("rate_zero", "attention", "fix"),
    ],
)
def test_each_fault_has_its_verdict_and_action(fault: str, state: str, do: str) -> None:
    report = diagnose_run(faulty_run(fault, Training(noise=0.02)), RULES, facts=facts_of(Training()))
    assert (report.verdict.state, report.action.do) == (state, do)
    assert report.action.text


def test_a_log_whose_series_are_mixed_is_not_judged() -> None:
    verdict = judged({"loss": "values " + "8.6 3.3 1.1 " * 8}).verdict
    assert verdict.state == "inconclusive"
    assert "log must be mended" in verdict.summary


@pytest.mark.parametrize(("share", "stage"), [(0.01, "start"), (0.1, "early"), (0.5, "middle"), (0.9, "late")])
def test_the_stage_is_the_share_of_the_planned_steps(share: float, stage: str) -> None:
    report = judged({"loss": "every 10; exp 2.3 1 101"}, total_steps=round(1000 / share))
    assert report.verdict.stage == stage


def test_rules_are_chosen_by_code_family_and_name_and_left_out_likewise() -> None:
    def chosen(**how: list[str]) -> set[str]:
        return {rule.meta.code for rule in select_rules(**how)}

    assert chosen(select=["SPK001"]) == chosen(select=["loss-spikes"]) == {"SPK001"}
    assert {code[:3] for code in chosen(select=["NAN"])} == {"NAN"}
    assert chosen(select=["NAN"], ignore=["NAN002"]) == chosen(select=["NAN"]) - {"NAN002"}
    assert chosen() - chosen(ignore=["GEN"]) == chosen(select=["GEN"])


def test_an_option_changes_the_rule_and_an_unknown_one_is_refused() -> None:
    (rule,) = select_rules(["SPK001"], options={"SPK001": {"lasting_points": 5}})
    assert getattr(rule, "lasting_points") == 5  # noqa: B009
    for options in ({"SPK001": {"lasting_pionts": 5}}, {"SPK0O1": {}}, {"SPK001": {"lasting_points": "five"}}):
        with pytest.raises(UsageError):
            select_rules(options=options)
    with pytest.raises(UsageError, match="SPK001"):
        select_rules(["SPK01"])


def test_the_scale_names_start_best_now_and_the_level_of_guessing() -> None:
    scale = judged({"train/loss": "every 10; exp 2.3 0.4 60"}, num_classes=10, loss="cross_entropy").scale
    assert scale is not None
    marks = {mark.name: mark.value for mark in scale.marks}
    assert marks["current"] == pytest.approx(0.4, abs=0.05)
    assert marks["chance"] == pytest.approx(2.302585)
    assert scale.skill is not None
    assert 0.7 < scale.skill < 0.9
    assert scale.choices == pytest.approx(1.5, abs=0.1)
