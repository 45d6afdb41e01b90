"""The rival causes of a run: three of them, each with its reasons and the test that decides."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.render.sample_reports import FAILING
from traindx.diagnosis import Cause, Report
from traindx.render import Look, json_document, markdown_text, terminal_text

WHY = tuple(
    Cause(name=f"cause-{letter}", probability=share, meaning=f"what {letter} means", because=("BAS001",) if letter == "a" else (),
          signs=("nothing moves",), against=("NAN001",), test="run `a | b` once", fix="mend it", leads=leads)
    for letter, share, leads in (("a", 0.62, True), ("b", 0.2, False), ("c", 0.08, False), ("d", 0.04, False), ("e", 0.02, False))
)  # fmt: skip


def report(*causes: Cause) -> Report:
    return replace(FAILING, causes=causes)


def why(text: str) -> str:
    return text.partition("Why")[2].partition("What ")[0]


def test_three_causes_are_shown_with_reasons_and_tests() -> None:
    told = why(terminal_text(report(*WHY), Look()))
    assert [word for word in told.split() if word.startswith("cause-")] == ["cause-a", "cause-b", "cause-c"]
    assert "62 %" in told
    assert "because: BAS001; nothing moves" in told
    assert told.count("test: run") == 3
    assert "clearly ahead" not in told
    assert "fix:" not in told


def test_in_full_all_above_three_per_cent_are_shown_with_what_speaks_against_them_and_the_fix() -> None:
    told = why(terminal_text(report(*WHY), Look(detail=1)))
    assert "cause-d" in told
    assert "cause-e" not in told
    assert told.count("against: no NAN001") == 4
    assert told.count("fix: mend it") == 4


def test_where_no_cause_leads_this_is_said() -> None:
    open_question = [replace(cause, leads=False) for cause in WHY]
    assert "no cause is clearly ahead" in why(terminal_text(report(*open_question), Look()))
    assert "No cause is clearly ahead." in why(markdown_text([report(*open_question)]))


def test_a_run_without_causes_has_no_such_section() -> None:
    assert "Why" not in terminal_text(report(), Look())
    assert "### Why" not in markdown_text([report()])


def test_markdown_keeps_what_is_to_be_copied_as_code_that_cannot_end_a_cell() -> None:
    rows = [line for line in markdown_text([report(*WHY)]).splitlines() if "cause-" in line]
    assert len(rows) == 3
    assert "`a   b`" in rows[0]
    assert "BAS001; nothing moves" in rows[0]


def test_the_document_holds_all_causes() -> None:
    run = json.loads(json_document([report(*WHY)], version="0"))["runs"][0]
    assert [cause["probability"] for cause in run["causes"]] == [0.62, 0.2, 0.08, 0.04, 0.02]
    assert run["causes"][0] == {
        "name": "cause-a", "probability": 0.62, "because": ["BAS001"], "test": "run `a | b` once", "meaning": "what a means",
        "against": ["NAN001"], "fix": "mend it", "signs": ["nothing moves"], "leads": True,
    }  # fmt: skip
