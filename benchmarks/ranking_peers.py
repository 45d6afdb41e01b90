"""How other libraries rank pairs of embeddings in both directions: each by its own code, from matched rows of unit length."""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Way = Callable[[Rows, Rows], float]
"""Ranks both directions and returns R@1 from the queries, so that the ways can be seen to agree."""

BLOCK = 1024


def product(queries: Rows, gallery: Rows) -> float:
    """The limit: the bare product, in blocks of rows that are written to the same memory."""
    out = np.empty((BLOCK, len(gallery)), dtype=np.float32)
    for start in range(0, len(queries), BLOCK):
        part = queries[start : start + BLOCK]
        np.matmul(part, gallery.T, out=out[: len(part)])
    return float("nan")


def argsort_by_blocks(queries: Rows, gallery: Rows) -> float:
    hits = 0
    for left, right in ((gallery, queries), (queries, gallery)):
        hits = 0
        for start in range(0, len(left), BLOCK):
            order = np.argsort(-(left[start : start + BLOCK] @ right.T), axis=1)
            rows = np.arange(start, start + len(order))[:, None]
            hits += int(np.count_nonzero(np.argmax(order == rows, axis=1) == 0))
    return hits / len(queries)


def faiss_top_10(queries: Rows, gallery: Rows) -> float:
    faiss = importlib.import_module("faiss")
    hits = 0
    for left, right in ((gallery, queries), (queries, gallery)):
        index = faiss.IndexFlatIP(left.shape[1])
        index.add(right)
        _, found = index.search(left, 10)
        hits = int(np.count_nonzero(found[:, 0] == np.arange(len(left))))
    return hits / len(queries)


def torch_top_10(queries: Rows, gallery: Rows) -> float:
    torch = importlib.import_module("torch")
    hits = 0
    for left, right in ((gallery, queries), (queries, gallery)):
        hits, one, other = 0, torch.from_numpy(left), torch.from_numpy(right)
        for start in range(0, len(left), BLOCK):
            found = (one[start : start + BLOCK] @ other.T).topk(10).indices[:, 0]
            hits += int((found == torch.arange(start, start + len(found))).sum())
    return hits / len(queries)


def open_clip_metrics(queries: Rows, gallery: Rows) -> float:
    """open_clip's own function, taken out of its file: the module around it imports torchvision and a training set-up."""
    torch = importlib.import_module("torch")
    found = _open_clip_function()(torch.from_numpy(queries), torch.from_numpy(gallery), 1.0)
    return float(found["image_to_text_R@1"])


def _open_clip_function() -> Callable[..., dict[str, float]]:
    spec = importlib.util.find_spec("open_clip_train")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    source = Path(spec.submodule_search_locations[0], "train.py").read_text(encoding="utf-8")
    (function,) = (
        node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "get_clip_metrics"
    )
    space: dict[str, Any] = {"torch": importlib.import_module("torch"), "np": np}
    exec(compile(ast.Module([function], []), "train.py", "exec"), space)
    return space["get_clip_metrics"]


def torchmetrics_collection(queries: Rows, gallery: Rows) -> float:
    torch, library = importlib.import_module("torch"), importlib.import_module("torchmetrics")
    retrieval = importlib.import_module("torchmetrics.retrieval")
    value = 0.0
    for left, right in ((gallery, queries), (queries, gallery)):
        collection = library.MetricCollection(
            {f"r{k}": retrieval.RetrievalRecall(top_k=k) for k in (1, 5, 10)} | {"mrr": retrieval.RetrievalMRR()}
        )
        scores = torch.from_numpy(left @ right.T).reshape(-1) + 2  # it drops what is not above zero
        index = torch.arange(len(left)).repeat_interleave(len(right))
        target = torch.eye(len(left), dtype=torch.bool).reshape(-1)
        value = float(collection(scores, target, indexes=index)["r1"])
    return value


def scikit_learn(queries: Rows, gallery: Rows) -> float:
    metrics = importlib.import_module("sklearn.metrics")
    value = 0.0
    for left, right in ((gallery, queries), (queries, gallery)):
        scores, target = left @ right.T, np.arange(len(left))
        value = metrics.top_k_accuracy_score(target, scores, k=1)
        for k in (5, 10):
            metrics.top_k_accuracy_score(target, scores, k=k)
        metrics.label_ranking_average_precision_score(np.eye(len(left), dtype=np.int8), scores)
    return float(value)


