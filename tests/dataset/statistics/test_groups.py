"""Moments by group, and the parts of the variance, are those of the rows of each group."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from traindx.arrays import MemorySource
from traindx.dataset.statistics.fields import COUNT, M2, M4, MEAN, NAN
from traindx.dataset.statistics.groups import GroupMoments, scatter
from traindx.dataset.statistics.selection import grouping
from traindx.errors import UsageError

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("use_numba", [True, False])
@pytest.mark.parametrize("masked", [True, False])
def test_groups_are_measured_as_if_each_stood_alone(use_numba: bool, masked: bool) -> None:
    rows = (RNG.normal(size=(6000, 4)) + 1e6).astype(np.float64)
    rows[RNG.random(rows.shape) < 0.05] = np.nan
    ids = RNG.integers(-1, 7, 6000)
    keep = RNG.random(rows.shape) < 0.6 if masked else None
    groups = GroupMoments(8, 4, use_numba=use_numba)
    for start in range(0, 6000, 1100):
        part = slice(start, start + 1100)
        groups.update(rows[part], None if keep is None else keep[part], ids[part])
    assert groups.outside == (ids == -1).sum()
    assert (groups.states[7, COUNT] == 0).all()
    for group in range(7):
        for feature in range(4):
            good = (ids == group) & (True if keep is None else keep[:, feature])
            column = rows[good, feature]
            finite = column[~np.isnan(column)]
            state = groups.states[group, :, feature]
            assert state[COUNT] == len(finite)
            assert state[NAN] == np.isnan(column).sum()
            assert state[MEAN] == pytest.approx(finite.mean(), rel=1e-15)
            assert state[M2] == pytest.approx(finite.var() * len(finite), rel=1e-9)  # numpy's own is the coarser
            assert state[M4] == pytest.approx(((finite - finite.mean()) ** 4).sum(), rel=1e-8)


def test_states_of_parts_merge_to_the_state_of_the_whole() -> None:
    rows, ids = RNG.normal(size=(5000, 3)), RNG.integers(0, 40, 5000)
    whole, first, second = (GroupMoments(40, 3) for _ in range(3))
    whole.update(rows, None, ids)
    first.update(rows[:1234], None, ids[:1234])
    second.update(rows[1234:], None, ids[1234:])
    first.merge(GroupMoments.from_bytes(second.to_bytes()))
    assert np.allclose(first.states, whole.states, rtol=1e-12, atol=1e-12)


def test_within_and_between_add_up_to_the_variance() -> None:
    ids = RNG.integers(0, 12, 9000)
    values = RNG.normal(size=9000) * (1 + ids) + 1e5 * ids
    groups = GroupMoments(12, 1)
    groups.update(values.reshape(-1, 1), None, ids)
    parts = scatter("x", groups.states[:, :, 0])
    assert parts.within + parts.between == pytest.approx(values.var(), rel=1e-12)
    assert parts.between_share == pytest.approx(parts.between / values.var(), rel=1e-12)


def test_the_intraclass_correlation_is_that_of_the_analysis_of_variance() -> None:
    sizes = RNG.integers(5, 60, 30)
    ids = np.repeat(np.arange(30), sizes)
    values = RNG.normal(size=len(ids)) + 1.3 * RNG.normal(size=30)[ids]
    groups = GroupMoments(30, 1)
    groups.update(values.reshape(-1, 1), None, ids)
    parts = scatter("x", groups.states[:, :, 0])
    ratio = scipy.stats.f_oneway(*(values[ids == group] for group in range(30))).statistic
    size = (len(ids) - (sizes**2).sum() / len(ids)) / 29
    assert parts.intraclass == pytest.approx((ratio - 1) / (ratio + size - 1), rel=1e-10)
    assert parts.intraclass == pytest.approx(1.69 / 2.69, abs=0.15)


def test_groups_of_one_row_or_none_at_all_have_no_correlation() -> None:
    groups = GroupMoments(3, 1)
    assert np.isnan(scatter("x", groups.states[:, :, 0]).within)
    groups.update(np.arange(3.0).reshape(-1, 1), None, np.arange(3))
    assert np.isnan(scatter("x", groups.states[:, :, 0]).intraclass)
    assert scatter("x", groups.states[:, :, 0]).between_share == 1


def test_labels_are_texts_or_numbers_and_the_commonest_are_kept() -> None:
    texts = np.array(["b", "a", "b", "c", "b", "a", None], object)
    found = grouping(MemorySource(texts, kind="text"), 2)
    assert found.names == ("a", "b")
    assert found.beyond == 2
    assert found.ids(0, 7).tolist() == [1, 0, 1, -1, 1, 0, -1]
    numbers = grouping(MemorySource(np.array([3.0, np.nan, 1.0, 3.0])), 10)
    assert numbers.names == ("1", "3")
    assert numbers.ids(0, 4).tolist() == [1, -1, 0, 1]


def test_rows_without_one_value_each_are_no_groups() -> None:
    with pytest.raises(UsageError, match="one value for each row"):
        grouping(MemorySource(np.zeros((4, 2))), 10)
