"""The metric of validation loops: batches, ids, groups, merging."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.retrieval_meaning.drawn import pairs
from traindx.errors import UsageError
from traindx.retrieval import RetrievalMetric, evaluate, scalars


def whole(queries: np.ndarray, items: np.ndarray) -> dict[str, float]:
    return scalars(evaluate(queries.astype(np.float32), items.astype(np.float32), examine=False))


def test_batches_in_any_order_and_from_several_metrics_give_the_same() -> None:
    queries, items = pairs(rows=90)
    parts = [slice(0, 40), slice(40, 41), slice(41, 90)]
    metrics = [RetrievalMetric() for _ in parts]
    for metric, part in zip(metrics, parts, strict=True):
        metric.update(queries[part], items[part])
    merged = metrics[2].merge_state(metrics[:2])
    assert len(merged) == 90
    assert merged.scalars() == pytest.approx(whole(queries, items))


def test_samples_seen_twice_count_once_whether_numbers_or_text() -> None:
    queries, items = pairs(rows=50)
    for names in (np.arange(50), np.array([f"clip {n}" for n in range(50)])):
        metric = RetrievalMetric()
        metric.update(queries, items, ids=names)
        metric.update(queries[:9], items[:9], ids=names[:9].tolist())
        assert metric.scalars() == pytest.approx(whole(queries, items))


def test_rows_of_one_group_share_an_item() -> None:
    rng = np.random.default_rng(0)
    images = rng.normal(size=(20, 8))
    captions = np.repeat(images, 5, axis=0) + 0.3 * rng.normal(size=(100, 8))
    metric = RetrievalMetric(names=("text", "image"))
    metric.update(captions, np.repeat(images, 5, axis=0), groups=np.repeat(np.arange(20), 5))
    report = metric.compute()
    assert (report.forward.gallery_size, report.forward.queries) == (20, 100)
    assert report.forward.clusters is not None
    assert report.backward is not None
    assert report.backward.positives == 5


def test_tensors_of_every_kind_are_taken_and_their_buffers_may_be_used_again() -> None:
    queries, items = (torch.tensor(side) for side in pairs(rows=30))
    metric = RetrievalMetric()
    for dtype in (torch.float64, torch.bfloat16, torch.float16):
        metric.reset()
        one, other = queries.to(dtype).clone().requires_grad_(), items.to(dtype).clone()
        metric.update(one, other)
        other.zero_()
        assert metric.compute().forward["R@10"].value > 0.3
        assert one.grad is None


def test_random_numbers_are_left_alone() -> None:
    queries, items = pairs(rows=60)
    before, theirs = np.random.get_state()[1].copy(), torch.get_rng_state()  # type: ignore[index]
    metric = RetrievalMetric(examine=True)
    metric.update(queries, items)
    metric.compute()
    assert np.array_equal(before, np.random.get_state()[1])  # type: ignore[index]
    assert torch.equal(theirs, torch.get_rng_state())


def test_misuse_is_told_in_words() -> None:
    rows = np.eye(4, dtype=np.float32)
    metric = RetrievalMetric()
    with pytest.raises(UsageError, match="no pairs to rank"):
        metric.compute()
    with pytest.raises(UsageError, match="4 queries and 3 items"):
        metric.update(rows, rows[:3])
    with pytest.raises(UsageError, match="shape"):
        metric.update(rows[0], rows[0])
    with pytest.raises(UsageError, match="2 ids for a batch of 4"):
        metric.update(rows, rows, ids=[1, 2])
    with pytest.raises(UsageError, match="whole numbers or text"):
        metric.update(rows, rows, ids=[0.5, 1.5, 2.5, 3.5])
    metric.update(rows, rows)
    with pytest.raises(UsageError, match="ids in some batches"):
        metric.update(rows, rows, ids=[1, 2, 3, 4])
    with pytest.raises(UsageError, match="dimensions"):
        metric.update(rows[:, :3], rows[:, :3])
    other = RetrievalMetric()
    other.update(rows, rows, ids=[1, 2, 3, 4])
    with pytest.raises(UsageError, match="ids or groups"):
        metric.merge(other)
