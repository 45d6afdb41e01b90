from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.render.look import Look
from traindx.render.numbers import counted, number, percent, step, steps
from traindx.render.page import Page
from traindx.render.untrusted import clean, shorten


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (5.545177, "5.545"), (5.54, "5.54"), (0.0, "0"), (15781.0, "15,781"), (15781.4, "15,780"), (999999.6, "1,000,000"),
        (1e7, "1e7"), (1234567.0, "1.235e6"), (0.00012345, "0.0001234"), (0.000012, "1.2e-5"), (-3.25, "-3.25"),
        (math.nan, "NaN"), (math.inf, "Inf"), (-math.inf, "-Inf"), (65536.0, "65,536"),
    ],
)  # fmt: skip
def test_numbers_have_four_digits_and_whole_ones_are_whole(value: float, shown: str) -> None:
    assert number(value) == shown


@given(st.floats(-1e300, 1e300).filter(lambda v: v == 0 or abs(v) > 1e-300))
def test_what_is_shown_is_within_half_of_the_fourth_digit(value: float) -> None:
    shown = float(number(value).replace(",", ""))
    assert shown == pytest.approx(value, rel=5.001e-4, abs=0)


@pytest.mark.parametrize(
    ("p", "shown"), [(0.994, "99 %"), (0.9999, "99 %"), (1.0, "100 %"), (0.0, "0 %"), (math.nan, "? %")]
)
def test_certainty_is_only_claimed_of_certainty(p: float, shown: str) -> None:
    assert percent(p) == shown


def test_steps_are_told_as_a_range_a_point_or_not_at_all() -> None:
    assert steps(0, 4100) == "steps 0–4,100"
    assert steps(3, 3) == "step 3"
    assert steps(math.nan, math.nan) == ""
    assert steps(1, math.nan) == "steps 1–?"
    assert step(2.5) == "2.5"
    assert counted(1, "row") == "1 row"
    assert counted(0, "row") == "0 rows"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("train/loss", "train/loss"),
        ("\x1b[1;31mloss\x1b[0m", "loss"),
        ("\x1b]8;;http://e.vil\x07link\x1b]8;;\x07", "link"),
        ("a\tb\nc", "a b c"),
        ("a\x00\x08b\x9bc", "abc"),
        ("\u202ecod.exe", "\ufffdcod.exe"),
        ("损失/训练", "损失/训练"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("\ud800x", "\ufffdx"),
    ],
)
def test_text_is_cleaned_of_what_a_terminal_would_obey(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text(max_size=60), st.integers(1, 30))
def test_shortened_text_fits_and_keeps_both_ends(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    if len(clean(text)) > limit >= 5:
        assert short[0] == clean(text)[0]
        assert short[-1] == clean(text)[-1]


@pytest.mark.parametrize("width", range(24, 60))
def test_a_number_is_not_parted_from_its_per_cent_sign(width: int) -> None:
    page = Page(Look(width=width))
    page.hang((("", ""),), ("R@1 is 0.25 % of 400 queries, 12 × chance, and 100 % of (50 %) more", ""), indent=2)
    page.row(("  ", ""), ("10 % of the rows, 20 % of the columns and 30 % of all that is left of it", ""))
    lines = page.string().splitlines()
    assert not any(line.lstrip().startswith(("%", "×")) for line in lines)
    assert " ".join(" ".join(lines).split()).count(" % ") == 5
    assert max(map(len, lines)) <= width
