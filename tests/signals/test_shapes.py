"""Shapes are found where they are and with the size that they have; numbers agree with closed forms and with scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.signal import periodogram
from tests.signals.noises import noise

from traindx.run import floats
from traindx.signals import (
    cycle,
    drift,
    fold,
    gain,
    hump,
    level_shift,
    plateau,
    running_mean,
    same_place,
    sawtooth,
    separate_blocks,
    staircase,
    swings,
    tail,
    teeth,
    undo_running_mean,
)

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("index", [1.5, 3.0, 6.0])
def test_the_index_of_pareto_tails_is_theirs(index: float) -> None:
    found = tail(floats(RNG.pareto(index, 100_000) + 1))
    assert found is not None
    assert found.index == pytest.approx(index, rel=0.08)
    assert found.exceeded(2_000) == pytest.approx(50 ** (1 / index), rel=0.02)  # one in fifty lies above 50^(1/index)


def test_a_few_spikes_do_not_make_a_tail_heavier() -> None:
    sizes = np.abs(noise("gaussian", 5_000, RNG))
    spiky = sizes.copy()
    spiky[:5] = 1_000
    plain, with_spikes = tail(floats(sizes)), tail(floats(spiky))
    assert plain is not None
    assert with_spikes is not None
    assert with_spikes.index == pytest.approx(plain.index, rel=0.15)


@pytest.mark.parametrize("values", [[], [1.0] * 49, [0.0] * 500, [math.inf] * 500])
def test_sizes_without_number_or_scale_have_no_tail(values: list[float]) -> None:
    assert tail(floats(values)) is None


@pytest.mark.parametrize("kind", ["gaussian", "heavy"])
def test_the_order_of_blocks_is_the_tau_of_kendall(kind: str) -> None:
    values = noise(kind, 400, np.random.default_rng(2)) + np.linspace(0, 1.5, 400)
    blocks, factor = separate_blocks(floats(values))
    found = drift(floats(values))
    assert found is not None
    assert found.order == pytest.approx(stats.kendalltau(np.arange(len(blocks)), blocks).statistic)
    n = len(blocks)
    assert found.z == pytest.approx(found.order * math.sqrt(9 * n * (n - 1) / (2 * (2 * n + 5))) / factor)


def test_a_drift_has_the_size_of_its_change() -> None:
    found = drift(floats(noise("gaussian", 2_000, np.random.default_rng(2)) * 0.1 + np.linspace(0, 2, 2_000)))
    assert found is not None
    assert found.change == pytest.approx(1.8, abs=0.1)  # from the middle of the first blocks to that of the last


@pytest.mark.parametrize("size", [200, 2_000, 20_000])
@pytest.mark.parametrize("at", [0.3, 0.5, 0.8])
def test_a_step_is_found_where_it_is(size: int, at: float) -> None:
    values = 2 * np.exp(0.01 * noise("gaussian", size, np.random.default_rng(1)))
    values[round(at * size) :] *= 1.3
    found = level_shift(floats(values))
    assert found is not None
    assert abs(found.index - at * size) <= max(2, size / 500)
    assert found.before == pytest.approx(2, rel=0.02)
    assert found.after == pytest.approx(2.6, rel=0.02)


def test_a_step_down_is_one_downwards_only() -> None:
    values = floats(np.where(np.arange(200) < 100, 3.0, 2.0) + 0.01 * noise("gaussian", 200, RNG))
    assert level_shift(values) is None
    assert level_shift(values, upward=False) is not None


@pytest.mark.parametrize("shape", ["exponential", "power", "line up"])
def test_a_smooth_curve_has_no_step(shape: str) -> None:
    time = np.linspace(0, 1, 400)
    curves = {"exponential": 1 + 3 * np.exp(-8 * time), "power": (1 + 50 * time) ** -0.7, "line up": 1 + 3 * time}
    assert level_shift(floats(curves[shape] * np.exp(0.01 * noise("gaussian", 400, RNG)))) is None


def test_a_plateau_begins_where_the_curve_stops_to_fall() -> None:
    values = np.concatenate((np.linspace(3, 1, 300), np.full(500, 1.0))) + 0.01 * noise("gaussian", 800, RNG)
    found = plateau(floats(values), worth=0.02)
    assert found is not None
    assert 300 <= found.first <= 420
    assert found.level == pytest.approx(1.0, abs=0.005)
    assert plateau(floats(values[:400]), worth=0.02) is None


def test_the_gain_of_a_line_agrees_with_least_squares() -> None:
    values = np.linspace(2, 1.5, 1_000) + 0.05 * noise("gaussian", 1_000, np.random.default_rng(8))
    slope = stats.linregress(np.arange(1_000), values)
    found, error = gain(floats(values))
    assert found == pytest.approx(-1_000 * slope.slope, abs=3 * error)
    assert error == pytest.approx(1.2533 * 1_000 * slope.stderr, rel=0.5)


@pytest.mark.parametrize(("size", "period"), [(200, 17.0), (2_000, 40.0), (2_000, 3.5), (100_000, 900.0)])
def test_a_period_is_found_with_its_length_and_its_swing(size: int, period: float) -> None:
    wave = 0.1 * np.sin(2 * np.pi * np.arange(size) / period)
    found = cycle(floats(2 * np.exp(wave + 0.05 * noise("gaussian", size, np.random.default_rng(4)))))
    assert found is not None
    assert found.length == pytest.approx(period, rel=0.06)
    assert found.swing == pytest.approx(0.2, rel=0.35)


def test_the_period_agrees_with_the_periodogram_of_scipy() -> None:
    values = np.sin(2 * np.pi * np.arange(1_000) / 23) + noise("gaussian", 1_000, RNG)
    found = cycle(floats(values))
    frequencies, power = periodogram(values)
    assert found is not None
    assert 1 / found.length == pytest.approx(frequencies[int(np.argmax(power))], rel=0.03)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50))
def test_a_running_mean_undone_gives_the_values_that_it_was_made_of(values: list[float]) -> None:
    means = np.cumsum(values) / np.arange(1, len(values) + 1)
    assert undo_running_mean(floats(means)) == pytest.approx(values, abs=1e-9 * max(1, *map(abs, values)) * len(values))


def test_means_that_begin_anew_and_skip_rows_are_undone_as_well() -> None:
    means, counts = [4.0, 3.0, 10.0, 8.0], [1.0, 2.0, 5.0, 10.0]
    assert undo_running_mean(floats(means), floats(counts)).tolist() == [4.0, 2.0, (50 - 6) / 3, (80 - 50) / 5]
    assert undo_running_mean(floats([4.0, 3.0, 7.0, 6.0]), floats([1.0, 2.0, 1.0, 2.0])).tolist() == [
        4.0,
        2.0,
        7.0,
        5.0,
    ]


def test_means_since_the_start_of_every_epoch_are_told_from_single_losses() -> None:
    counts = np.tile(np.arange(1.0, 101), 5)
    single = 2 * np.exp(0.1 * noise("gaussian", 500, np.random.default_rng(6)))
    means = np.concatenate([np.cumsum(part) / np.arange(1, 101) for part in single.reshape(5, 100)])
    found = running_mean(floats(means), floats(counts))
    assert found is not None
    assert found.values == pytest.approx(single)
    assert found.louder > 5
    assert running_mean(floats(single), floats(counts)) is None


def test_a_hump_is_found_with_its_peak_and_where_it_was_made_good() -> None:
    values = np.concatenate(([4.0] * 4, np.linspace(4, 6, 8), np.linspace(6, 4, 8), 4 * np.exp(-np.arange(180) / 60)))
    found = hump(floats(values * np.exp(0.005 * noise("gaussian", 200, RNG))))
    assert found is not None
    assert found.peak == pytest.approx(11, abs=2)
    assert math.exp(found.rise) == pytest.approx(1.5, rel=0.05)
    assert found.back == pytest.approx(20, abs=2)


def test_turns_of_a_swinging_level_are_its_highs_and_lows() -> None:
    time = np.arange(600)
    found = swings(floats(np.exp(0.5 * np.sin(2 * np.pi * time / 120))), 0.4)
    assert found is not None
    assert found.turns[1:-1] == pytest.approx([30 + 60 * k for k in range(1, len(found.turns) - 1)], abs=12)
    assert found.median == pytest.approx(1.0, rel=0.1)


def test_a_fold_holds_the_mean_of_every_part_of_every_turn() -> None:
    folded = fold(floats(np.arange(48.0)), floats(np.arange(48) / 16), 4)
    assert folded is not None
    assert folded.cells.tolist() == [[1.5, 5.5, 9.5, 13.5], [17.5, 21.5, 25.5, 29.5], [33.5, 37.5, 41.5, 45.5]]


@pytest.mark.parametrize("turns", [[0.0] * 48, [1.0, 0.0] * 24, [math.nan] * 48, list(np.arange(48) / 47)])
def test_turns_that_are_none_are_not_folded(turns: list[float]) -> None:
    assert fold(floats(np.arange(48.0)), floats(turns), 4) is None


def test_teeth_and_stairs_have_their_heights() -> None:
    time = np.arange(400) / 80
    scatter = 0.01 * noise("gaussian", 400, np.random.default_rng(3))
    rising = fold(floats(0.3 * (time % 1) + scatter), floats(time))
    falling = fold(floats(-0.3 * np.floor(time) + scatter), floats(time))
    smooth = fold(floats(-0.3 * time + scatter), floats(time))
    assert rising is not None
    assert falling is not None
    assert smooth is not None
    assert teeth(rising).inside == pytest.approx(0.3 * 0.75, abs=0.02)  # between the middles of the outer quarters
    assert (sawtooth(rising) is not None, sawtooth(falling), sawtooth(smooth)) == (True, None, None)
    assert teeth(falling).border == pytest.approx(-0.3, abs=0.02)
    assert teeth(falling).border_share == pytest.approx(1, abs=0.05)
    assert (staircase(falling) is not None, staircase(rising), staircase(smooth)) == (True, None, None)


def test_the_place_that_stands_out_is_named() -> None:
    time = np.arange(800) / 100
    values = 0.5 * ((time % 1 > 0.3) & (time % 1 < 0.35)) + 0.05 * noise("gaussian", 800, RNG)
    folded = fold(floats(values), floats(time), 20)
    assert folded is not None
    found = same_place(folded)
    assert (found.bin, found.hits) == (6, 8)
    assert found.chance < 1e-7
