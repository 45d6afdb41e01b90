from __future__ import annotations

import itertools
import math
from typing import get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from traindx.diagnosis import Mark
from traindx.render.look import ASCII, UNICODE, Glyphs
from traindx.render.ruler import axis_of, drawable, label, ruler

NAMES = get_args(get_type_hints(Mark)["name"])
MARKS = st.lists(
    st.builds(
        Mark,
        st.sampled_from(NAMES),
        st.one_of(st.floats(-10, 1e5), st.just(0.0), st.sampled_from([math.nan, math.inf])),
        st.sampled_from(["", "ln 256", "均匀猜测", "a very long label that goes on and on for ever"]),
    ),
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(marks=MARKS, width=st.integers(20, 200), glyphs=st.sampled_from([UNICODE, ASCII]))
def test_nothing_overlaps_leaves_the_width_or_goes_missing(marks: list[Mark], width: int, glyphs: Glyphs) -> None:
    rows = ruler(marks, width=width, glyphs=glyphs)
    shown = drawable(marks)
    assert bool(rows) == bool(shown)
    for row in rows:
        for before, after in itertools.pairwise(row):
            assert before.end <= after.column
        if cell_len("".join(piece.text for piece in row)) <= width:
            assert all(piece.column >= 0 and piece.end <= width for piece in row)
    drawn = [piece.text for row in rows for piece in row if len(piece.text) > 1]
    whole = [label(mark) for mark in shown if cell_len(label(mark)) <= width]
    for words in whole:
        assert words in drawn


def test_a_linear_axis_places_values_in_proportion() -> None:
    axis = axis_of([0.0, 5.0, 10.0], 101)
    assert not axis.log
    assert [axis.column(v) for v in (0.0, 2.5, 5.0, 10.0)] == [0, 25, 50, 100]


def test_a_logarithmic_axis_places_factors_in_proportion() -> None:
    axis = axis_of([1.0, 100.0], 101)
    assert axis.log
    assert [axis.column(v) for v in (1.0, 10.0, 100.0)] == [0, 50, 100]


def test_zero_stands_apart_on_a_logarithmic_axis_and_negative_values_keep_it_linear() -> None:
    assert axis_of([0.0, 1.0, 1000.0], 100).column(0.0) == 0
    assert axis_of([0.0, 1.0, 1000.0], 100).column(1.0) == 8
    assert not axis_of([-1.0, 1.0, 1000.0], 100).log


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0], [math.nan, 1.0]])
def test_a_single_value_is_no_scale(values: list[float]) -> None:
    assert ruler([Mark("current", value, "") for value in values], width=76, glyphs=UNICODE) == []


def test_what_the_run_has_stands_above_and_what_theory_gives_below() -> None:
    rows = ruler(
        [Mark("current", 2.0, ""), Mark("floor", 0.0, ""), Mark("chance", 5.0, "ln 148")], width=60, glyphs=UNICODE
    )
    texts = ["".join(piece.text for piece in row) for row in rows]
    assert texts[0] == "now 2"
    assert set(texts[1]) == set("├─●┤")
    assert texts[2] == "floor 0chance 5 (ln 148)"
