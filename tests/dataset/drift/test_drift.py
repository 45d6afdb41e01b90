"""Drift is found where it is, called small where it is small, and not invented."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from traindx.arrays import MemorySource
from traindx.dataset import profile
from traindx.dataset.drift import Sample, category_drift, drift_between, number_drift, summaries_drift, summary_drift


def _alarms(draw, rounds: int, level: float = 0.05) -> float:
    return float(np.mean([draw() < level for _ in range(rounds)]))


@pytest.mark.parametrize(
    ("n", "m"), [(30, 30), (100, 1000), (2000, 500), pytest.param(20_000, 3000, marks=pytest.mark.slow)]
)
def test_false_alarms_stay_at_their_level_for_numbers(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    rounds = 400 if n < 10_000 else 200
    share = _alarms(lambda: number_drift("x", Sample(rng.standard_t(3, n)), Sample(rng.standard_t(3, m))).p, rounds)
    assert share <= stats.binom(rounds, 0.05).ppf(0.999) / rounds
    assert share >= 0.005  # a test that never speaks is none


def test_false_alarms_stay_at_their_level_for_rounded_numbers_and_missing_values() -> None:
    rng = np.random.default_rng(5)

    def draw() -> float:
        a, b = (np.round(rng.normal(size=k), 1) for k in (800, 400))
        a[rng.random(800) < 0.1], b[rng.random(400) < 0.1] = np.nan, np.nan
        return number_drift("x", Sample(a), Sample(b)).p

    assert _alarms(draw, 300) <= stats.binom(300, 0.05).ppf(0.999) / 300


def test_false_alarms_stay_at_their_level_for_categories() -> None:
    rng = np.random.default_rng(6)
    shares = [0.5, 0.3, 0.1, 0.05, 0.04, 0.01]

    def counts(rows: int) -> dict[str, int]:
        return dict(zip("abcdef", rng.multinomial(rows, shares).tolist(), strict=True))

    found = _alarms(lambda: category_drift("c", counts(2000), counts(300)).p, 1000)
    assert 0.02 < found <= stats.binom(1000, 0.05).ppf(0.999) / 1000


def test_rows_in_groups_raise_no_false_alarm_once_the_groups_are_known() -> None:
    rng = np.random.default_rng(8)

    def draw(known: bool) -> float:
        samples = []
        for groups in (60, 40):
            keys = np.repeat(np.arange(groups), 20)
            values = rng.normal(size=groups)[keys] + 0.5 * rng.normal(size=len(keys))
            samples.append(Sample(values, keys if known else None))
        return number_drift("x", *samples).p

    assert _alarms(lambda: draw(known=True), 200) <= 0.1
    assert _alarms(lambda: draw(known=False), 100) > 0.5


def test_the_p_value_follows_scipys() -> None:
    rng = np.random.default_rng(9)
    a, b = rng.normal(size=3000), rng.normal(0.08, 1, 2000)
    found = number_drift("x", Sample(a), Sample(b))
    exact = stats.ks_2samp(a, b)
    assert found.effect == pytest.approx(exact.statistic, abs=1e-12)
    assert found.p <= 2 * exact.pvalue * 1.1
    assert found.mean_z == pytest.approx(-stats.ttest_ind(a, b, equal_var=False).statistic, rel=1e-3)


def test_a_shift_is_measured_in_deviations_and_in_standard_errors() -> None:
    rng = np.random.default_rng(10)
    found = number_drift("x", Sample(rng.normal(5, 2, 50_000)), Sample(rng.normal(6, 2, 50_000)))
    assert found.mean_shift == pytest.approx(0.5, abs=0.03)
    assert found.effect == pytest.approx(2 * stats.norm.cdf(0.25) - 1, abs=0.02)
    assert found.deviation_ratio == pytest.approx(1, abs=0.02)
    assert abs(found.deviation_z) < 4
    assert found.stability > found.stability_limit


def test_a_wider_spread_of_the_same_mean_is_seen() -> None:
    rng = np.random.default_rng(11)
    found = number_drift("x", Sample(rng.normal(0, 1, 5000)), Sample(rng.normal(0, 1.3, 5000)))
    assert found.p < 1e-10
    assert found.deviation_ratio == pytest.approx(1.3, abs=0.05)
    assert found.deviation_z > 5


def test_missing_values_alone_are_a_drift() -> None:
    rng = np.random.default_rng(12)
    a, b = rng.normal(size=2000), rng.normal(size=2000)
    b[:300] = np.nan
    found = number_drift("x", Sample(a), Sample(b))
    assert found.p < 1e-20
    assert found.effect == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.empty(0), np.empty(0)),
        (np.ones(5), np.ones(5)),
        (np.ones(100), np.ones(50)),
        (np.full(100, np.nan), np.full(50, np.nan)),
        (np.full(100, np.nan), np.ones(50)),
        (np.full(100, np.inf), np.ones(50)),
        (np.full(100, 1e308), np.full(50, -1e308)),
    ],
)
def test_odd_columns_have_an_answer(a: np.ndarray, b: np.ndarray) -> None:
    found = number_drift("x", Sample(a), Sample(b))
    different = len(a) > 20 and not np.array_equal(a[:1], b[:1], equal_nan=True)
    assert (found.p < 1e-6) == different


def test_a_new_category_is_counted() -> None:
    found = category_drift("c", {"cat": 500, "dog": 500}, {"cat": 450, "dog": 450, "emu": 100})
    assert found.new_share == pytest.approx(0.1)
    assert found.top == "emu"
    assert found.effect == pytest.approx(0.1)
    assert found.p < 1e-10


def test_columns_of_files_are_compared_each_in_its_way() -> None:
    rng = np.random.default_rng(13)

    def split(rows: int, shift: float) -> list[MemorySource]:
        words = np.array(["short", "a longer text"], dtype=object)[rng.integers(0, 2, rows)]
        captions = np.array([f"caption {'x' * k}" for k in rng.integers(0, 90, rows)], dtype=object)
        return [
            MemorySource(rng.normal([0, shift, 0], size=(rows, 3)), name="x"),
            MemorySource(rng.integers(0, 4, rows), name="kind"),
            MemorySource(words, name="word", kind="text"),
            MemorySource(captions, name="caption", kind="text"),
            MemorySource((rng.random(rows) < 0.3 + shift).astype(np.int64), name="y"),
            MemorySource(np.array([b"1"] * rows, dtype=object), name="blob", kind="bytes"),
        ]

    pairs = list(zip(split(5000, 0.0), split(2000, 0.2), strict=True))
    drift = drift_between(pairs, label="y")
    assert [f.feature for f in drift.features] == ["x[0]", "x[1]", "x[2]", "kind", "word", "length of caption"]
    assert [f.kind for f in drift.features] == ["number"] * 3 + ["category"] * 2 + ["number"]
    assert [p < 0.001 for p in drift.adjusted] == [False, True, False, False, False, False]
    assert drift.label is not None
    assert abs(drift.label.top_other - drift.label.top_train) == pytest.approx(0.2, abs=0.05)
    assert any("blob" in limit for limit in drift.limits)


def test_long_files_are_read_in_stripes_and_it_is_said() -> None:
    rows = MemorySource(np.random.default_rng(0).normal(size=50_000), name="x")
    drift = drift_between([(rows, rows)], rows=8192)
    assert drift.features[0].train_rows == 8192
    assert drift.features[0].p == pytest.approx(1)
    assert drift.limits == ("drift of x was measured on about 8,192 rows of each split, evenly spread",)


def _profiled(folder, rows: np.ndarray, name: str):
    np.save(folder / f"{name}.npy", rows)
    return profile(folder / f"{name}.npy").arrays[0]


def test_summaries_raise_no_more_false_alarms_than_rows(tmp_path) -> None:
    rng = np.random.default_rng(14)
    found = []
    for _ in range(15):
        a, b = (
            _profiled(tmp_path, rng.normal(7, 100, (3000, 8)), "a"),
            _profiled(tmp_path, rng.normal(7, 100, (900, 8)), "b"),
        )
        found += [f.p for f in summaries_drift([(a, b)]).features]
    assert np.mean(np.array(found) < 0.05) <= stats.binom(len(found), 0.05).ppf(0.999) / len(found)


def test_summaries_see_what_rows_see(tmp_path) -> None:
    rng = np.random.default_rng(15)
    a = np.stack(
        [rng.normal(size=20_000), rng.normal(size=20_000), rng.normal(size=20_000), rng.integers(0, 4, 20_000)], axis=1
    )
    b = np.stack(
        [rng.normal(size=9000), rng.normal(0.3, 1, 9000), rng.normal(0, 1.2, 9000), rng.integers(0, 5, 9000)], axis=1
    )
    by_rows = [number_drift(str(k), Sample(a[:, k]), Sample(b[:, k])) for k in range(3)]
    drift = summaries_drift([(_profiled(tmp_path, a, "a"), _profiled(tmp_path, b, "b"))])
    for rows, summary in zip(by_rows, drift.features, strict=False):
        assert summary.mean_shift == pytest.approx(rows.mean_shift, abs=1e-9)
        assert summary.mean_z == pytest.approx(rows.mean_z, rel=1e-9)
        assert summary.deviation_z == pytest.approx(rows.deviation_z, rel=1e-6)
    assert [f.p < 0.001 for f in drift.features] == [False, True, True, True]
    assert drift.features[1].effect == pytest.approx(by_rows[1].effect, abs=0.02)


def test_an_empty_or_constant_summary_tells_nothing(tmp_path) -> None:
    constant = _profiled(tmp_path, np.ones((100, 1)), "a").features[0]
    found = summary_drift(constant, constant)
    assert not found.p < 0.9
    few = _profiled(tmp_path, np.arange(5.0)[:, None], "b").features[0]
    assert math.isnan(summary_drift(few, few).p)
