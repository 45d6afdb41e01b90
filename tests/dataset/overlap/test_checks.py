"""Each check speaks of what is wrong, stays quiet on what is near it, and asks nothing of what was not measured."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from traindx.dataset.drift import Drift, FeatureDrift, category_drift
from traindx.dataset.overlap import (
    OVERLAP_CHECKS,
    Equality,
    Nearness,
    Overlap,
    SharedGroups,
    TargetLeak,
    overlap_findings,
)
from traindx.diagnosis import Severity

ROWS = Equality(what="rows", train_rows=10_000, other_rows=1000)
ITEM = dataclasses.replace(ROWS, what="caption", train_twins=10_000, train_sizes=((50, 200),))
NEAR = Nearness(
    kind="text",
    what="text",
    measure="Jaccard similarity",
    threshold=0.8,
    train_rows=10_000,
    other_rows=1000,
    close=0,
    train_compared=10_000,
    background=0.0,
)
GROUPS = SharedGroups(
    what="game",
    shared=0,
    other_groups=100,
    train_groups=900,
    other_rows_affected=0,
    other_rows=1000,
    train_rows_affected=0,
    train_rows=9000,
)
LEAK = TargetLeak(feature="paid_on", label="paid", measure="auc", strength=0.999, low=0.99, expected=0.5, rows=5000)
FEATURE = FeatureDrift(
    feature="x",
    kind="number",
    train_rows=9000,
    other_rows=900,
    train_effective=9000,
    other_effective=900,
    effect=0.01,
    p=0.6,
    mean_shift=0.01,
    deviation_ratio=1.0,
)


def said(**measured: Any) -> dict[str, Severity]:
    return {f.code: f.severity for f in overlap_findings(Overlap(train="train", other="test", **measured))}


def test_what_was_not_measured_raises_nothing() -> None:
    assert said() == {}
    assert (
        said(rows=ROWS, near=(NEAR,), groups=GROUPS, drift=Drift(features=(FEATURE,), label=FEATURE), items=(ROWS,))
        == {}
    )


@pytest.mark.parametrize(
    ("measured", "severity"),
    [
        ({"leaked": 50, "examples": ((3, 4),)}, Severity.ERROR),
        ({"leaked": 5}, Severity.WARNING),
        ({"leaked": 50, "train_twins": 600}, Severity.WARNING),  # the training split repeats itself as much
        ({"leaked": 900, "train_twins": 9000}, Severity.INFO),  # rows too coarse to tell apart
    ],
)
def test_a_leak_weighs_what_it_exceeds_coincidence_by(measured: dict[str, Any], severity: Severity) -> None:
    assert said(rows=dataclasses.replace(ROWS, **measured))["LEK001"] == severity


def test_shared_items_are_told_where_rows_are_not_shared() -> None:
    shared = dataclasses.replace(ROWS, what="image", leaked=40)
    assert "LEK001" in said(rows=ROWS, items=(shared,))
    assert "LEK001" not in said(rows=ROWS, items=(dataclasses.replace(shared, train_twins=9000),))


@pytest.mark.parametrize(
    ("measured", "severity"),
    [
        ({"close": 30}, Severity.ERROR),
        ({"close": 3}, Severity.WARNING),
        ({"close": 30, "kind": "embedding"}, Severity.WARNING),
        ({"close": 30, "train_close": 400}, Severity.WARNING),
        ({"close": 30, "background": 0.01}, None),
        ({"close": 30, "background": float("nan")}, Severity.ERROR),
    ],
)
def test_nearness_weighs_what_random_pairs_do_not_show(measured: dict[str, Any], severity: Severity | None) -> None:
    assert said(near=(dataclasses.replace(NEAR, **measured),)).get("LEK002") == severity


def test_groups_in_both_splits_are_told_with_their_rows() -> None:
    few = dataclasses.replace(GROUPS, shared=1, other_rows_affected=3)
    many = dataclasses.replace(GROUPS, shared=30, other_rows_affected=300, examples=("'a'", "'b'"))
    assert said(groups=few) == {"LEK003": Severity.WARNING}
    assert said(groups=many) == {"LEK003": Severity.ERROR}


def test_a_feature_must_tell_the_label_beyond_luck() -> None:
    assert said(targets=(LEAK,)) == {"LEK004": Severity.WARNING}
    assert said(targets=(dataclasses.replace(LEAK, low=0.9),)) == {}
    assert said(targets=(dataclasses.replace(LEAK, strength=float("nan"), low=float("nan")),)) == {}


def test_copies_are_told_from_a_hundredth_on() -> None:
    assert said(rows=dataclasses.replace(ROWS, train_copies=90)) == {}
    assert said(rows=dataclasses.replace(ROWS, train_copies=200)) == {"LEK005": Severity.WARNING}
    assert said(rows=dataclasses.replace(ROWS, other_copies=200)) == {"LEK005": Severity.WARNING}
    assert said(rows=dataclasses.replace(ROWS, train_copies=8000)) == {"LEK005": Severity.INFO}


def test_the_floor_weighs_where_the_batch_is_known() -> None:
    assert said(items=(ITEM,)) == {"LEK006": Severity.INFO}
    assert said(items=(ITEM,), batch_size=1024) == {"LEK006": Severity.WARNING}
    assert said(items=(dataclasses.replace(ITEM, train_sizes=((2, 20),)),), batch_size=256) == {}


def test_the_floor_is_that_of_the_groups() -> None:
    (found,) = overlap_findings(Overlap(train="a", other="b", items=(ITEM,), batch_size=10_000))
    assert found.evidence[0].measured == pytest.approx(3.912, abs=1e-3)  # everything in one batch: ln 50
    assert found.evidence[2].measured == pytest.approx(1 / 50)


@pytest.mark.parametrize(
    ("effect", "p", "severity"),
    [(0.3, 1e-9, Severity.WARNING), (0.01, 1e-9, Severity.INFO), (0.3, 0.2, None), (0.3, float("nan"), None)],
)
def test_drift_is_small_where_its_effect_is(effect: float, p: float, severity: Severity | None) -> None:
    features = (dataclasses.replace(FEATURE, effect=effect, p=p), FEATURE)
    assert said(drift=Drift(features=features)).get("LEK007") == severity


def test_one_odd_feature_of_many_is_luck() -> None:
    features = (dataclasses.replace(FEATURE, effect=0.3, p=0.002), *[FEATURE] * 99)
    assert said(drift=Drift(features=features)) == {}


def test_class_priors_are_compared() -> None:
    moved = category_drift("label", {"cat": 600, "dog": 400}, {"cat": 300, "dog": 700})
    unseen = category_drift("label", {"cat": 9000}, {"cat": 890, "dog": 10})
    alike = category_drift("label", {"cat": 600, "dog": 400}, {"cat": 590, "dog": 410})
    assert said(drift=Drift(label=moved)) == {"LEK008": Severity.WARNING}
    assert said(drift=Drift(label=unseen)) == {"LEK008": Severity.WARNING}
    assert said(drift=Drift(label=alike)) == {}


def test_codes_are_in_order_and_pages_have_their_headings() -> None:
    assert [check.meta.code for check in OVERLAP_CHECKS] == [f"LEK{at:03}" for at in range(1, 10)]
    for check in OVERLAP_CHECKS:
        page = check.__doc__ or ""
        positions = [
            page.find(f"## {title}")
            for title in ("What it looks at", "Why it matters", "What to try", "When it is wrong")
        ]
        assert positions == sorted(positions)
        assert positions[0] > 0
        assert len(check.meta.summary) <= 80


def test_headlines_are_one_sentence_with_a_number() -> None:
    measured = Overlap(
        train="train", other="test", rows=dataclasses.replace(ROWS, leaked=50, train_copies=200, conflicts=20), items=(ITEM,),
        near=(dataclasses.replace(NEAR, close=30),), groups=dataclasses.replace(GROUPS, shared=30, other_rows_affected=300),
        targets=(LEAK,), drift=Drift(features=(dataclasses.replace(FEATURE, effect=0.3, p=1e-9, mean_shift=0.7),),
        label=category_drift("label", {"cat": 600, "dog": 400}, {"cat": 300, "dog": 700})),
    )  # fmt: skip
    found = overlap_findings(measured)
    assert [f.code for f in found] == [f"LEK{at:03}" for at in range(1, 10)]
    for finding in found:
        assert any(c.isdigit() for c in finding.headline)
        assert not finding.headline.endswith(".")
        assert finding.decided_by == "data"
        assert finding.evidence


@pytest.mark.parametrize(
    ("measured", "severity"),
    [
        ({"conflicts": 5, "train_copies": 50}, None),
        ({"conflicts": 20, "train_copies": 50}, Severity.INFO),
        ({"conflicts": 200, "train_copies": 300}, Severity.WARNING),
        (
            {"conflicts": 200, "train_copies": 300, "coincidences": 1000.0},
            None,
        ),  # rows so coarse that they meet by chance
    ],
)
def test_labels_of_equal_rows_weigh_the_accuracy_they_cost(measured: dict[str, Any], severity: Severity | None) -> None:
    assert said(rows=dataclasses.replace(ROWS, **measured)).get("LEK009") == severity


def test_a_few_alike_rows_of_a_small_split_are_no_crowd() -> None:
    small = dataclasses.replace(NEAR, train_rows=100, close=10, background=0.05)
    assert "LEK002" in said(near=(small,))
    assert "LEK002" not in said(near=(dataclasses.replace(small, background=0.3),))
