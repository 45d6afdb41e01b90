"""Quantiles, commonest values and shares of squares are those of the sorted values, within the stated errors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traindx.dataset.statistics.distribution import (
    LEVELS,
    Distribution,
    distribution,
    moments_about,
    pooled_distribution,
)
from traindx.dataset.statistics.moments import Moments
from traindx.dataset.statistics.plan import Plan, histogram_bits, planned
from traindx.dataset.statistics.sketch import Sketch
from traindx.errors import UnreadableDataError, UsageError

RNG = np.random.default_rng(11)
ROWS = 40_000


def drawn() -> dict[str, np.ndarray]:
    normal = RNG.normal(size=ROWS)
    return {
        "normal": normal,
        "normal at 1e8": normal + 1e8,
        "lognormal": np.exp(3 * normal),
        "Cauchy": RNG.standard_cauchy(ROWS),
        "a third zeros": np.where(RNG.random(ROWS) < 0.33, 0.0, normal),
        "zeros of both signs": np.where(RNG.random(ROWS) < 0.3, -0.0, np.where(RNG.random(ROWS) < 0.3, 0.0, normal)),
        "sentinel": np.where(RNG.random(ROWS) < 0.01, 1e20, normal),
        "whole": np.round(10 * normal),
        "whole and a few halves": np.where(RNG.random(ROWS) < 0.001, 0.5, np.round(10 * normal)),
        "few values": RNG.choice([0.1, 0.25, 7.0, -999.0], ROWS),
        "one value": np.full(ROWS, 0.3),
        "beyond float32": RNG.choice([-1e308, 1e308, 0.0, 3.0, 1e200], ROWS),
        "denormal": normal * 1e-310,
        "NaN": np.where(RNG.random(ROWS) < 0.1, np.nan, normal),
        "infinite": np.where(RNG.random(ROWS) < 0.1, -np.inf, np.where(RNG.random(ROWS) < 0.1, np.inf, normal)),
    }


DRAWN = drawn()


def measured(values: np.ndarray, plan: Plan | None = None) -> tuple[Distribution, np.ndarray, Plan]:
    rows = values.reshape(-1, 1)
    plan = plan or planned(rows[:: max(1, len(rows) // 4096)])
    moments, sketch = Moments(1), Sketch(plan)
    moments.update(rows)
    sketch.update(rows)
    state = moments.state()[:, 0]
    return distribution(sketch, 0, state), state, plan


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_quantiles_are_within_a_bin_of_those_of_numpy(name: str, dtype: type) -> None:
    with np.errstate(over="ignore"):
        values = DRAWN[name].astype(dtype)
    found, _, plan = measured(values)
    finite = values[np.isfinite(values)].astype(np.float64)
    assert found.counts.sum() == len(finite)
    with np.errstate(over="ignore", invalid="ignore"):
        wanted = np.quantile(finite, LEVELS, method="inverted_cdf")
        ranks = np.ceil(np.array(LEVELS) * len(finite)) - 1
        error = np.abs(found.at_ranks(ranks) - wanted)
        allowed = plan.error * np.abs(wanted - plan.centre[0]) + 1.5e-38 + 2e-7 * np.abs(wanted - plan.centre[0])
    assert (error <= allowed).all()


@pytest.mark.parametrize("name", ["whole", "few values", "one value"])
def test_of_few_values_everything_is_exact(name: str) -> None:
    found, _, _ = measured(DRAWN[name])
    values, counts = np.unique(DRAWN[name], return_counts=True)
    assert found.exact
    assert found.distinct == len(values)
    assert dict(found.frequent) == dict(zip(values.tolist(), counts.tolist(), strict=True))
    assert np.allclose(found.quantiles(), np.quantile(DRAWN[name], LEVELS), rtol=1e-15)


@pytest.mark.parametrize(("name", "value"), [("sentinel", 1e20), ("a third zeros", 0.0), ("few values", -999.0)])
def test_sentinels_are_found_and_counted_to_the_last_one(name: str, value: float) -> None:
    found, _, _ = measured(DRAWN[name])
    assert dict(found.frequent)[value] == int((DRAWN[name] == value).sum())


def test_among_continuous_values_none_is_common_and_their_number_is_not_claimed() -> None:
    found, _, _ = measured(DRAWN["normal"])
    assert found.frequent == ()
    assert found.distinct == -1


def test_a_value_that_the_first_look_missed_stays_in_the_histogram() -> None:
    values = np.concatenate([np.arange(10.0), np.full(50, 1e6)])
    found, _, _ = measured(values, planned(values[:10].reshape(-1, 1)))
    assert found.distinct == -1
    assert found.counts.sum() == 60
    assert found.quantiles((0.5,))[0] == pytest.approx(1e6, rel=0.008)


@pytest.mark.parametrize(
    "name", ["normal", "lognormal", "Cauchy", "a third zeros", "sentinel", "whole", "normal at 1e8"]
)
def test_the_share_of_the_largest_squares_is_within_its_stated_error(name: str) -> None:
    values = DRAWN[name]
    found, state, _ = measured(values)
    for centre, total in moments_about(state):
        squares = np.sort((values - centre) ** 2)[::-1]
        share, error = found.top_share(centre, total)
        assert abs(share - squares[: ROWS // 1000].sum() / squares.sum()) <= error + 1e-9
        assert error < 0.02


def test_a_gaussian_column_has_the_share_that_theory_gives() -> None:
    values = np.random.default_rng(0).normal(size=1_000_000)
    found, state, _ = measured(values)
    # E[x^2; |x| > c] = 2 (c pdf(c) + sf(c)) with 2 sf(c) = 0.001: c = 3.2905
    assert found.top_share(*moments_about(state)[0])[0] == pytest.approx(0.01272, rel=0.01)


@pytest.mark.parametrize("features", [1, 3, 64, 300])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", ["normal", "a third zeros", "whole and a few halves", "few values", "infinite"])
def test_machine_code_and_numpy_count_alike(features: int, masked: bool, name: str) -> None:
    rows = DRAWN[name][: ROWS // features * features].reshape(-1, features).astype(np.float32)
    keep = RNG.random(rows.shape) < 0.5 if masked else None
    plan = planned(rows[:1000], None if keep is None else keep[:1000])
    ours, plain = Sketch(plan, use_numba=True), Sketch(plan, use_numba=False)
    for sketch in (ours, plain):
        sketch.update(rows, keep)
        sketch.flush()
    assert np.array_equal(ours.bins, plain.bins)
    assert np.array_equal(ours.counts, plain.counts)
    assert np.array_equal(ours.atoms, plain.atoms)
    assert np.array_equal(ours.whole, plain.whole)


@settings(max_examples=40, deadline=None)
@given(cuts=st.sets(st.integers(1, ROWS // 3 - 1), max_size=5), name=st.sampled_from(sorted(DRAWN)))
def test_any_cuts_give_the_same_counts(cuts: set[int], name: str) -> None:
    rows = DRAWN[name][: ROWS // 3 * 3].reshape(-1, 3)
    plan = planned(rows[:2000])
    whole = Sketch(plan)
    whole.update(rows)
    borders = [0, *sorted(cuts), len(rows)]
    merged = Sketch(plan)
    for start, stop in reversed(list(pairwise(borders))):
        part = Sketch(plan)
        part.update(rows[start:stop])
        merged.merge(Sketch.from_bytes(part.to_bytes()))
    assert merged.to_bytes() == whole.to_bytes()


def test_histograms_under_two_plans_do_not_merge() -> None:
    one, two = (Sketch(planned(np.full((10, 1), value))) for value in (1.0, 2.0))
    with pytest.raises(UsageError, match="two plans"):
        one.merge(two)


def test_the_pool_of_features_is_the_distribution_of_all_values() -> None:
    rows = np.stack([DRAWN["normal"], DRAWN["normal"] * 100 + 5000, DRAWN["whole"]], axis=1)
    plan = planned(rows[:4096])
    moments, sketch = Moments(3), Sketch(plan)
    moments.update(rows)
    sketch.update(rows)
    found = pooled_distribution([distribution(sketch, one, moments.state()[:, one]) for one in range(3)])
    assert np.allclose(found.quantiles(), np.quantile(rows, LEVELS), rtol=0.01)
    assert found.distinct == -1


def test_more_features_than_histograms_fit_are_sketched_as_one_pool() -> None:
    assert histogram_bits(5000) == 0
    assert planned(RNG.normal(size=(20, 5000))).features == 1


def test_nothing_finite_has_no_quantiles() -> None:
    found, _, _ = measured(np.full(100, np.nan))
    assert found.quantiles() == ()
    assert found.frequent == ()


def test_a_damaged_state_is_refused() -> None:
    with pytest.raises(UnreadableDataError, match="hold no state"):
        Sketch.from_bytes(b"\x81\xa4what\xa6sketch"[:-2])
    with pytest.raises(UnreadableDataError):
        Plan.from_bytes(b"nothing")
