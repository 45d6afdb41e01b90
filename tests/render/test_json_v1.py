from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render.sample_reports import ALL, ATTENTION, FAILING, INCONCLUSIVE
from traindx.diagnosis import CONDITIONS, Evidence, Mark, Report, Scale
from traindx.render import json_document, json_line, report_schema

PUBLISHED = Path(__file__).parents[2] / "schemas" / "report-v1.schema.json"


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def document(*reports: Report) -> dict[str, Any]:
    return json.loads(json_document(reports, version="0.1.0"), parse_constant=refuse)


def validate(value: object) -> None:
    jsonschema.Draft202012Validator(report_schema()).validate(value)


def test_the_published_schema_is_fresh_and_is_a_schema() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == report_schema(), (
        "python -m traindx.render.schema > schemas/..."
    )
    jsonschema.Draft202012Validator.check_schema(report_schema())


def test_the_schema_describes_each_of_its_objects() -> None:
    assert all(part.get("description") for part in report_schema()["$defs"].values())


@pytest.mark.parametrize("state", ALL)
def test_real_output_validates(state: str) -> None:
    assert list(jsonschema.Draft202012Validator(report_schema()).iter_errors(document(ALL[state]))) == []


def test_the_schema_refuses_a_wrong_version_and_a_wrong_state() -> None:
    good = document(FAILING)
    for broken in (good | {"schema_version": "2"}, good | {"runs": [good["runs"][0] | {"verdict": {"state": "fine"}}]}):
        with pytest.raises(jsonschema.ValidationError):
            validate(broken)


def test_the_document_has_the_fields_of_version_1_in_order() -> None:
    shown = document(FAILING)
    assert list(shown) == ["schema_version", "tool", "runs"]
    run = shown["runs"][0]
    assert list(run)[:14] == [
        "name", "sources", "verdict", "action", "facts", "missing_facts", "findings", "causes", "scale", "forecast",
        "checkpoint", "passed", "skipped", "limits",
    ]  # fmt: skip
    assert run["sources"][0] == {
        "path": "runs/clip/train.log",
        "format": "text",
        "rows": 4101,
        "skipped_rows": 3,
        "incomplete": "",
    }
    assert (run["causes"], run["forecast"], run["checkpoint"]) == ([], None, None)
    evidence = run["findings"][0]["evidence"][0]
    assert evidence["series"] == "train/loss"
    assert (evidence["first_step"], evidence["last_step"]) == (3075, 4100)
    assert run["scale"]["chance"] == 5.545177
    assert run["scale"]["trivial"] is None


def test_numbers_survive_unrounded() -> None:
    assert document(FAILING)["runs"][0]["findings"][0]["evidence"][0]["measured"] == 5.5412


@pytest.mark.parametrize(("value", "written"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")])
def test_numbers_that_json_lacks_are_written_by_name(value: float, written: str) -> None:
    finding = replace(FAILING.findings[0], evidence=(Evidence(label="x", measured=value, expected=0.0),))
    scale = Scale(series="loss", unit="", marks=(Mark("current", value, ""),), skill=value)
    shown = document(replace(FAILING, findings=(finding,), scale=scale, last_step=value))
    validate(shown)
    run = shown["runs"][0]
    assert run["findings"][0]["evidence"][0]["measured"] == written
    assert run["findings"][0]["evidence"][0]["expected"] == 0
    assert run["scale"]["current"] == run["scale"]["skill"] == written
    assert run["last_step"] is None


def test_a_line_is_one_run_with_its_version() -> None:
    line = json_line(INCONCLUSIVE)
    assert line.count("\n") == 1
    shown = json.loads(line)
    assert shown.pop("schema_version") == "1"
    assert shown == document(INCONCLUSIVE)["runs"][0]


def test_the_conditions_of_the_schema_are_those_of_findings() -> None:
    found = report_schema()["$defs"]["FindingV1"]["properties"]["condition"]
    listed = next(part["enum"] for part in [found, *found.get("anyOf", [])] if "enum" in part)
    assert {name for name in listed if name is not None} == set(CONDITIONS)


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(), max_size=60))
def test_any_text_even_half_surrogates_gives_valid_json(text: str) -> None:
    report = replace(ATTENTION, name=text, limits=(text,))
    shown = document(report)
    validate(shown)
    assert shown["runs"][0]["name"] == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
