from __future__ import annotations

import sys

import pytest

from traindx.render import carries_drawings, wants_colour, width_of


@pytest.mark.parametrize(
    ("flag", "environment", "terminal", "wanted"),
    [
        (None, {}, True, True),
        (None, {}, False, False),
        (None, {"NO_COLOR": "1"}, True, False),
        (None, {"NO_COLOR": ""}, True, True),
        (None, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        (None, {"FORCE_COLOR": "1"}, False, True),
        (None, {"FORCE_COLOR": "0"}, False, False),
        (None, {"TERM": "dumb", "FORCE_COLOR": "1"}, True, False),
        (None, {"CLICOLOR": "0"}, True, False),
        (None, {"CLICOLOR": "1"}, False, False),
        (True, {"NO_COLOR": "1"}, False, True),
        (False, {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_follows_flag_then_environment_then_terminal(
    flag: bool | None, environment: dict[str, str], terminal: bool, wanted: bool
) -> None:
    assert wants_colour(flag, environment, terminal=terminal) is wanted


@pytest.mark.parametrize(
    ("environment", "width"),
    [
        ({}, 80),
        ({"COLUMNS": "120"}, 120),
        ({"COLUMNS": "1"}, 40),
        ({"COLUMNS": "9" * 99}, 400),
        ({"COLUMNS": "wide"}, 80),
        ({"COLUMNS": "²"}, 80),
    ],
)
def test_the_width_is_that_of_columns_within_reason_or_80(environment: dict[str, str], width: int) -> None:
    assert width_of(environment, sys.stdout, terminal=False) == width


@pytest.mark.parametrize(
    ("encoding", "carries"),
    [("utf-8", True), ("utf-16", True), ("latin-1", False), ("ascii", False), ("no-such", False)],
)
def test_drawings_need_an_encoding_that_has_them(encoding: str, carries: bool) -> None:
    assert carries_drawings(encoding) is carries
