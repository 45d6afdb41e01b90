"""The whole report: numbers, clusters, ties, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from tests.retrieval_meaning.drawn import pairs
from traindx.baselines import mrr_chance
from traindx.errors import UsageError
from traindx.retrieval import evaluate, from_groups, scalars


def test_both_directions_agree_with_a_full_sort() -> None:
    queries, items = pairs(rows=200)
    report = evaluate(queries, items)
    units = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in (queries, items)]
    scores = units[0] @ units[1].T
    for way, table in zip(report.directions, (scores, scores.T), strict=True):
        ranks = 1 + (table > table.diagonal()[:, None]).sum(axis=1)
        assert way["R@5"].value == pytest.approx((ranks <= 5).mean())
        assert way["MRR"].value == pytest.approx((1 / ranks).mean())
        assert way["mean rank"].value == pytest.approx(ranks.mean())
        assert way["median rank"].value == pytest.approx(np.median(ranks))
        assert [b.count for b in way.histogram] == np.histogram(ranks, [1, 2, 3, 6, 11, 21, 51, 101, 201])[0].tolist()


def test_each_number_lies_in_its_interval_and_beside_its_chance() -> None:
    report = evaluate(*pairs(rows=300))
    assert report.forward["MRR"].chance == pytest.approx(mrr_chance(300).value)
    for way in report.directions:
        for measure in way.measures:
            assert measure.low <= measure.value <= measure.high
            assert measure.meaning
        assert sum(b.count for b in way.histogram) == pytest.approx(300)
        assert sum(b.expected for b in way.histogram) == pytest.approx(300)


def test_a_collapsed_model_scores_exactly_chance_and_is_told_so() -> None:
    rows = np.ones((60, 8))
    report = evaluate(rows, rows)
    for k in (1, 5, 10):
        assert report.forward[f"R@{k}"].value == pytest.approx(k / 60, abs=1e-12)
        assert report.forward[f"R@{k}"].at_chance
    assert {"EMB001", "EMB002"} <= {finding.code for finding in report.findings}
    assert report.state == "failing"
    assert (
        report.forward["R@1"].ceiling == 1.0
    )  # rows that are all the same are a fault of the encoder, no limit of the data


def test_the_sentence_says_where_half_of_the_queries_find_their_item() -> None:
    report = evaluate(*pairs(rows=400, noise=1.2))
    median = report.forward["median rank"].value
    place = "first" if median == 1 else f"among the first {median:g}"
    assert report.verdict.startswith(f"half of the queries find their item {place} of 400 (guessing: 200.5)")


def test_captions_of_one_image_widen_the_intervals() -> None:
    rng = np.random.default_rng(0)
    images = rng.normal(size=(200, 16))
    hard = np.repeat(rng.normal(size=(200, 16)) * 2.0, 5, axis=0)  # what makes an image hard, all its captions share
    captions = np.repeat(images, 5, axis=0) + hard + 0.2 * rng.normal(size=(1000, 16))
    relevant = from_groups(np.arange(1000) // 5, np.arange(200))
    shared = evaluate(captions, images, relevant, examine=False).forward["R@1"]
    alone = evaluate(captions, images, relevant, clusters=np.arange(1000), examine=False).forward["R@1"]
    assert shared.value == alone.value
    assert shared.interval == "Wilson, clustered"
    assert 1.8 < (shared.high - shared.low) / (alone.high - alone.low) < 2.4  # five captions as one: the root of 5


def test_the_item_side_has_several_right_queries_and_recall_fractions() -> None:
    rng = np.random.default_rng(0)
    images = rng.normal(size=(80, 16))
    captions = np.repeat(images, 5, axis=0) + 0.5 * rng.normal(size=(400, 16))
    report = evaluate(captions, images, from_groups(np.arange(400) // 5, np.arange(80)))
    assert report.backward is not None
    assert report.backward.positives == 5
    assert report.backward["recall fraction@5"].value < report.backward["R@5"].value
    assert report.forward.get("recall fraction@5") is None


def test_scalars_have_names_that_every_logger_takes() -> None:
    found = scalars(evaluate(*pairs(rows=50), names=("text", "audio clip"), examine=False), "val/")
    assert found["val/text_to_audio_clip/gallery_size"] == 50
    assert found["val/text_to_audio_clip/recall_at_1_chance"] == pytest.approx(0.02)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_/") for name in found)


def test_queries_that_are_the_gallery_do_not_find_themselves() -> None:
    rows = np.repeat(np.random.default_rng(0).normal(size=(30, 8)), 2, axis=0) + 0.01 * np.arange(60)[:, None]
    report = evaluate(rows, rows, [[n ^ 1] for n in range(60)], exclude="self")
    assert report.forward.gallery_size == 59


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"confidence": 1.5}, "no share"),
        ({"ks": (0,)}, "k must be 1"),
        ({"clusters": [1, 2]}, "2 cluster ids for 50 queries"),
        ({"gallery_size": 0}, "a gallery of 0 items"),
    ],
)
def test_odd_wishes_are_refused_in_words(change: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        evaluate(*pairs(rows=50), **change)  # type: ignore[arg-type]


def test_nan_and_zero_rows_are_refused_by_number() -> None:
    queries, items = pairs(rows=50)
    queries[7], items[3] = np.nan, 0
    with pytest.raises(UsageError, match="queries hold NaN: row 7"):
        evaluate(queries, items)


@pytest.mark.parametrize(("rows", "dimension"), [(1, 4), (2, 4), (3, 1), (12, 3)])
def test_the_smallest_sets_give_a_report(rows: int, dimension: int) -> None:
    queries, items = pairs(rows=rows, dimension=dimension)
    report = evaluate(queries, items, ks=(1, 50))
    assert report.forward["R@50"].value == 1.0
    assert report.limits


def test_a_tiny_gallery_tells_nothing_of_a_large_one() -> None:
    with pytest.raises(UsageError, match="a gallery of 3 tells nothing of one of 1,000"):
        evaluate(*pairs(rows=3), gallery_size=1000)


def test_a_reversed_sign_is_worse_than_guessing_and_said_to_be() -> None:
    queries, items = pairs(rows=200)
    report = evaluate(queries, -items)
    assert report.verdict.startswith("the ranks are worse than guessing: the right item stands at ")
    assert report.forward["mean rank"].below_chance
    assert report.forward["median rank"].below_chance
    finding = next(f for f in report.findings if f.code == "EMB001")
    assert "worse than guessing" in finding.headline
    assert "sign" in finding.do[0]


@pytest.mark.parametrize("seed", range(6))
def test_pairs_without_order_are_not_called_worse_than_guessing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    report = evaluate(rng.normal(size=(300, 24)), rng.normal(size=(300, 24)))
    assert "cannot be told from guessing" in report.verdict
    assert not any(measure.below_chance for measure in report.forward.measures)


def test_as_good_and_as_bad_by_luck_add_up() -> None:
    rng = np.random.default_rng(2)
    way = evaluate(rng.normal(size=(300, 24)), rng.normal(size=(300, 24))).forward
    for name in ("mean rank", "MRR"):
        found = way[name]
        assert found.p_value is not None
        assert found.p_worse == pytest.approx(1 - found.p_value)


def test_one_item_says_nothing_and_a_cut_off_beyond_the_gallery_is_certain() -> None:
    queries, items = pairs(rows=5)
    alone = evaluate(queries[:1], items[:1])
    assert alone.verdict == "a gallery of one item says nothing: every model puts it first"
    assert any(limit.startswith("1 query leaves ") for limit in alone.limits)
    way = evaluate(queries, items).forward
    assert (way["R@10"].certain, way["R@1"].certain) == (True, False)
    assert (way["R@10"].low, way["R@10"].high) == (1.0, 1.0)
    assert way["MRR"].low >= 1 / 5


def test_one_miss_of_many_is_not_all_of_them() -> None:
    queries, items = pairs(rows=4000, noise=0.1)
    items[7] = -items[7]
    report = evaluate(queries, items, ks=(1,), examine=False, both=False)
    assert report.forward["R@1"].value == pytest.approx(1 - 1 / 4000)
    assert "R@1 is 99.97 % of 4,000 queries" in report.verdict
