"""Skill is R squared, in each group's own units."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import r2_score

from traindx.dataset import mean_skill, skill_by_group, typical_skill


def test_the_skill_of_a_group_is_the_r2_of_sklearn_weighted_by_variance() -> None:
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, 600)
    target = rng.normal(size=(600, 4)) * 10.0 ** group[:, None]
    guess = target + rng.normal(size=(600, 4)) * 10.0 ** group[:, None] * (group[:, None] + 1) / 3
    for one in skill_by_group(target, guess, group=group):
        rows = group == one.label
        assert one.skill == pytest.approx(r2_score(target[rows], guess[rows], multioutput="variance_weighted"))


def test_padding_and_other_groups_do_not_count() -> None:
    target, guess = np.array([[1.0, 0], [3.0, 0], [1e6, 5]]), np.array([[1.0, 99], [3.0, 99], [0, 5]])
    mask = np.array([[1, 0], [1, 0], [1, 1]])
    first, second = skill_by_group(target, guess, group=["a", "a", "b"], mask=mask)
    assert (first.label, first.count, first.skill) == ("a", 2, 1.0)
    assert second.skill != second.skill  # one row: nothing varies


def test_a_typical_group_counts_and_a_terrible_one_counts_as_zero() -> None:
    target = np.tile([[1.0], [3.0]], (3, 1))
    guess = np.array([[1.0], [3.0], [900.0], [-900.0], [2.0], [2.0]])
    skills = skill_by_group(target, guess, group=[0, 0, 1, 1, 2, 2])
    assert [round(one.skill) for one in skills] == [1, 1 - (899**2 + 903**2) // 2, 0]
    assert mean_skill(skills) == pytest.approx(1 / 3)
    assert typical_skill(skills) == 0
