"""Curves of dots: every value in its place, no spike lost, nothing drawn where nothing was measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.render import Drawing, Look, chart_rows
from traindx.render.braille import Raster, cells, sign
from traindx.render.curve_chart import smoothed


def raster(width: int = 20, height: int = 5, low: float = 0.0, high: float = 1.0, *, log: bool = False) -> Raster:
    return Raster(width=width, height=height, left=0.0, right=99.0, low=low, high=high, log=log)


def drawn(drawing: Drawing, width: int = 60, height: int = 8, look: Look | None = None) -> list[str]:
    return [
        "".join(text for text, _ in row) for row in chart_rows(drawing, width=width, height=height, look=look or Look())
    ]


def test_a_sign_has_its_dots_where_unicode_has_them() -> None:
    dots = np.zeros((4, 2), dtype=bool)
    dots[0, 0] = dots[3, 1] = True
    assert sign(int(cells(dots)[0, 0])) == "\N{BRAILLE PATTERN DOTS-18}"
    assert sign(0) == " "
    assert sign(5, unicode=False) == "*"


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right() -> None:
    dots = raster().curve(np.arange(100.0), np.linspace(0, 1, 100))
    assert dots[-1, 0]
    assert dots[0, -1]
    assert dots.any(axis=0).all()
    assert not dots[0, 0]


@given(st.integers(0, 9_999))
def test_no_spike_is_lost_among_ten_thousand_points(at: int) -> None:
    values = np.zeros(10_000)
    values[at] = 1.0
    field = Raster(width=20, height=5, left=0, right=9_999, low=0, high=1)
    dots = field.curve(np.arange(10_000.0), values)
    assert dots[0, int(field.columns(np.array([float(at)]))[0])]
    assert dots[0].sum() == 1


def test_the_curve_is_broken_where_values_are_not_finite() -> None:
    values = np.full(100, 0.5)
    values[40:60] = np.nan
    dots = raster().curve(np.arange(100.0), values)
    assert dots[:, :16].any(axis=0).all()
    assert not dots[:, 17:23].any()
    assert dots[:, 24:].any(axis=0).all()


def test_on_a_logarithmic_axis_equal_ratios_are_equal_distances_and_zero_has_no_place() -> None:
    field = raster(low=0.01, high=100.0, log=True)
    rows = field.rows(np.array([0.01, 1.0, 100.0]))
    assert rows.tolist() == [19, 10, 0] or rows.tolist() == [19, 9, 0]
    dots = field.curve(np.arange(100.0), np.zeros(100))
    assert not dots.any()


def test_a_baseline_is_dashed_and_absent_where_it_lies_outside() -> None:
    assert 0 < raster().level(0.5).sum() < 40
    assert not raster().level(2.0).any()
    assert not raster().level(float("nan")).any()


def test_a_chart_names_its_ends_and_makes_room_for_a_near_baseline() -> None:
    steps = np.arange(100.0)
    drawing = Drawing(x=steps, y=np.linspace(2.0, 1.0, 100), levels=[("chance", 2.5)])
    rows = drawn(drawing)
    assert rows[0].split()[0] == "2.5"
    assert rows[-2].split()[0] == "1"
    assert rows[-1].split() == ["0", "99"]
    assert {len(row) for row in rows[:-1]} == {60}


def test_a_far_baseline_does_not_press_the_curve_flat() -> None:
    rows = drawn(Drawing(x=np.arange(9.0), y=np.linspace(2.0, 1.0, 9), levels=[("chance", 5000.0)]))
    assert rows[0].split()[0] == "2"


def test_in_ascii_the_same_curve_is_drawn_with_stars() -> None:
    rows = drawn(Drawing(x=np.arange(30.0), y=np.arange(30.0)), look=Look(unicode=False))
    assert "*" in "".join(rows)
    assert "".join(rows).isascii()


@pytest.mark.parametrize("values", [[], [float("nan")] * 5, [float("inf")] * 5])
def test_nothing_finite_draws_nothing(values: list[float]) -> None:
    assert drawn(Drawing(x=np.arange(float(len(values))), y=np.array(values))) == []


@given(st.lists(st.floats(), max_size=60), st.booleans(), st.sampled_from([0.0, 0.6, 0.9]))
def test_whatever_was_logged_is_drawn_or_left_out_but_never_breaks_the_chart(
    values: list[float], log: bool, smoothing: float
) -> None:
    y = np.array(values, dtype=np.float64)
    for row in drawn(Drawing(x=np.arange(float(len(y))), y=y, log=log, smoothing=smoothing)):
        assert len(row) <= 60


def test_smoothing_is_the_unbiased_exponential_mean() -> None:
    values = np.random.default_rng(0).normal(size=200)
    expected, sums, weights = [], 0.0, 0.0
    for value in values:
        sums, weights = 0.9 * sums + value, 0.9 * weights + 1
        expected.append(sums / weights)
    np.testing.assert_allclose(smoothed(values, 0.9), expected, atol=0.03)
    np.testing.assert_allclose(smoothed(np.full(50, 3.0), 0.6), 3.0)
    assert np.isnan(smoothed(np.array([1.0, np.nan, 2.0]), 0.6)).tolist() == [False, True, False]
