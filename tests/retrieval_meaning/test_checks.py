"""The checks of embeddings: quiet on healthy ones, and each speaks of its own fault with the right number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.retrieval_meaning.drawn import pairs
from traindx.diagnosis import Finding, Severity
from traindx.retrieval import EMBEDDING_CHECKS, RetrievalReport, evaluate, from_groups, from_lists

HEADINGS = ["## What it looks at", "## Why it matters", "## What to try", "## When it is wrong"]


def only(report: RetrievalReport, code: str) -> Finding:
    found = [finding for finding in report.findings if finding.code == code]
    assert found, [f"{f.code} {f.headline}" for f in report.findings]
    return found[0]


@pytest.mark.parametrize("kind", EMBEDDING_CHECKS, ids=lambda kind: kind.meta.code)
def test_every_check_has_a_page_in_the_house_form(kind: type) -> None:
    page = kind.__doc__ or ""
    assert [line.strip() for line in page.splitlines() if line.strip().startswith("## ")] == HEADINGS
    assert len(kind.meta.summary) <= 80
    assert kind.meta.name == kind.meta.name.lower().replace(" ", "-").replace("_", "-")


def test_codes_and_names_are_given_once() -> None:
    codes = [kind.meta.code for kind in EMBEDDING_CHECKS]
    assert codes == [f"EMB{n:03}" for n in range(1, len(codes) + 1)]
    assert len({kind.meta.name for kind in EMBEDDING_CHECKS}) == len(codes)


@settings(max_examples=15, deadline=None)
@given(
    rows=st.integers(120, 500),
    dimension=st.sampled_from([16, 48, 128]),
    noise=st.floats(0.05, 1.5),
    cone=st.floats(0.0, 1.0),
    tilt=st.floats(0.0, 1.0),
    seed=st.integers(0, 10_000),
)
def test_healthy_embeddings_raise_no_alarm(
    rows: int, dimension: int, noise: float, cone: float, tilt: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    weights = np.exp(-tilt * np.arange(dimension) / dimension * 2)  # real spectra fall
    truth = rng.normal(size=(rows, dimension)) * weights + cone * rng.normal(size=dimension)
    noise *= min(1.0, dimension / 48)  # so that ranks stay above chance
    queries, items = (truth + noise * weights * rng.normal(size=truth.shape) for _ in range(2))
    report = evaluate(queries, items)
    assert [f"{f.code} {f.headline}" for f in report.findings] == []
    assert len(report.passed) == len(EMBEDDING_CHECKS)


@pytest.mark.parametrize("seed", range(4))
def test_captions_of_images_raise_no_alarm(seed: int) -> None:
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(150, 32))
    captions = np.repeat(images, 5, axis=0) + rng.normal(size=(750, 32))
    report = evaluate(captions, images, from_groups(np.arange(750) // 5, np.arange(150)))
    assert report.findings == ()


def test_a_gallery_that_is_much_larger_than_the_queries_is_no_difference_of_directions() -> None:
    rng = np.random.default_rng(0)
    items = rng.normal(size=(4000, 32))
    for noise in (0.2, 1.0):
        queries = items[:100] + noise * rng.normal(size=(100, 32))
        report = evaluate(queries, items, np.stack([np.arange(100)] * 2, axis=1))
        assert "EMB007" in report.passed, report.findings


def test_shuffled_rows_are_at_chance() -> None:
    queries, items = pairs()
    finding = only(evaluate(queries, np.random.default_rng(0).permutation(items)), "EMB001")
    assert (finding.severity, finding.condition) == (Severity.ERROR, "at_chance")
    assert finding.evidence[0].expected == pytest.approx(1 / 600)


def test_a_collapsed_side_is_named_with_its_cosine() -> None:
    queries, items = pairs()
    finding = only(evaluate(queries + 60, items), "EMB002")
    assert "queries" in finding.headline
    units = (queries + 60) / np.linalg.norm(queries + 60, axis=1, keepdims=True)
    cosines = (units @ units.T)[~np.eye(600, dtype=bool)]
    assert finding.evidence[0].measured == pytest.approx(cosines.mean(), abs=1e-6)


def test_few_directions_are_counted() -> None:
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(64, 64)))[0][:2]
    truth = rng.normal(size=(500, 2)) @ basis
    finding = only(evaluate(truth + 0.003 * rng.normal(size=(500, 64)), truth), "EMB003")
    assert finding.evidence[0].measured == pytest.approx(2.0, abs=0.2)


def test_a_hub_is_told_with_the_places_it_holds() -> None:
    rng = np.random.default_rng(0)
    queries, items = pairs(rows=800, noise=0.8)
    common = rng.normal(size=32)
    queries, items = queries + 0.8 * common, items.copy()
    items[:8] = 4 * common + 0.1 * rng.normal(size=(8, 32))
    report = evaluate(queries, items)
    finding = only(report, "EMB004")
    share = finding.evidence[1].measured
    assert share is not None
    units = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in (queries, items)]
    first = np.argsort(-units[0] @ units[1].T, axis=1)[:, :10]
    counts = np.sort(np.bincount(first.reshape(-1), minlength=800))
    assert share == pytest.approx(100 * counts[-8:].sum() / counts.sum(), abs=0.5)


def test_a_gap_between_the_sides_is_a_remark() -> None:
    queries, items = pairs(noise=0.5)
    away = np.zeros(32)
    away[0] = 8.0
    finding = only(evaluate(queries + away, items - away), "EMB005")
    assert finding.severity is Severity.INFO
    assert finding.evidence[1].measured == pytest.approx(100, abs=0.5)


def test_items_twice_in_the_gallery_cap_recall_at_one_half() -> None:
    queries, items = pairs(noise=0.3)
    report = evaluate(
        queries, np.concatenate([items[:300], items[:300]]), from_lists([[n % 300] for n in range(600)], 600, 600)
    )
    finding = only(report, "EMB006")
    assert finding.evidence[0].measured == pytest.approx(50.0)
    assert report.forward["R@1"].ceiling == pytest.approx(0.5)
    assert report.forward["R@1"].value <= 0.5 + 1e-12
    told = evaluate(
        queries,
        np.concatenate([items[:300], items[:300]]),
        from_lists([[n % 300] for n in range(600)], 600, 600),
        duplicates=True,
    )
    assert "EMB006" in told.passed


def test_an_item_before_all_others_makes_one_direction_far_worse() -> None:
    queries, items = pairs(rows=800, noise=0.9)
    common = np.random.default_rng(1).normal(size=32)
    items[0] = common
    report = evaluate(queries + 1.5 * common, items)
    finding = only(report, "EMB007")
    values = sorted(way["R@1"].value for way in report.directions)
    assert [e.measured for e in finding.evidence] == pytest.approx([100 * v for v in values])


def test_lengths_that_decide_are_found_under_the_dot_product() -> None:
    queries, items = pairs(noise=0.6)
    lengths = np.exp(1.5 * np.random.default_rng(0).normal(size=(600, 1)))
    report = evaluate(queries, items * lengths, similarity="dot")
    finding = only(report, "EMB008")
    assert finding.evidence[0].measured == pytest.approx(100 * evaluate(queries, items).forward["R@1"].value, abs=0.5)
    assert finding.evidence[1].measured == pytest.approx(100 * report.forward["R@1"].value, abs=0.5)
    assert "EMB008" in evaluate(queries, items * lengths).passed


@pytest.mark.parametrize("share", [0.08, 0.3])
def test_mismatched_pairs_are_counted(share: float) -> None:
    queries, items = pairs(rows=1500, noise=0.5)
    rng = np.random.default_rng(0)
    wrong = rng.choice(1500, int(1500 * share), replace=False)
    items[wrong] = items[np.roll(wrong, 7)]
    finding = only(evaluate(queries, items), "EMB009")
    assert finding.evidence[0].measured == pytest.approx(100 * share, abs=2.5)


def test_a_row_dropped_in_the_middle_is_a_shift() -> None:
    queries, items = pairs(rows=900, noise=0.4)
    finding = only(evaluate(queries[:-1], np.delete(items, 300, axis=0)), "EMB010")
    assert "1 row before" in finding.headline
    assert finding.evidence[0].measured == pytest.approx(100 * 600 / 899, abs=6)


def test_frames_of_a_film_that_resemble_their_neighbours_are_no_shift() -> None:
    rng = np.random.default_rng(0)
    steps = np.cumsum(rng.normal(size=(900, 32)) * 0.35, axis=0)
    steps -= steps.mean(axis=0)
    report = evaluate(steps + 0.8 * rng.normal(size=steps.shape), steps + 0.8 * rng.normal(size=steps.shape))
    assert "EMB010" in report.passed


def test_queries_without_an_item_are_counted_and_left_out() -> None:
    queries, items = pairs(rows=200, noise=0.3)
    report = evaluate(queries, items[:150], from_lists([[n] if n < 150 else [] for n in range(200)], 200, 150))
    finding = only(report, "EMB011")
    assert finding.evidence[0].measured == 50
    assert (report.forward.queries, report.forward.without) == (150, 50)


@pytest.mark.parametrize("rows", [110, 150, 250])
def test_a_hub_of_a_small_gallery_is_seen_though_it_can_hold_one_place_in_ten_only(rows: int) -> None:
    queries, items = pairs(rows=rows, noise=0.8)
    items[:2] = 4.0
    finding = only(evaluate(queries + 0.8, items), "EMB004")
    top = max(rows // 100, 1)
    assert finding.headline.startswith(f"{top} of {rows} items hold")


def test_a_tenth_of_wrong_pairs_is_seen_among_150() -> None:
    queries, items = pairs(rows=150, noise=0.5)
    wrong = np.random.default_rng(3).choice(150, 18, replace=False)
    items[wrong] = items[np.roll(wrong, 1)]
    assert "rank as if paired at random" in only(evaluate(queries, items), "EMB009").headline
