"""R@1 at another gallery size: smaller ones exactly, larger ones within the interval of the model."""

from __future__ import annotations

import math

import numpy as np
import pytest

from traindx.baselines import margin_recall
from traindx.errors import UsageError
from traindx.retrieval import hits_at_size, recall_at_size
from traindx.retrieval.other_sizes import model_recall, reciprocal_at_size


def test_smaller_galleries_are_the_mean_over_random_ones() -> None:
    rng = np.random.default_rng(0)
    above = np.array([0, 1, 3, 10, 49])
    drawn = np.array([[rng.choice(49, 19, replace=False) < a for a in above] for _ in range(6000)]).sum(axis=2)
    for k in (1, 3):
        assert hits_at_size(above, 50, 20, k) == pytest.approx((drawn < k).mean(axis=0), abs=0.02)
    assert reciprocal_at_size(above, 50, 20) == pytest.approx((1 / (1 + drawn)).mean(axis=0), abs=0.02)


def test_the_same_size_gives_the_ranks_back_and_one_item_is_always_found() -> None:
    above = np.array([0, 4, 5])
    assert hits_at_size(above, 10, 10, 5).tolist() == [1, 1, 0]
    assert hits_at_size(above, 10, 1).tolist() == [1, 1, 1]
    assert reciprocal_at_size(above, 10, 10) == pytest.approx([1, 1 / 5, 1 / 6])


def test_a_sub_gallery_larger_than_the_gallery_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be drawn"):
        hits_at_size(np.array([0]), 10, 11)


def test_the_model_is_the_one_of_the_baselines() -> None:
    for margin, size in ((0.0, 100), (2.5, 446), (4.0, 10_000)):
        assert model_recall(margin, 1.0, size) == pytest.approx(margin_recall(margin, size), abs=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("margin", "width"), [(2.5, 1.0), (2.5, 1.6), (3.0, 0.7), (1.0, 1.0)])
def test_larger_galleries_are_foretold(margin: float, width: float) -> None:
    rng = np.random.default_rng(0)
    truth = model_recall(margin, width, 8000)
    inside = 0
    for _ in range(20):
        beats = [0.5 * math.erfc(score / math.sqrt(2)) for score in rng.normal(margin, width, 1000)]
        found = recall_at_size(rng.binomial(999, beats), 1000, 8000)
        inside += found.low <= truth <= found.high
        assert not found.exact
    assert inside >= 17


@pytest.mark.slow
def test_real_rows_in_a_larger_gallery_keep_to_the_interval() -> None:
    rng = np.random.default_rng(5)
    truth = rng.normal(size=(4000, 24)) * np.linspace(1.5, 0.5, 24)  # directions of different weight: no normal scores
    sides = [truth + 0.9 * rng.normal(size=truth.shape) for _ in range(2)]
    units = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in sides]
    scores = units[0] @ units[1].T
    own = scores.diagonal()
    whole = float(np.mean((scores > own[:, None]).sum(axis=1) == 0))
    part = scores[:1000, :1000]
    found = recall_at_size((part > part.diagonal()[:, None]).sum(axis=1), 1000, 4000)
    assert found.low - 0.02 <= whole <= found.high + 0.02
