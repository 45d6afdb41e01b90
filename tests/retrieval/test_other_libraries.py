"""Where definitions agree, so do the figures: torchmetrics, ranx, pytrec_eval, ir_measures and scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.retrieval.ranked import cosines, lists_of, world

from traindx.retrieval import Ranking, RankTable, Relevance, from_lists, metrics_of, rank

SIZES = [(1, 1), (2, 3), (17, 40), (120, 300), (60, 2000)]
CUTS = (1, 3, 10)


def scene(queries: int, items: int, kind: str = "plain") -> tuple[Ranking, RankTable, NDArray, Relevance]:
    left, right = world(queries + items, queries, items, 24, kind)
    rng = np.random.default_rng(items)
    most = min(items, 6)
    lists = [sorted(rng.choice(items, rng.integers(1, most + 1), replace=False).tolist()) for _ in range(queries)]
    relevance = from_lists(lists, queries, items)
    ranking = rank(left, right, relevance)
    return ranking, metrics_of(ranking, ks=CUTS), cosines(left, right), relevance


def dense(relevance: Relevance) -> NDArray:
    target = np.zeros((relevance.queries, relevance.items), dtype=np.int64)
    target[relevance.query, relevance.item] = 1
    return target


@pytest.mark.parametrize(("queries", "items"), SIZES)
def test_torchmetrics_agrees(queries: int, items: int) -> None:
    import torch
    from torchmetrics.functional import retrieval as theirs

    _, table, scores, relevance = scene(queries, items)
    preds = torch.tensor(scores + 2)  # it drops right items whose score is not above zero
    target = torch.tensor(dense(relevance))
    for row in range(min(queries, 25)):
        one, mark = preds[row], target[row]
        expected = {
            "mrr": theirs.retrieval_reciprocal_rank(one, mark.bool()),
            "map": theirs.retrieval_average_precision(one, mark.bool()),
            "ndcg": theirs.retrieval_normalized_dcg(one, mark),
        }
        for k in CUTS:
            expected[f"hit@{k}"] = theirs.retrieval_hit_rate(one, mark.bool(), top_k=k)
            expected[f"recall@{k}"] = theirs.retrieval_recall(one, mark.bool(), top_k=k)
            expected[f"precision@{k}"] = theirs.retrieval_precision(one, mark.bool(), top_k=k)
            expected[f"ndcg@{k}"] = theirs.retrieval_normalized_dcg(one, mark, top_k=k)
        for name, value in expected.items():
            assert table.values[name][row] == pytest.approx(float(value), abs=2e-5), (
                name,
                row,
            )  # it adds up gains in float32


@pytest.mark.parametrize(("queries", "items"), SIZES)
def test_pytrec_eval_agrees(queries: int, items: int) -> None:
    import pytrec_eval

    _, table, scores, relevance = scene(queries, items)
    qrels, run = documents(scores, relevance)
    names = {
        "recip_rank",
        "map",
        "ndcg",
        "success.1,3,10",
        "recall.1,3,10",
        "P.1,3,10",
        "map_cut.1,3,10",
        "ndcg_cut.1,3,10",
    }
    theirs = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate(run)
    ours = {"recip_rank": "mrr", "map": "map", "ndcg": "ndcg"}
    for k in CUTS:
        ours |= {
            f"success_{k}": f"hit@{k}",
            f"recall_{k}": f"recall@{k}",
            f"P_{k}": f"precision@{k}",
            f"map_cut_{k}": f"map@{k}",
            f"ndcg_cut_{k}": f"ndcg@{k}",
        }
    for row in range(queries):
        for name, own in ours.items():
            assert table.values[own][row] == pytest.approx(theirs[f"q{row}"][name], abs=1e-9), (own, row)


@pytest.mark.parametrize(("queries", "items"), SIZES)
def test_ir_measures_agrees(queries: int, items: int) -> None:
    import ir_measures
    from ir_measures import AP, RR, P, R, Success, nDCG

    _, table, scores, relevance = scene(queries, items)
    qrels, run = documents(scores, relevance)
    pairs = {AP: "map", RR: "mrr", nDCG: "ndcg"}
    for k in CUTS:
        pairs |= {P @ k: f"precision@{k}", R @ k: f"recall@{k}", Success @ k: f"hit@{k}", nDCG @ k: f"ndcg@{k}"}
    found = ir_measures.calc_aggregate(list(pairs), qrels, run)
    for measure, name in pairs.items():
        assert table.mean(name) == pytest.approx(found[measure], abs=1e-9), name


@pytest.mark.slow
@pytest.mark.parametrize(("queries", "items"), [(17, 40), (60, 2000)])
def test_ranx_agrees(queries: int, items: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its imports
        import ranx

        _, table, scores, relevance = scene(queries, items)
        qrels, run = documents(scores, relevance)
        ours = {"mrr": "mrr", "map": "map", "ndcg": "ndcg"}
        for k in CUTS:
            ours |= {f"hit_rate@{k}": f"hit@{k}", f"recall@{k}": f"recall@{k}", f"precision@{k}": f"precision@{k}"}
            ours |= {f"map@{k}": f"map@{k}", f"ndcg@{k}": f"ndcg@{k}", f"mrr@{k}": f"mrr@{k}"}
        theirs = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), list(ours))
    from traindx.retrieval import metrics

    means = {name: table.mean(own) for name, own in ours.items() if own in table.values}
    ranking = scene(queries, items)[0]
    means |= {f"mrr@{k}": float(np.mean(metrics.reciprocal_rank(ranking, k=k))) for k in CUTS}
    for name in ours:
        assert means[name] == pytest.approx(theirs[name], abs=1e-9), name


@pytest.mark.parametrize("kind", ["plain", "few values", "doubled", "collapsed"])
@pytest.mark.parametrize(("queries", "items"), [(2, 3), (17, 40), (60, 2000)])
def test_scikit_learn_agrees_on_ndcg_and_on_ties_in_it(queries: int, items: int, kind: str) -> None:
    from sklearn.metrics import ndcg_score

    ranking, table, scores, relevance = scene(queries, items, kind)
    del ranking
    target, level = dense(relevance), np.round(scores, 6)  # its ties are of equal bits
    for k in (None, *CUTS):
        theirs = ndcg_score(target, level, k=k)
        assert table.mean("ndcg" if k is None else f"ndcg@{k}") == pytest.approx(theirs, abs=1e-9), k


@pytest.mark.parametrize(("queries", "items"), SIZES[1:])
def test_scikit_learn_agrees_on_average_precision_without_ties(queries: int, items: int) -> None:
    from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

    _, table, scores, relevance = scene(queries, items)
    target = dense(relevance)
    assert table.mean("map") == pytest.approx(label_ranking_average_precision_score(target, scores), abs=1e-9)
    for row in range(min(queries, 20)):
        theirs = average_precision_score(target[row], scores[row])
        assert table.values["map"][row] == pytest.approx(theirs, abs=1e-9)


def test_scikit_learn_agrees_on_top_k_accuracy() -> None:
    from sklearn.metrics import top_k_accuracy_score

    left, right = world(0, 200, 200, 8)
    table = metrics_of(rank(left, right), ks=CUTS)
    for k in CUTS:
        assert table.mean(f"hit@{k}") == pytest.approx(top_k_accuracy_score(np.arange(200), cosines(left, right), k=k))


def documents(scores: NDArray, relevance: Relevance) -> tuple[dict, dict]:
    qrels = {f"q{row}": {f"d{item:05d}": 1 for item in items} for row, items in enumerate(lists_of(relevance))}
    run = {
        f"q{row}": {f"d{item:05d}": float(score) for item, score in enumerate(line)} for row, line in enumerate(scores)
    }
    return qrels, run
