"""The few public functions: paths or runs in, runs or reports out."""

from __future__ import annotations

from pathlib import Path

import pytest

import traindx
from traindx.errors import TraindxError, UnreadableLogError, UsageError
from traindx.testing import run_of

CSV = "step,train/loss,val/loss\n" + "".join(
    f"{s},{2.3 - s / 100:.3f},{2.4 - s / 110:.3f}\n" for s in range(0, 120, 10)
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.csv"
    path.write_text(CSV)
    return path


def test_read_gives_runs_with_read_only_series(log: Path) -> None:
    (run,) = traindx.read(log)
    assert set(run.series) == {"train/loss", "val/loss"}
    with pytest.raises(ValueError, match="read-only"):
        run.series["train/loss"].values[0] = 1


def test_one_run_gives_a_report_and_several_give_a_list(log: Path) -> None:
    report = traindx.diagnose(log)
    assert not isinstance(report, list)
    assert report.verdict.state == "healthy"
    (other := log.with_name("other.csv")).write_text(CSV)
    several = traindx.diagnose([log, other])
    assert isinstance(several, list)
    assert [one.verdict for one in several] == [report.verdict] * 2


def test_a_run_and_its_path_are_judged_alike(log: Path) -> None:
    assert traindx.diagnose(traindx.read(log)[0]) == traindx.diagnose(log)


def test_a_run_in_memory_needs_no_file() -> None:
    report = traindx.diagnose(run_of({"loss": "flat 2.3026 60; every 10"}), facts={"num_classes": 10})
    assert not isinstance(report, list)
    assert report.verdict.state == "failing"


def test_facts_roles_and_choices_of_rules_reach_the_engine(log: Path) -> None:
    report = traindx.diagnose(log, facts={"num_classes": 10}, roles={"val/loss": "ignore"}, select=["GEN", "BAS"])
    assert not isinstance(report, list)
    assert ("num_classes", "given") in {(fact.key, fact.origin) for fact in report.facts}
    assert "GEN001" in {skip.code for skip in report.skipped}
    assert all(code.startswith(("GEN", "BAS")) for code in report.passed)


def test_what_cannot_be_read_is_an_error_with_place_and_hint(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLogError) as caught:
        traindx.diagnose(tmp_path / "nothing.log")
    assert "nothing.log" in caught.value.where
    with pytest.raises(UsageError):
        traindx.diagnose(run_of({"loss": "flat 2 9"}), facts={"colour": "red"})
    assert issubclass(UnreadableLogError, TraindxError)
