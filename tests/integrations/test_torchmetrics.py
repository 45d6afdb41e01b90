"""Retrieval as a torchmetrics metric: alone, in a collection, in two processes."""

from __future__ import annotations

import math
import multiprocessing
import socket
from typing import Any

import numpy as np
import pytest
import torch
from torchmetrics import MetricCollection
from torchmetrics.retrieval import RetrievalMRR, RetrievalRecall

from traindx.errors import UsageError
from traindx.integrations.torchmetrics_retrieval import RetrievalMetrics
from traindx.retrieval import evaluate, scalars


def pairs(rows: int = 60, noise: float = 1.0, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(rows, 8))
    sides = [truth + noise * rng.normal(size=truth.shape) for _ in range(2)]
    return torch.tensor(sides[0], dtype=torch.float32), torch.tensor(sides[1], dtype=torch.float32)


def test_batches_give_what_the_whole_gives() -> None:
    queries, items = pairs()
    metric = RetrievalMetrics()
    for part in range(0, 60, 7):
        metric.update(queries[part : part + 7], items[part : part + 7])
    whole = scalars(evaluate(queries.numpy(), items.numpy(), examine=False))
    found = metric.compute()
    assert isinstance(found, dict)
    assert {name: value.item() for name, value in found.items()} == pytest.approx(whole, rel=1e-6)


def test_it_agrees_with_torchmetrics_own_metrics() -> None:
    queries, items = pairs()
    metric = RetrievalMetrics(ks=(1, 5))
    metric.update(queries, items)
    found = metric.compute()
    assert isinstance(found, dict)
    scores = (
        torch.nn.functional.normalize(queries) @ torch.nn.functional.normalize(items).T + 2
    )  # it drops right items whose score is not above 0
    indexes = torch.arange(60).repeat_interleave(60)
    target = torch.eye(60, dtype=torch.bool).reshape(-1)
    theirs = RetrievalMRR()(scores.reshape(-1), target, indexes=indexes)
    assert found["query_to_item/mrr"].item() == pytest.approx(theirs.item(), rel=1e-5)
    theirs = RetrievalRecall(top_k=5)(scores.reshape(-1), target, indexes=indexes)
    assert found["query_to_item/recall_at_5"].item() == pytest.approx(theirs.item(), rel=1e-5)


def test_it_lives_in_a_collection_with_others() -> None:
    queries, items = pairs()
    collection = MetricCollection({"all": RetrievalMetrics(), "one": RetrievalMetrics(only="query_to_item/mrr")})
    collection.update(queries, items)
    found = collection.compute()
    assert found["one"].item() == pytest.approx(found["query_to_item/mrr"].item())
    collection.reset()
    collection.update(queries[:20], items[:20])
    assert collection.compute()["query_to_item/gallery_size"].item() == 20


def test_repeated_samples_count_once_and_captions_share_an_image() -> None:
    queries, items = pairs()
    metric = RetrievalMetrics()
    metric.update(queries, items, ids=torch.arange(60))
    metric.update(queries[:5], items[:5], ids=torch.arange(5))
    assert metric.report().forward.gallery_size == 60
    grouped = RetrievalMetrics()
    grouped.update(queries, items, groups=torch.arange(60) // 5)
    assert (grouped.report().forward.gallery_size, grouped.report().forward.queries) == (12, 60)


def test_gradients_and_random_numbers_are_left_alone() -> None:
    queries, items = pairs()
    queries.requires_grad_()
    before = (torch.get_rng_state(), np.random.get_state()[1].copy())  # type: ignore[index]
    metric = RetrievalMetrics()
    metric.update(queries, items)
    metric.compute()
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])  # type: ignore[index]
    queries.sum().backward()
    assert queries.grad is not None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _work(rank: int, port: int, answers: Any) -> None:
    """One of two processes: rows 0, 2, 4, ... or 1, 3, 5, ... and the first row again, as a distributed sampler pads."""
    import torch.distributed as dist

    from traindx.retrieval import RetrievalMetric

    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    queries, items = pairs(61)
    mine = torch.arange(rank, 61, 2)
    if rank == 1:
        mine = torch.cat([mine, torch.tensor([0])])
    metric = RetrievalMetrics()
    metric.update(queries[mine], items[mine], ids=mine)
    found = metric.compute()
    assert isinstance(found, dict)
    ours = RetrievalMetric()
    for part in mine.split(9):
        ours.update(queries[part], items[part], ids=[f"clip {int(n)}" for n in part])
    empty = RetrievalMetric()
    if rank == 1:
        empty.update(queries, items)
    told = empty.compute()
    answers.put(
        (
            {name: value.item() for name, value in found.items()},
            scalars(ours.compute()),
            told.forward.gallery_size,
            told.limits,
        )
    )
    dist.destroy_process_group()


_STARTED_S = 120  # two interpreters that import torch, on a machine that is busy with other things


@pytest.mark.slow
def test_two_processes_give_what_one_gives_with_uneven_and_padded_batches() -> None:
    context = multiprocessing.get_context("spawn")
    answers, port = context.Queue(), _free_port()
    workers = [context.Process(target=_work, args=(rank, port, answers)) for rank in range(2)]
    for worker in workers:
        worker.start()
    try:
        found = [answers.get(timeout=_STARTED_S) for _ in workers]
    finally:
        for worker in workers:
            worker.join(timeout=5)
            worker.kill()
    queries, items = pairs(61)
    whole = scalars(evaluate(queries.numpy(), items.numpy(), examine=False))
    for theirs, ours, gallery, limits in found:
        assert theirs == pytest.approx(whole, rel=1e-6)
        assert ours == pytest.approx(whole, rel=1e-9)
        assert gallery == 61
        assert "distributed sampler" in " ".join(limits)
    assert math.isfinite(whole["query_to_item/mrr"])


def test_fewer_is_better_of_ranks_and_names_are_checked() -> None:
    queries, items = pairs()
    assert RetrievalMetrics(only="query_to_item/mrr").higher_is_better
    assert not RetrievalMetrics(only="query_to_item/mean_rank").higher_is_better
    metric = RetrievalMetrics(only="query_to_item/recal_at_1")
    metric.update(queries, items)
    with pytest.raises(UsageError, match="did you mean query_to_item/recall_at_1"):
        metric.compute()
