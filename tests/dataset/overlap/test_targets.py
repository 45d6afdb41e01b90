"""Features that tell the label are found, against scikit-learn, and honest ones are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from traindx.arrays import MemorySource
from traindx.dataset.overlap.targets import mid_ranks, target_leaks


def _label(values: np.ndarray) -> MemorySource:
    return MemorySource(values, name="label")


def test_the_area_under_the_curve_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 3000)
    features = np.stack([label + rng.normal(0, s, 3000) for s in (0.1, 0.25, 0.5, 1.0, 100.0)], axis=1).round(1)
    found = {leak.feature: leak for leak in target_leaks([MemorySource(features, name="x")], _label(label), least=0.0)}
    for at in range(5):
        area = roc_auc_score(label, features[:, at])
        leak = found[f"x[{at}]"]
        if leak.measure == "auc":
            assert leak.strength == pytest.approx(max(area, 1 - area), abs=1e-12)
            assert leak.low < leak.strength
    assert {leak.feature for leak in target_leaks([MemorySource(features, name="x")], _label(label))} == {
        "x[0]",
        "x[1]",
    }


def test_equal_values_share_their_mean_rank() -> None:
    values = np.random.default_rng(1).integers(0, 9, 200).astype(float)
    assert mid_ranks(values).tolist() == stats.rankdata(values).tolist()


def test_one_class_of_several_may_be_given_away() -> None:
    rng = np.random.default_rng(2)
    label = rng.integers(0, 4, 4000)
    feature = np.where(label == 2, 5.0, 0.0) + 0.1 * rng.normal(size=4000)
    (leak,) = target_leaks([MemorySource(feature, name="f")], _label(label))
    assert (leak.feature, leak.measure, leak.label_value) == ("f", "auc", "2")


def test_a_numeric_target_is_correlated() -> None:
    rng = np.random.default_rng(3)
    target = rng.normal(size=2000)
    columns = [
        MemorySource(-3 * target + 0.01 * rng.normal(size=2000), name="copy"),
        MemorySource(rng.normal(size=2000), name="x"),
    ]
    (leak,) = target_leaks(columns, _label(target))
    assert (leak.feature, leak.measure) == ("copy", "correlation")
    assert leak.strength == pytest.approx(abs(np.corrcoef(columns[0].array, target)[0, 1]), abs=1e-9)


def test_a_text_that_stands_for_its_label_is_found() -> None:
    rng = np.random.default_rng(4)
    label = rng.integers(0, 3, 3000)
    words = np.array(["red", "green", "blue"], dtype=object)[label]
    (leak,) = target_leaks([MemorySource(words, name="word", kind="text")], _label(label))
    assert leak.strength > 0.99
    assert leak.expected < 0.5


@pytest.mark.parametrize("rows", [10, 40, 200, 5000])
def test_no_leak_is_claimed_on_features_of_noise(rows: int) -> None:
    rng = np.random.default_rng(rows)
    for _ in range(20):
        found = target_leaks([MemorySource(rng.normal(size=(rows, 50)))], _label(rng.integers(0, 2, rows)))
        assert not [leak for leak in found if leak.low > 0.95]


@pytest.mark.parametrize(
    "label", [np.zeros(100, int), np.arange(100) == 0, np.full(100, np.nan), np.empty(0), np.ones((100, 3))]
)
def test_labels_that_cannot_be_told_give_no_leak(label: np.ndarray) -> None:
    features = [
        MemorySource(np.random.default_rng(0).normal(size=(len(label), 2)), name="x"),
        MemorySource(np.ones(len(label)), name="one"),
    ]
    assert not [leak for leak in target_leaks(features, _label(label)) if leak.low > 0.95]


def test_a_label_that_is_nearly_always_the_same_is_not_given_away_by_anything() -> None:
    label = (np.arange(10_000) % 500 == 0).astype(int)
    coarse = np.random.default_rng(5).integers(0, 5, 10_000)
    assert target_leaks([MemorySource(coarse, name="c")], _label(label)) == ()