def sentence_transformers(queries: Rows, gallery: Rows) -> float:
    torch = importlib.import_module("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = importlib.import_module("sentence_transformers.sentence_transformer.evaluation")
    value = 0.0
    for left, right in ((gallery, queries), (queries, gallery)):
        names = [f"{row:06d}" for row in range(len(left))]
        texts = dict(zip(names, names, strict=True))
        evaluator = library.InformationRetrievalEvaluator(
            texts, texts, {name: {name} for name in names}, score_functions={"dot": lambda a, b: a @ b.T}
        )
        found = evaluator.compute_all_metrics(
            _Encoded(torch.from_numpy(left)), corpus_embeddings=torch.from_numpy(right)
        )
        value = float(found["dot"]["accuracy@k"][1])
    return value


class _Encoded:
    """A model whose embeddings are there already."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    def encode_query(self, *_: object, **__: object) -> Any:
        return self.rows


def _runs(queries: Rows, gallery: Rows) -> list[tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]]]:
    """Qrels and the 100 best of each query, both directions, as the evaluation libraries take them."""
    torch = importlib.import_module("torch")
    found = []
    for left, right in ((gallery, queries), (queries, gallery)):
        names = [str(row) for row in range(len(left))]
        run: dict[str, dict[str, float]] = {}
        one, other = torch.from_numpy(left), torch.from_numpy(right)
        for start in range(0, len(left), BLOCK):
            best = (one[start : start + BLOCK] @ other.T).topk(min(100, len(right)))
            for row, (scores, items) in enumerate(zip(best.values.tolist(), best.indices.tolist(), strict=True), start):
                run[names[row]] = {names[item]: score for item, score in zip(items, scores, strict=True)}
        found.append(({name: {name: 1} for name in names}, run))
    return found


def ranx_top_100(queries: Rows, gallery: Rows) -> float:
    ranx = importlib.import_module("ranx")
    value = 0.0
    for qrels, run in _runs(queries, gallery):
        found = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), ["recall@1", "recall@5", "recall@10", "mrr"])
        value = float(found["recall@1"])
    return value


def pytrec_eval_top_100(queries: Rows, gallery: Rows) -> float:
    library = importlib.import_module("pytrec_eval")
    value = 0.0
    for qrels, run in _runs(queries, gallery):
        found = library.RelevanceEvaluator(qrels, {"recall.1,5,10", "recip_rank"}).evaluate(run)
        value = float(np.mean([one["recall_1"] for one in found.values()]))
    return value


def ir_measures_top_100(queries: Rows, gallery: Rows) -> float:
    library = importlib.import_module("ir_measures")
    value = 0.0
    measures = [library.R @ 1, library.R @ 5, library.R @ 10, library.RR]
    for qrels, run in _runs(queries, gallery):
        value = float(library.calc_aggregate(measures, qrels, run)[library.R @ 1])
    return value


PEERS: tuple[tuple[str, Way, str, int], ...] = (
    ("open_clip get_clip_metrics", open_clip_metrics, "open_clip_train", 20_000),
    ("torchmetrics (R@1,5,10, MRR)", torchmetrics_collection, "torchmetrics", 1_000),
    ("scikit-learn (top-k, LRAP)", scikit_learn, "sklearn", 5_000),
    ("sentence-transformers evaluator", sentence_transformers, "sentence_transformers", 20_000),
    ("numpy argsort by blocks", argsort_by_blocks, "numpy", 20_000),
    ("ranx after top-100", ranx_top_100, "ranx", 20_000),
    ("pytrec_eval after top-100", pytrec_eval_top_100, "pytrec_eval", 20_000),
    ("ir_measures after top-100", ir_measures_top_100, "ir_measures", 20_000),
    ("faiss flat top-10", faiss_top_10, "faiss", 100_000),
    ("torch top-10 by blocks", torch_top_10, "torch", 100_000),
)
"""Name, way, the package that it needs, and the largest gallery that it is asked to rank here."""


def installed() -> list[tuple[str, Way, int]]:
    """Return the peers that are there; those that are not are named."""
    found = []
    for name, way, package, most in PEERS:
        with contextlib.suppress(ModuleNotFoundError):
            if importlib.util.find_spec(package) is not None:
                found.append((name, way, most))
                continue
        print(f"not installed: {name} ({package})")
    return found
