"""Interleaved streams, periods and counters that go back: found where they are, and not in noise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.signals.noises import KINDS, rate

from traindx.run import Floats, floats
from traindx.signals import interleaved_clusters, repeating_period, restarts, true_stretches

RNG = np.random.default_rng(9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [8, 12, 20, 200, 2_000])
@pytest.mark.parametrize("decimals", [1, 2, 6])
def test_noise_is_not_taken_for_streams(kind: str, size: int, decimals: int) -> None:
    def clustered(values: Floats) -> bool:
        return interleaved_clusters(floats(np.round(2 * np.exp(0.05 * values), decimals))) is not None

    assert rate(clustered, kind, size, 20 if size > 200 else 150) <= 0.02


@pytest.mark.parametrize(
    ("streams", "trend"),
    [((1.0, 3.0), 0.0), ((1.0, 3.0), 1.0), ((1.0, 3.0), 2.0), ((1.0, 3.0, 9.0), 0.0), ((1.0, 3.0, 9.0), 0.3)],
)
def test_streams_that_take_turns_are_told_apart_even_while_they_fall(streams: tuple[float, ...], trend: float) -> None:
    rows = np.arange(60)
    which = rows % len(streams)
    values = np.array(streams)[which] * np.exp(-trend * rows / 60 + RNG.normal(0, 0.01, 60))
    found = interleaved_clusters(floats(values))
    assert found is not None
    assert list(found.labels) == list(which)
    assert list(found.centres) == sorted(found.centres)


def test_a_curve_that_falls_through_levels_is_one_stream() -> None:
    assert interleaved_clusters(floats(np.repeat([9.0, 3.0, 1.0], 10) * np.exp(RNG.normal(0, 0.01, 30)))) is None


@pytest.mark.parametrize("values", [[], [1.0] * 50, [1.0, 2.0] * 3, [0.0, -1.0] * 20])
def test_series_without_levels_have_no_streams(values: list[float]) -> None:
    assert interleaved_clusters(floats(values)) is None


@pytest.mark.parametrize("period", [2, 3, 5, 8])
def test_a_period_is_found_with_its_length(period: int) -> None:
    rows = np.arange(12 * period)
    pattern = RNG.permutation(period)[rows % period] + 1.0
    found = repeating_period(floats(pattern * np.exp(RNG.normal(0, 0.05, len(rows)))))
    assert found is not None
    assert found.length == period
    assert found.distance < found.expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [20, 200])
def test_noise_has_no_period(kind: str, size: int) -> None:
    assert rate(lambda values: repeating_period(floats(np.exp(0.05 * values))) is not None, kind, size, 100) <= 0.04


@given(st.lists(st.booleans(), max_size=60))
def test_stretches_cover_what_is_true_and_nothing_else(flags: list[bool]) -> None:
    covered = [False] * len(flags)
    for first, last in true_stretches(np.array(flags, dtype=bool)):
        assert first == 0 or not flags[first - 1]
        covered[first : last + 1] = [True] * (last - first + 1)
    assert covered == flags


@given(st.lists(st.integers(0, 20) | st.none(), max_size=60))
def test_a_counter_goes_back_where_a_loop_says_so(counts: list[int | None]) -> None:
    known = [(i, c) for i, c in enumerate(counts) if c is not None]
    expected = [(i, a, b) for (_, a), (i, b) in itertools.pairwise(known) if b < a]
    found = restarts(floats([np.nan if c is None else c for c in counts]))
    assert [(r.index, r.before, r.after) for r in found] == expected
