"""Threads, processes, torch and a cluster count the same."""

from __future__ import annotations

import importlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from tests.retrieval.ranked import same, world

from traindx.arrays import ArraySource, MemorySource, open_array
from traindx.errors import MissingExtraError, UsageError
from traindx.retrieval import Ranking, Relevance, from_groups, rank
from traindx.retrieval.backends import blas, dask_cluster, processes, torch_device
from traindx.retrieval.backends.travel import travels_light

QUERIES, ITEMS = 350, 420


def scene(kind: str = "plain") -> tuple[np.ndarray, np.ndarray, Relevance]:
    queries, gallery = world(20, QUERIES, ITEMS, 24, kind)
    return queries, gallery, from_groups(np.arange(QUERIES) % 100, np.arange(ITEMS) % 120)


def all_same(one: tuple[Ranking, Ranking], other: tuple[Ranking, Ranking]) -> bool:
    return all(same(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.slow
def test_processes_count_what_threads_count(tmp_path: Path) -> None:
    queries, gallery, relevance = scene("doubled")
    expected = rank(queries, gallery, relevance, both=True)
    assert all_same(expected, rank(queries, gallery, relevance, both=True, backend="processes", threads=2))
    np.save(tmp_path / "gallery.npy", gallery)
    opened = open_array(tmp_path / "gallery.npy")
    assert all_same(expected, rank(queries, opened, relevance, both=True, backend="processes", threads=2))


@pytest.mark.slow
def test_a_killed_process_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    queries, gallery, relevance = scene()
    expected = rank(queries, gallery, relevance, both=True)
    monkeypatch.setattr(processes, "_in_a_file", lambda side, _: _deadly(side, os.getpid()))
    assert all_same(expected, rank(queries, gallery, relevance, both=True, backend="processes", threads=2))


class Deadly(ArraySource):
    """Rows that kill every process but one that reads them."""

    def __init__(self, rows: np.ndarray, survivor: int) -> None:
        self.rows, self.survivor = rows, survivor
        self.name, self.where, self.shape, self.dtype, self.block_rows = "", "rows", rows.shape, rows.dtype, 1

    def read(self, start: int, stop: int, *, out: object = None) -> np.ndarray:
        if os.getpid() != self.survivor:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.rows[start:stop]


def _deadly(side: Any, survivor: int) -> Any:
    return side.part(0, len(side), Deadly(side.read(0, len(side)), survivor))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = importlib.import_module("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as started:
        yield started


def address(cluster: Any) -> str:
    return "dask:" + cluster.scheduler_address.removeprefix("tcp:")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "collapsed"])
def test_a_cluster_counts_what_threads_count(
    kind: str, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "_BLOCK_BYTES", 1 << 13)  # 86 rows: 25 pairs of blocks
    queries, gallery, relevance = scene(kind)
    expected = rank(queries, gallery, relevance, both=True)
    assert all_same(expected, rank(queries, gallery, relevance, both=True, backend=address(cluster)))
    np.save(tmp_path / "queries.npy", queries)
    opened = open_array(tmp_path / "queries.npy")
    assert all_same(expected, rank(opened, gallery, relevance, both=True, backend=address(cluster)))
    assert same(expected[0], rank(queries, gallery, relevance, backend=address(cluster)))


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_changes_nothing(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "_BLOCK_BYTES", 1 << 13)
    queries, gallery = world(21, 1500, 1500, 24)
    expected = rank(queries, gallery, both=True)
    killed: list[bool] = []

    def kill_one() -> None:
        scheduler = cluster.scheduler
        while not any(task.state == "memory" and "_count" in str(task.key) for task in list(scheduler.tasks.values())):
            time.sleep(0.005)
        os.kill(next(iter(cluster.workers.values())).process.pid, signal.SIGKILL)
        killed.append(any(task.state != "memory" for task in list(scheduler.tasks.values())))

    killer = Thread(target=kill_one, daemon=True)
    killer.start()
    found = rank(queries, gallery, both=True, backend=address(cluster))
    killer.join(timeout=10)
    assert killed == [True]  # there was work left
    assert all_same(expected, found)


def test_a_cluster_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "_WAIT_SECONDS", 0.2)
    queries, gallery, relevance = scene()
    with pytest.raises(UsageError, match=r"no Dask scheduler answers at 127\.0\.0\.1:9"):
        rank(queries, gallery, relevance, backend="dask://127.0.0.1:9")


@pytest.mark.parametrize("kind", ["doubled", "collapsed", "lengths"])
@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_torch_counts_what_numpy_counts_in_any_tile(
    kind: str, similarity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries, gallery, relevance = scene(kind)
    expected = rank(queries, gallery, relevance, both=True, backend="numpy", similarity=similarity)
    for tile, held in (((120, 150), 1), ((512, 1024), 1 << 30)):
        monkeypatch.setattr(torch_device, "_TILE", {"cpu": tile})
        monkeypatch.setattr(torch_device, "_HELD_BYTES", held)
        found = rank(queries, gallery, relevance, both=True, backend="torch:cpu", similarity=similarity)
        assert all_same(expected, found)


def test_torch_is_left_with_the_precision_that_it_had() -> None:
    import torch

    queries, gallery, relevance = scene()
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        assert same(rank(queries, gallery, relevance), rank(queries, gallery, relevance, backend="torch"))
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)


def test_a_backend_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from traindx.retrieval.backends import choice

    monkeypatch.setattr(choice, "has_numba", lambda: False)
    queries, gallery, relevance = scene()
    with pytest.raises(MissingExtraError, match="numba"):
        rank(queries, gallery, relevance, backend="numba")
    assert same(rank(queries, gallery, relevance), rank(queries, gallery, relevance, backend="numpy"))


def test_without_threadpoolctl_the_counts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    queries, gallery, relevance = scene()
    expected = rank(queries, gallery, relevance, threads=2)
    monkeypatch.setattr(blas, "can_limit_blas", lambda: False)
    assert same(expected, rank(queries, gallery, relevance, threads=2))


def test_only_paths_travel_light(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.ones((1000, 8)))
    assert travels_light(open_array(tmp_path / "rows.npy"))
    assert not travels_light(MemorySource(np.ones((1000, 8))))
    assert not travels_light(MemorySource(np.load(tmp_path / "rows.npy", mmap_mode="r")))
