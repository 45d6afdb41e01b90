"""Where other libraries differ from this one and from each other: one test for each row of docs/retrieval_definitions.md."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from torchmetrics import retrieval as tm_classes
from torchmetrics.functional import retrieval as tm

from traindx.errors import UsageError
from traindx.retrieval import Ranking, RankTable, from_pairs, metrics, metrics_of, rank

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of their imports
    import pytrec_eval
    import ranx

# Where its loops are compiled for the first time, numba warns of ranx's own integers.
pytestmark = pytest.mark.filterwarnings("ignore:unsafe cast from uint64")

DOCS = Path(__file__).parents[2] / "docs" / "retrieval_definitions.md"


def ours(scores: list[float], right: list[int], ties: str = "mean", grades: list[float] | None = None) -> RankTable:
    """One query with these scores: items on a half circle."""
    angle = np.arccos(np.array(scores))
    gallery = np.stack((np.cos(angle), np.sin(angle)), axis=1)
    relevance = from_pairs([(0, item) for item in right], 1, len(scores), grades=grades)
    return metrics_of(rank(np.array([[1.0, 0.0]]), gallery, relevance), ks=(1, 2, 5, 10), ties=ties)


def marked(scores: list[float], right: list[int]) -> np.ndarray:
    target = np.zeros(len(scores), dtype=np.int64)
    target[right] = 1
    return target


def trec(scores: list[float], right: list[int], measure: str) -> float:
    qrels, run = documents(scores, right)
    found = pytrec_eval.RelevanceEvaluator(qrels, {measure}).evaluate(run)["q"]
    return next(iter(found.values()))


def by_ranx(scores: list[float], right: list[int], measure: str) -> float:
    qrels, run = documents(scores, right)
    return float(ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), measure))


def documents(scores: list[float], right: list[int]) -> tuple[dict, dict]:
    return {"q": {f"d{item:03d}": 1 for item in right}}, {"q": {f"d{i:03d}": float(s) for i, s in enumerate(scores)}}


def test_every_row_of_the_table_has_its_test() -> None:
    named = re.findall(r"\| `(\w+)` \|$", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    written = [name.removeprefix("test_") for name in globals() if name.startswith("test_")]
    assert len(named) == 14
    assert sorted(named) == sorted(set(written) - {"every_row_of_the_table_has_its_test"})


@pytest.mark.slow  # ranx compiles as it is called
def test_a_tie_is_broken_by_place_or_name_elsewhere() -> None:
    equal = [0.5] * 8
    for place in (0, 7):
        assert ours(equal, [place]).mean("hit@1") == pytest.approx(1 / 8)
        assert [ours(equal, [place], ties).mean("hit@1") for ties in ("optimistic", "pessimistic")] == [1.0, 0.0]
    top = [sk.top_k_accuracy_score([place], [equal], k=1, labels=range(8)) for place in (0, 7)]
    assert top == [0.0, 1.0]
    assert [trec(equal, [place], "P.1") for place in (0, 7)] == [0.0, 1.0]
    assert [by_ranx(equal, [place], "precision@1") for place in (0, 7)] == [1.0, 0.0]
    theirs = [
        float(tm.retrieval_hit_rate(torch.tensor(equal), torch.tensor(marked(equal, [place])).bool(), top_k=1))
        for place in range(8)
    ]
    assert sorted(theirs) == [0.0] * 7 + [1.0]


def test_one_of_two_identical_items_is_found_half_the_time() -> None:
    scores = [0.9, 0.2, 0.9]
    order = np.argsort(-np.array(scores), kind="stable")
    assert [int(order[0] == copy) for copy in (0, 2)] == [1, 0]
    assert [ours(scores, [copy]).mean("hit@1") for copy in (0, 2)] == [0.5, 0.5]
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    assert metrics_of(rank(rows, rows)).mean("hit@1") == pytest.approx(2 / 3)
    assert metrics_of(rank(rows, rows, duplicates=True)).mean("hit@1") == 1.0


def test_average_precision_of_a_tie_is_taken_at_its_end_or_by_name() -> None:
    scores = [0.9, 0.5, 0.5, 0.1]
    for place in (1, 2):
        target = marked(scores, [place])
        assert sk.average_precision_score(target, scores) == pytest.approx(1 / 3)
        assert sk.label_ranking_average_precision_score([target], [scores]) == pytest.approx(1 / 3)
        assert ours(scores, [place]).mean("map") == pytest.approx((1 / 2 + 1 / 3) / 2)
        assert ours(scores, [place], "pessimistic").mean("map") == pytest.approx(1 / 3)
    assert [trec(scores, [place], "map") for place in (1, 2)] == pytest.approx([1 / 3, 1 / 2])


def test_ndcg_of_a_tie_is_the_same_expectation() -> None:
    scores, right = [0.9, 0.5, 0.5, 0.5, 0.1], [1, 4]
    target = marked(scores, right)
    expected = ours(scores, right).mean("ndcg")
    assert sk.ndcg_score([target], [scores]) == pytest.approx(expected)
    assert float(tm.retrieval_normalized_dcg(torch.tensor(scores), torch.tensor(target))) == pytest.approx(expected)


def test_right_items_below_zero_are_dropped() -> None:
    scores, target = torch.tensor([-0.1, -0.2, -0.3]), torch.tensor([True, False, False])
    for dropped in (tm.retrieval_reciprocal_rank, tm.retrieval_average_precision):
        assert float(dropped(scores, target)) == 0.0
    assert float(tm.retrieval_recall(scores, target, top_k=1)) == 0.0
    assert float(tm.retrieval_hit_rate(scores, target, top_k=1)) == 1.0
    assert float(tm.retrieval_normalized_dcg(scores, target.int())) == 1.0
    table = ours([-0.1, -0.2, -0.3], [0])
    assert [table.mean(name) for name in ("mrr", "map", "recall@1", "hit@1", "ndcg")] == [1.0] * 5


@pytest.mark.slow  # ranx compiles as it is called
def test_nan_is_given_a_rank() -> None:
    nothing = [float("nan")] * 4
    target = torch.tensor([True, False, False, False])
    assert float(tm.retrieval_reciprocal_rank(torch.tensor(nothing), target)) == 0.0
    assert float(tm.retrieval_hit_rate(torch.tensor(nothing), target, top_k=1)) in {0.0, 1.0}
    assert [trec(nothing, [place], "recip_rank") for place in (0, 3)] == [0.25, 1.0]
    assert [by_ranx(nothing, [place], "mrr") for place in (0, 3)] == [1.0, 0.25]
    with pytest.raises(ValueError, match="NaN"):
        sk.label_ranking_average_precision_score([marked(nothing, [0])], [nothing])
    with pytest.raises(UsageError, match="2 of 3 rows of queries hold NaN: rows 1, 2"):
        rank(np.array([[1.0], [np.nan], [np.nan]]), np.ones((3, 1)))


@pytest.mark.slow  # ranx compiles as it is called
def test_a_query_without_right_items_counts_zero_or_one() -> None:
    found = tm_classes.RetrievalMRR()(
        torch.tensor([0.3, 0.2, 0.3, 0.2]),
        torch.tensor([True, False, False, False]),
        indexes=torch.tensor([0, 0, 1, 1]),
    )
    assert float(found) == 0.5
    qrels, run = {"a": {"d0": 1}, "b": {"d0": 0}}, {name: {"d0": 0.3, "d1": 0.2} for name in "ab"}
    assert pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"}).evaluate(run)["b"]["recip_rank"] == 0.0
    assert float(ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), "mrr")) == 0.5
    assert sk.ndcg_score([[0, 0, 0]], [[0.3, 0.2, 0.1]]) == 0.0
    assert sk.label_ranking_average_precision_score([[0, 0, 0]], [[0.3, 0.2, 0.1]]) == 1.0
    ranking = rank(np.eye(2), np.eye(2), [[0], []])
    assert metrics_of(ranking).mean("mrr") == 1.0
    assert ranking.notes == ("1 of 2 queries have no right item and were left out",)


@pytest.mark.slow  # ranx compiles as it is called
def test_average_precision_at_k_has_three_denominators() -> None:
    scores, right = [0.9, 0.8, 0.7, 0.6], [0, 2, 3]
    target = torch.tensor(marked(scores, right)).bool()
    assert float(tm.retrieval_average_precision(torch.tensor(scores), target, top_k=2)) == 1.0
    expected = ours(scores, right).mean("map@2")
    assert expected == pytest.approx(1 / 3)
    assert trec(scores, right, "map_cut.2") == pytest.approx(expected)
    assert by_ranx(scores, right, "map@2") == pytest.approx(expected)


@pytest.mark.slow  # ranx compiles as it is called
def test_gains_of_ndcg_are_linear_or_exponential() -> None:
    scores, grades = [0.9, 0.8, 0.1], [1.0, 3.0]
    qrels, run = {"q": {"d0": 1, "d1": 3}}, {"q": {"d0": 0.9, "d1": 0.8, "d2": 0.1}}
    linear, exponential = (ours(scores, [0, 1], grades=gains).mean("ndcg") for gains in (grades, [1.0, 7.0]))
    assert sk.ndcg_score([[1, 3, 0]], [scores]) == pytest.approx(linear)
    assert pytrec_eval.RelevanceEvaluator(qrels, {"ndcg"}).evaluate(run)["q"]["ndcg"] == pytest.approx(linear)
    assert float(ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), "ndcg_burges")) == pytest.approx(exponential)
    assert float(tm.retrieval_normalized_dcg(torch.tensor(scores), torch.tensor([1, 3, 0]))) == pytest.approx(linear)


def test_recall_is_a_share_and_a_hit_is_whether_any() -> None:
    scores, right = [0.9, 0.8, 0.7], [0, 2]
    target = torch.tensor(marked(scores, right)).bool()
    table = ours(scores, right)
    assert float(tm.retrieval_recall(torch.tensor(scores), target, top_k=1)) == table.mean("recall@1") == 0.5
    assert float(tm.retrieval_hit_rate(torch.tensor(scores), target, top_k=1)) == table.mean("hit@1") == 1.0
    assert trec(scores, right, "recall.1") == 0.5
    assert trec(scores, right, "success.1") == 1.0


def test_a_run_cut_at_100_lowers_mrr() -> None:
    scores = [1 - item / 1000 for item in range(200)]
    qrels, run = documents(scores, [149])
    best = dict(sorted(run["q"].items(), key=lambda pair: -pair[1])[:100])
    assert pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"}).evaluate({"q": best})["q"]["recip_rank"] == 0.0
    assert ours(scores, [149]).mean("mrr") == pytest.approx(1 / 150)


def test_the_median_rank_is_rounded_down() -> None:
    ranks = np.array([0, 3])  # from 0, as open_clip counts
    assert np.floor(np.median(ranks)) + 1 == 2
    ranking = Ranking(above=ranks, level=np.zeros(2, dtype=np.int64), starts=np.arange(3), gallery_size=9)
    assert metrics_of(ranking).median_rank == 2.5


def test_torchmetrics_adds_gains_in_float32() -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(0, 1, 2000)
    right = rng.choice(2000, 5, replace=False).tolist()
    theirs = float(tm.retrieval_normalized_dcg(torch.tensor(scores), torch.tensor(marked(scores.tolist(), right))))
    exact = sk.ndcg_score([marked(scores.tolist(), right)], [scores])
    assert 1e-8 < abs(theirs - exact) < 1e-4
    assert ours(scores.tolist(), right).mean("ndcg") == pytest.approx(exact, rel=1e-12)


@pytest.mark.slow  # ranx compiles as it is called
def test_precision_beyond_the_gallery_is_over_k() -> None:
    scores = [0.5, 0.4]
    target = torch.tensor([True, False])
    assert float(tm.retrieval_precision(torch.tensor(scores), target, top_k=5)) == pytest.approx(0.2)
    assert trec(scores, [0], "P.5") == pytest.approx(0.2)
    assert by_ranx(scores, [0], "precision@5") == pytest.approx(0.2)
    assert ours(scores, [0]).mean("precision@5") == pytest.approx(0.2)
    assert metrics.precision(rank(np.ones((1, 1)), np.ones((1, 1))), 10)[0] == pytest.approx(0.1)
