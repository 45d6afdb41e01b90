"""Absurd magnitudes: the constants that explain them, the simplest first."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.baselines import factorise


def test_boxes_left_in_pixels_explain_ten_thousand() -> None:
    first = factorise(10_500, 13.0, {"loss_weight": 5, "image_size": 1008})[0]
    assert first.formula == "5·4·1008/2"
    assert first.value == 10_080
    assert first.constants == ("image_size", "loss_weight")
    assert abs(first.error) < 0.1


@pytest.mark.parametrize(
    ("value", "expected", "facts", "formula"),
    [
        (1419.6, 5.545, {"batch_size": 256}, "5.545·256"),
        (69_300, 10_500, {"num_boxes": 6.3}, "10500·6.3"),
        (15_781, 1.0, {"target_std": 67.8, "active_fraction": 0.291}, "67.8²/0.291"),
        (4_600, 1.0, {"target_std": 67.8}, "67.8²"),
        (704_000, 0.69, {"image_size": 1008}, "1008²·ln 2"),
        (8.0, 5.545, {}, "5.545·1.4427"),
        (85.0, 0.85, {}, "0.85·100"),
        (2.14, 8.56, {"world_size": 4}, "8.56/4"),
        (181_000.0, 2.77, {}, "2.77·65536"),
        (44.4, 5.55, {"grad_accum": 8}, "5.55·8"),
    ],
)
def test_usual_slips_are_named_first(value: float, expected: float, facts: dict[str, float], formula: str) -> None:
    assert factorise(value, expected, facts)[0].formula == formula


def test_a_value_near_the_expected_one_needs_no_explanation() -> None:
    assert factorise(5.6, 5.545, {"batch_size": 256}) == ()


def test_at_most_two_constants_within_a_tenth() -> None:
    for factor in factorise(1e5, 2.0, {"batch_size": 32, "world_size": 8, "image_size": 224, "num_classes": 80}):
        assert len(factor.constants) <= 2
        assert abs(factor.error) <= 0.1


def test_random_magnitudes_are_rarely_explained() -> None:
    rng = np.random.default_rng(0)
    facts = {"batch_size": 32.0, "num_classes": 80.0}
    values = np.exp(rng.uniform(0, math.log(1e6), 400))
    strong = [v for v in values if any(f.odds < 0.05 for f in factorise(float(v), 1.0, facts))]
    assert len(strong) / values.size < 0.12


@given(
    st.floats(),
    st.floats(),
    st.dictionaries(
        st.sampled_from(["image_size", "loss_weight", "target_std", "active_fraction", "batch_size"]), st.floats()
    ),
)
def test_no_numbers_make_it_fail(value: float, expected: float, facts: dict[str, float]) -> None:
    assert all(0 <= f.odds <= 1 for f in factorise(value, expected, facts))
