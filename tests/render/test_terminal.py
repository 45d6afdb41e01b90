from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.render.expected import assert_as_stored
from tests.render.sample_reports import ALL, ATTENTION, FAILING, HEALTHY, INCONCLUSIVE
from traindx.diagnosis import Report, SourceLine, Verdict
from traindx.render import Look, one_line, tally, terminal_text

STORED = Path(__file__).parent / "stored"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
PALETTE = {"failing": "213;94;0", "attention": "230;159;0", "healthy": "0;158;115", "inconclusive": "204;121;167"}


@pytest.mark.parametrize("state", ALL)
def test_every_verdict_reads_as_stored_at_80_columns(state: str) -> None:
    assert_as_stored(STORED, f"{state}.txt", terminal_text(ALL[state], Look()))


@pytest.mark.parametrize("state", ALL)
def test_every_verdict_reads_as_stored_in_ascii_without_drawings_in_full(state: str) -> None:
    look = Look(unicode=False, plain=True, detail=1)
    assert_as_stored(STORED, f"{state}.plain.txt", terminal_text(ALL[state], look))


@pytest.mark.parametrize("state", ALL)
@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_no_line_is_wider_than_the_terminal(state: str, width: int) -> None:
    for line in terminal_text(ALL[state], Look(width=width)).splitlines():
        assert cell_len(line) <= width, line


def test_the_first_screen_says_whether_it_is_healthy_why_and_what_to_do() -> None:
    screen = "\n".join(terminal_text(FAILING, Look()).splitlines()[:25])
    for said in ("FAILING", "ln 256 = 5.545", "Do now", "chance 5.545", "BAS001", "99 %", "train.log:3076"):
        assert said in screen


@pytest.mark.parametrize("state", ALL)
def test_colour_adds_nothing_but_escape_sequences(state: str) -> None:
    plain = terminal_text(ALL[state], Look())
    coloured = terminal_text(ALL[state], Look(colours="truecolor"))
    assert "\x1b" not in plain
    assert ESCAPE.sub("", coloured) == plain
    assert PALETTE[state] in coloured


def test_each_terminal_gets_its_own_colours_whichever_came_first() -> None:
    first = {colours: terminal_text(FAILING, Look(colours=colours)) for colours in ("standard", "256", "truecolor")}
    again = {colours: terminal_text(FAILING, Look(colours=colours)) for colours in ("truecolor", "standard", "256")}
    assert first == again
    assert "38;2;" in first["truecolor"]
    assert "38;5;" in first["256"]
    assert "38;2;" not in first["256"] + first["standard"]
    assert "38;5;" not in first["standard"]


def test_ascii_output_is_ascii() -> None:
    assert terminal_text(replace(FAILING, name="clip"), Look(unicode=False)).isascii()


def test_the_scale_shows_now_below_chance_by_its_place() -> None:
    lines = terminal_text(HEALTHY, Look()).splitlines()
    axis = next(line for line in lines if "├" in line)
    assert axis.index("●") < 80 * 0.35  # (2.31 - 1.2) / (5.545 - 1.2) = 0.255


def test_values_far_apart_go_on_a_logarithmic_axis_with_zero_set_apart() -> None:
    text = terminal_text(ATTENTION, Look())
    assert "log axis" in text
    assert "├┄┄" in text


def test_a_report_without_findings_or_scale_is_still_whole() -> None:
    text = terminal_text(INCONCLUSIVE, Look())
    assert "Findings" not in text
    assert "--set vocab_size=VALUE" in text
    assert "7 skipped, the last line is cut off" in text


def test_findings_beyond_the_limit_are_counted_and_the_way_to_see_them_is_named() -> None:
    text = terminal_text(FAILING, Look(max_findings=1))
    assert "OPT004" not in text
    assert "and 1 more finding: --max-findings 2" in text


def test_explaining_a_prefix_tells_those_findings_in_full_and_no_others() -> None:
    text = terminal_text(FAILING, Look(explain=("BAS",)))
    assert "why: A contrastive loss" in text
    assert "refuted if: the loss falls" in text
    assert text.count("decided by:") == 1


def test_at_most_three_facts_are_asked_and_two_commands_suggested() -> None:
    text = terminal_text(replace(FAILING, missing_facts=FAILING.missing_facts * 4), Look())
    assert text.count("--set ") == 3
    assert text.count("next: ") == 2


def test_one_line_holds_the_verdict_and_a_tally_counts_the_worst_first() -> None:
    assert one_line(HEALTHY, Look()).startswith("✔ HEALTHY  small-lm: Learning well")
    assert one_line(HEALTHY, Look()).count("\n") == 1
    assert tally([HEALTHY, FAILING, HEALTHY], Look()) == "3 runs:  ✖ 1 failing  ✔ 2 healthy\n"


HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;owned\x07",
    "[bold]x[/bold]",
    ":boom:",
    "a\r\nb",
    "\u202eevil",
    "x" * 5000,
    "損失" * 80,
]


def hostile(text: str) -> Report:
    finding = replace(FAILING.findings[0], headline=text, do=(text,), why=text, check=text)
    return replace(
        FAILING,
        name=text,
        sources=(SourceLine(text, "text", 1, 1, text),),
        verdict=Verdict(state="failing", summary=text, confidence=0.5),
        findings=(finding,),
        limits=(text,),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_neither_escapes_nor_marks_up(text: str) -> None:
    out = terminal_text(hostile(text), Look(detail=1))
    assert "\x1b" not in out
    assert "\r" not in out
    assert "\u202e" not in out
    assert ("[bold]x[/bold]" in out) == (text == "[bold]x[/bold]")
    assert (":boom:" in out) == (text == ":boom:")
    assert max(cell_len(line) for line in out.splitlines()) <= 80


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80), width=st.integers(20, 200), ascii_only=st.booleans(), plain=st.booleans())
def test_any_text_at_any_width_renders_without_a_control_character(
    text: str, width: int, ascii_only: bool, plain: bool
) -> None:
    out = terminal_text(hostile(text), Look(width=width, unicode=not ascii_only, plain=plain, detail=1))
    assert all(
        char == "\n" or char.isprintable() or char in "\u200c\u200d\u3000\u00a0" or not char.isascii() for char in out
    )
    assert not set(out) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x7f\x85\x9b")
