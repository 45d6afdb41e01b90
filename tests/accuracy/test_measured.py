"""What the benchmark measured of a rule stands on the rule's own page."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from click.testing import CliRunner

from traindx.cli.app import app
from traindx.rules import ALL_RULES, Measured, figures_of


def test_every_measured_rule_exists() -> None:
    stored = json.loads((files("traindx.rules") / "measured.json").read_text(encoding="utf-8"))
    assert stored
    assert set(stored) <= {rule.meta.code for rule in ALL_RULES}


def test_a_rule_newer_than_the_measurement_has_no_figures() -> None:
    assert figures_of("XXX999") is None


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (Measured(fired=8, healthy=57, precision=0.125, false_alarms=0.0351), "right in 12.5 % of 8 alarms"),
        (Measured(fired=8, healthy=57, precision=0.125, false_alarms=0.0351), "accused 3.5 % of 57 healthy trainings"),
        (Measured(fired=0, healthy=57, false_alarms=0.0), "raised no alarm"),
        (Measured(fired=3, healthy=57, false_alarms=0.0), "it was heard in 3 alarms"),
    ],
)
def test_the_sentence_holds_the_numbers(figures: Measured, said: str) -> None:
    assert said in figures.sentence


def test_the_rules_page_shows_them() -> None:
    shown = CliRunner().invoke(app, ["rule", "NAN001", "--plain"])
    assert shown.exit_code == 0, shown.output
    assert "How often it is right" in shown.output
    assert "healthy trainings" in shown.output


def test_the_published_page_and_the_rules_figures_are_those_of_the_last_report() -> None:
    from benchmarks.accuracy import page, report

    found = json.loads(report.FIGURES.read_text(encoding="utf-8"))
    assert report.PAGE.read_text(encoding="utf-8") == page.page(found)
    assert json.loads(report.MEASURED.read_text(encoding="utf-8")) == report.measured(found)
