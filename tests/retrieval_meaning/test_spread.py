"""Intervals cover the truth as often as they say, on skewed values and on queries that share an item."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from traindx.retrieval.spread import mean_error, mean_spread, median_spread, share_spread
from traindx.signals import bootstrap_difference, wilson

DRAWS = 600


def coverage(draw: Callable[[np.random.Generator], tuple[float, float]], truth: float) -> float:
    rng = np.random.default_rng(0)
    return float(np.mean([low <= truth <= high for low, high in (draw(rng) for _ in range(DRAWS))]))


@pytest.mark.parametrize("gallery", [50, 446, 3000])
def test_the_mean_reciprocal_rank_at_chance_is_covered(gallery: int) -> None:
    def draw(rng: np.random.Generator) -> tuple[float, float]:
        found = mean_spread(1 / rng.integers(1, gallery + 1, gallery))
        return found.low, found.high

    truth = float(np.mean(1 / np.arange(1, gallery + 1)))
    assert 0.90 <= coverage(draw, truth) <= 0.98  # a normal interval reaches 0.88 here


@pytest.mark.parametrize("share", [0.0022, 0.05, 0.5, 0.97])
def test_shares_are_covered(share: float) -> None:
    def draw(rng: np.random.Generator) -> tuple[float, float]:
        found = share_spread((rng.random(446) < share).astype(np.float64))
        return found.low, found.high

    assert 0.92 <= coverage(draw, share) <= 0.995


def test_the_share_of_independent_queries_has_wilsons_interval() -> None:
    hits = np.repeat([1.0, 0.0], [7, 439])
    ours, theirs = share_spread(hits), wilson(7, 446)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize("kind", ["share", "mean", "median"])
def test_queries_that_share_an_item_are_covered_where_plain_intervals_fail(kind: str) -> None:
    labels = np.repeat(np.arange(120), 5)

    def ranks(rng: np.random.Generator) -> np.ndarray:
        common = rng.normal(size=120)[labels]
        return np.exp(1.0 + 1.2 * (0.9 * common + np.sqrt(1 - 0.81) * rng.normal(size=600)))

    def value(drawn: np.ndarray) -> np.ndarray:
        return (drawn < 3).astype(np.float64) if kind == "share" else drawn if kind == "median" else 1 / (1 + drawn)

    spread = {"share": share_spread, "mean": mean_spread, "median": median_spread}[kind]
    many = value(np.concatenate([ranks(np.random.default_rng(seed)) for seed in range(900, 1300)]))
    truth = float(np.median(many) if kind == "median" else many.mean())

    def with_clusters(rng: np.random.Generator) -> tuple[float, float]:
        found = spread(value(ranks(rng)), labels)
        return found.low, found.high

    def without(rng: np.random.Generator) -> tuple[float, float]:
        found = spread(value(ranks(rng)))
        return found.low, found.high

    assert coverage(with_clusters, truth) >= 0.91
    assert coverage(without, truth) <= 0.80


def test_the_interval_of_a_mean_agrees_with_drawing_queries_again() -> None:
    rng = np.random.default_rng(3)
    values = 1 / np.ceil(2000 ** rng.random(800))
    ours, theirs = mean_spread(values), bootstrap_difference(np.zeros(800), values)
    width = theirs.high - theirs.low
    assert abs(ours.low - theirs.low) < 0.08 * width
    assert abs(ours.high - theirs.high) < 0.08 * width


def test_a_perfect_score_is_not_certain() -> None:
    found = mean_spread(np.ones(100))
    assert found.high == 1.0
    assert 0.95 < found.low < 0.97  # Wilson: 100 of 100
    assert share_spread(np.zeros(100)).low == 0.0
    assert share_spread(np.zeros(100)).high == pytest.approx(0.037, abs=0.001)


def test_one_cluster_tells_nothing() -> None:
    assert np.isnan(mean_error(np.arange(5.0), np.zeros(5, np.int64)).error)
    found = mean_spread(np.linspace(0, 1, 5), np.zeros(5, np.int64))
    assert found.low < 0.2
    assert found.high > 0.8
