"""A normaliser refuses data that it was not fitted for, and lets through data that it was."""

from __future__ import annotations

from typing import Literal

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from traindx.dataset import Normalizer
from traindx.errors import UsageError

_CENTERS, _SCALES = np.array([5.0, -300, 0.02, 1e4]), np.array([2.0, 40, 0.001, 3e3])


def _rows(seed: int, count: int = 3000) -> np.ndarray:
    return np.random.default_rng(seed).normal(_CENTERS, _SCALES, size=(count, 4))


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer.fit(_rows(0), names=("a", "b", "c", "d"))


def _names(normalizer: Normalizer, values: object, **given: object) -> list[str]:
    return [problem.name for problem in normalizer.check(values, **given)]  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 10, 64, 100, 1000, 50_000])
@pytest.mark.parametrize("seed", range(20))
def test_other_rows_of_the_same_kind_pass(normalizer: Normalizer, seed: int, count: int) -> None:
    assert normalizer.check(_rows(100 + seed, count)) == []


@pytest.mark.parametrize("method", ["standard", "robust", "asinh"])
@pytest.mark.parametrize("count", [200, 3000, 100_000])
def test_data_that_are_already_normalised_are_refused(method: str, count: int) -> None:
    normalizer = Normalizer.fit(_rows(0), method=method)  # type: ignore[arg-type]
    once = normalizer.transform(_rows(1, count))
    with pytest.raises(UsageError, match=r"already normalised: 3 of 3 .*verify=False"):
        normalizer.transform(once)
    assert np.isfinite(normalizer.transform(once, verify=False)).all()


def test_tensors_of_any_framework_are_looked_at(normalizer: Normalizer) -> None:
    once = normalizer.transform(_rows(1)).astype(np.float32)
    for twice in (torch.tensor(once), jnp.asarray(once)):
        with pytest.raises(UsageError, match="already normalised"):
            normalizer.transform(twice)


def test_data_near_the_common_scale_anyway_are_not_accused(normalizer: Normalizer) -> None:
    near = np.random.default_rng(3).normal(0.1, 1.2, size=(4000, 5))
    own = Normalizer.fit(near)
    assert own.check(near) == []
    assert own.check(own.transform(near)) == []  # indistinguishable, and harmless


@pytest.mark.parametrize("factor", [1e-3, 0.05, 30, 1e4])
def test_other_units_are_refused(normalizer: Normalizer, factor: float) -> None:
    assert _names(normalizer, _rows(1) * factor) == ["other-units"]


def test_columns_in_another_order_are_refused(normalizer: Normalizer) -> None:
    assert _names(normalizer, _rows(1)[:, ::-1]) == ["other-units"]
    assert _names(normalizer, _rows(1, 10)[:, ::-1], names=("d", "c", "b", "a")) == ["names"]


def test_a_flat_stretch_of_one_feature_is_no_other_unit(normalizer: Normalizer) -> None:
    rows = _rows(1, 256)
    rows[:, 1] = -310 + np.linspace(0, 0.5, 256)
    assert normalizer.check(rows) == []


def test_heavy_tails_are_not_taken_for_other_units() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_t(2.1, size=(200_000, 3)) * 7
    normalizer = Normalizer.fit(rows[:100_000])
    for _ in range(50):
        assert normalizer.check(rng.standard_t(2.1, size=(256, 3)) * 7) == []


def test_batches_of_one_class_or_one_record_pass() -> None:
    rng = np.random.default_rng(0)
    levels = rng.normal(0, 30, size=(200, 1, 3)) + 100
    rows = levels + rng.normal(0, 6, size=(200, 100, 3))
    normalizer = Normalizer.fit(rows.reshape(-1, 3))
    assert all(normalizer.check(record) == [] for record in rows)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (np.zeros((100, 3)), "shape"),
        (np.zeros((100, 5)), "shape"),
        (np.zeros(100), "shape"),
        (np.zeros((100, 4), dtype=np.uint8), "dtype"),
    ],
)
def test_other_features_and_whole_numbers_are_refused(normalizer: Normalizer, values: np.ndarray, name: str) -> None:
    assert name in _names(normalizer, values)
    with pytest.raises(UsageError, match="fitted on"):
        normalizer.transform(values)


def test_other_names_are_told(normalizer: Normalizer) -> None:
    (problem,) = normalizer.check(_rows(1), names=("a", "b", "c", "z"))
    assert problem.name == "names"
    assert "'z' instead of 'd'" in problem.text


def test_what_was_constant_and_varies_is_a_remark_and_no_refusal() -> None:
    rows = np.column_stack([np.full(500, 2.0), np.random.default_rng(0).normal(size=500)])
    normalizer = Normalizer.fit(rows)
    now = rows.copy()
    now[:, 0] = np.arange(500)
    (problem,) = normalizer.check(now)
    assert (problem.name, problem.refuses) == ("constant-varies", False)
    normalizer.transform(now)


def test_entries_that_were_never_active_are_refused() -> None:
    rng = np.random.default_rng(0)
    rows, mask = rng.normal(size=(500, 2)), np.tile([True, False], (500, 1))
    normalizer = Normalizer.fit(rows, mask=mask)
    assert _names(normalizer, rows, mask="all") == ["inactive"]
    assert _names(normalizer, rows, mask=mask) == []


def test_a_mask_or_a_group_that_was_fitted_with_must_be_given() -> None:
    rows = np.random.default_rng(0).normal(size=(500, 2))
    with pytest.raises(UsageError, match="fitted under a mask, and no mask given"):
        Normalizer.fit(rows, mask=np.ones(500)).transform(rows)
    with pytest.raises(UsageError, match="fitted per group, and no group given"):
        Normalizer.fit(rows, group=np.arange(500) % 2).transform(rows)
    with pytest.raises(UsageError, match="fitted without groups"):
        Normalizer.fit(rows).transform(rows, group=np.zeros(500, dtype=int))


def test_frames_are_sent_back_for_their_values(normalizer: Normalizer) -> None:
    frame = type("DataFrame", (), {"__module__": "pandas.core.frame"})()
    with pytest.raises(UsageError, match="to_numpy"):
        normalizer.transform(frame)


@pytest.mark.parametrize("method", ["robust", "asinh"])
def test_one_far_value_is_no_other_unit_where_the_scale_is_made_of_quartiles(
    method: Literal["robust", "asinh"],
) -> None:
    rng = np.random.default_rng(0)
    normalizer = Normalizer.fit(rng.standard_cauchy((1000, 3)), method=method)
    batch = rng.standard_cauchy((256, 3))
    batch[7, 1] = 1e6
    assert normalizer.check(batch) == []
    assert [problem.name for problem in normalizer.check(batch * 1000)] == ["other-units"]
