from __future__ import annotations

import json

import numpy as np
import pytest
from rich.cells import cell_len

from traindx.baselines import FAMILIES, Match, build_ladder, find_family
from traindx.context import READINGS, build_case
from traindx.render import (
    Look,
    doctor_json,
    doctor_text,
    families_text,
    family_text,
    ladder_json,
    ladder_text,
    matches_text,
)
from traindx.run import Checkpoint, Run, Series, Setting, Skip, Source

HOSTILE = "loss\x1b[31m\u202e|[bold]"


def small_run(name: str = "train/loss") -> Run:
    values = [3.0, np.nan, 2.5, np.inf]
    series = Series(name=name, values=values, steps=[0, 10, 20, 30], records=[2, 3, 4, 9])
    skipped = (Skip("not a number", 3, 5),)
    source = Source(
        path="a.csv",
        format="csv",
        unit="row",
        rows=4,
        skipped=skipped,
        ignored=1,
        incomplete="cut off",
        encoding="utf-8",
    )
    return Run(
        name="small",
        series={name: series},
        sources=(source,),
        settings=tuple(Setting(f"option{i}", i, f"a.yaml:{i}") for i in range(20)),
        checkpoints=(Checkpoint("ckpt-20.pt", step=20.0),),
        notes=("restarted at a.csv:5",),
    )


def doctored(run: Run, look: Look | None = None) -> str:
    return doctor_text(run, build_case(run)[READINGS], look or Look())


def test_the_doctor_tells_what_was_read_and_what_was_not() -> None:
    text = doctored(small_run())
    for said in (
        "csv (utf-8), 4 rows with numbers, 1 without",
        "3 skipped: not a number, first at row 5",
        "incomplete: cut off",
        "loss, train",
        "4 points",
        "steps 0–30",
        "3 to Inf",
        "a.csv:2",
        "1 NaN, 1 infinite",
        "option0 = 0  a.yaml:0",
        "and 8 more: -v shows all",
        "ckpt-20.pt  step 20",
        "restarted at a.csv:5",
    ):
        assert said in text


def test_the_doctor_hides_nothing_on_request() -> None:
    assert "option19 = 19" in doctored(small_run(), Look(detail=1))


def test_a_hostile_name_is_harmless_to_the_doctor() -> None:
    text = doctored(small_run(HOSTILE))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]" in text


def test_the_doctors_json_tells_nan_and_infinity_by_name() -> None:
    run = small_run()
    (shown,) = json.loads(doctor_json([(run, build_case(run)[READINGS])], version="0"))["runs"]
    (series,) = shown["series"]
    assert (series["first"], series["last"], series["nan"], series["infinite"]) == (3.0, "Infinity", 1, 1)
    assert shown["sources"][0]["skipped"] == [{"reason": "not a number", "count": 3, "first": 5}]
    assert shown["checkpoints"] == [{"path": "ckpt-20.pt", "step": 20, "epoch": None}]


def test_a_run_without_series_is_told_to_be_one() -> None:
    assert "no series of numbers was found" in doctored(Run(name="none", series={}, sources=()))


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_a_page_within_80_columns(name: str) -> None:
    page = family_text(find_family(name), Look())
    assert name in page
    assert all(cell_len(line) <= 80 for line in page.splitlines())


def test_the_list_of_families_names_each() -> None:
    text = families_text(FAMILIES.values(), Look())
    assert all(name in text for name in FAMILIES)


def test_a_ladder_shows_formula_conditions_and_source_and_is_whole_in_json() -> None:
    ladder = build_ladder("info_nce", batch_size=256, num_samples=5000)
    text = ladder_text(ladder, Look())
    assert "(19 ln 256 + ln 136)/20" in text
    assert "holds for: " in text
    assert "source: " in text
    assert "├" not in ladder_text(ladder, Look(plain=True))
    assert len(json.loads(ladder_json(ladder))["baselines"]) == len(ladder.rungs)


def test_a_match_is_told_with_its_odds_and_none_is_told_plainly() -> None:
    match = Match(
        value=8.3178,
        constant=8.317766,
        formula="ln 4096",
        meaning="uniform",
        decimals=4,
        error=3.4e-5,
        odds=1.8e-4,
        confidence=0.9,
    )
    text = matches_text("8.3178", [match], Look())
    assert text.startswith("8.3178 = ln 4096  (exact to 4 decimals)")
    assert "0.018 % of cases" in text
    assert "no constant that theory knows" in matches_text("1.2345", [], Look())
