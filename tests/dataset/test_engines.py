"""One answer, to the last bit: in one piece, in blocks, in threads, in processes and on a cluster, also when workers die."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import distributed
import numpy as np
import pytest

from traindx.arrays import ArraySource, from_memory, open_array
from traindx.dataset import profile
from traindx.dataset.engines import Engine, engine_named
from traindx.dataset.engines.gather import gathered
from traindx.dataset.engines.job import Job
from traindx.dataset.jobs import jobs
from traindx.dataset.statistics.columns import Column
from traindx.dataset.statistics.look import plans
from traindx.dataset.statistics.moments import Moments
from traindx.dataset.statistics.numeric import NumberState
from traindx.dataset.statistics.selection import Mask, grouping
from traindx.errors import TraindxError, UsageError

ROWS, FEATURES = 40_000, 9


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> ArraySource:
    rng = np.random.default_rng(0)
    values = (rng.normal(size=(ROWS, FEATURES)) * rng.gamma(1, size=(ROWS, FEATURES)) + 1e4).astype(np.float32)
    values[rng.random(values.shape) < 0.01] = np.nan
    values[rng.random(values.shape) < 0.02] = -999
    path = tmp_path_factory.mktemp("engines") / "x.npy"
    np.save(path, values)
    return open_array(path)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> ArraySource:
    """64 MB: sixteen blocks of such a file, each a job of its own."""
    values = np.random.default_rng(4).standard_normal((1 << 18, 64), np.float32)
    path = tmp_path_factory.mktemp("engines") / "large.npy"
    np.save(path, values + np.float32(100))
    return open_array(path)


def work_on(source: ArraySource, job_bytes: int, block_bytes: int = 1 << 16, *, masked: bool = False) -> list[Job]:
    mask = Mask(function=positive) if masked else None
    groups = grouping(open_array_of_groups(len(source)), 50)
    column = Column(source, masked=masked, groups=len(groups.labels))
    (plan,) = plans([column], mask)
    column = Column(source, plan=plan, masked=masked, groups=len(groups.labels))
    return list(jobs((column,), mask, groups, block_bytes=block_bytes, least_bytes=job_bytes))


def positive(block: np.ndarray) -> np.ndarray:
    return block > 0


def open_array_of_groups(rows: int) -> ArraySource:
    return from_memory(np.arange(rows) // 7 % 50)


def answer(engine: Engine, work: list[Job]) -> tuple[bytes, bytes, np.ndarray]:
    states, unread = gathered(engine, work, lambda size: None)
    (state,) = states.values()
    assert isinstance(state, NumberState)
    assert state.sketch is not None
    assert state.groups is not None
    assert not any(unread.values())
    return state.moments.state().tobytes(), state.sketch.to_bytes(), state.groups.states


@pytest.mark.parametrize("masked", [False, True])
def test_threads_blocks_and_jobs_of_any_size_give_the_bits_of_one_piece(source: ArraySource, masked: bool) -> None:
    whole = answer(engine_named("one"), work_on(source, 1 << 30, 1 << 30, masked=masked))
    for job_bytes, block_bytes, workers in ((1 << 17, 1 << 16, 2), (1 << 18, 5000, 3), (1 << 16, 1 << 20, 8)):
        cut = answer(engine_named("threads", workers), work_on(source, job_bytes, block_bytes, masked=masked))
        assert cut[:2] == whole[:2]
        assert np.allclose(cut[2], whole[2], rtol=1e-12, atol=0, equal_nan=True) or np.allclose(
            cut[2][:, :9], whole[2][:, :9], rtol=1e-12, atol=1e-12 * np.abs(whole[2][:, :9]).max()
        )


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["processes", "dask://local"])
def test_other_processes_give_the_bits_of_threads(source: ArraySource, engine: str) -> None:
    work = work_on(source, 1 << 17)
    ours, theirs = answer(engine_named("threads", 2), work), answer(engine_named(engine, 2), work)
    assert ours[:2] == theirs[:2]
    assert np.array_equal(ours[2], theirs[2])


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["one", "processes"])
def test_a_profile_is_the_same_on_every_engine(tmp_path: Path, engine: str) -> None:
    rng = np.random.default_rng(1)
    np.savez(tmp_path / "d.npz", x=rng.normal(size=(3000, 4)), t=rng.choice(["a", "b"], 3000), g=np.arange(3000) % 5)
    expected = profile(tmp_path / "d.npz", group="g")
    assert repr(profile(tmp_path / "d.npz", group="g", engine=engine, threads=2)) == repr(expected)


@pytest.mark.slow
def test_an_array_in_memory_reaches_other_processes_in_parts() -> None:
    values = np.random.default_rng(2).normal(size=(50_000, 8))
    there = profile(values, mask=values > 0, engine="processes", threads=2)
    assert repr(there) == repr(profile(values, mask=values > 0))


@pytest.mark.slow
def test_a_process_that_is_killed_changes_nothing(large: ArraySource) -> None:
    work, killed = work_on(large, 1 << 16), list[int]()

    def kill(size: int) -> None:
        if not killed:
            victim = multiprocessing.active_children()[0]
            killed.append(victim.pid or 0)
            victim.kill()

    states, _ = gathered(engine_named("processes", 2), work, kill)
    (state,) = states.values()
    assert isinstance(state, NumberState)
    assert killed
    assert state.moments.state().tobytes() == answer(engine_named("one"), work)[0]


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as running:
        yield running


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_does_not_change_the_answer(
    large: ArraySource, cluster: distributed.LocalCluster
) -> None:
    work, killed = work_on(large, 1 << 16), list[int]()
    assert len(work) == 16
    address = cluster.scheduler_address.removeprefix("tcp://")

    def kill(size: int) -> None:
        if not killed:
            killed.append(cluster.workers[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    states, _ = gathered(engine_named(f"dask://{address}"), work, kill)
    (state,) = states.values()
    assert isinstance(state, NumberState)
    assert killed
    expected = answer(engine_named("one"), work)
    assert state.sketch is not None
    assert state.moments.state().tobytes() == expected[0]
    assert state.sketch.to_bytes() == expected[1]


@pytest.mark.slow
def test_a_worker_sends_back_states_and_no_rows(source: ArraySource) -> None:
    for job in work_on(source, 1 << 17):
        sent = next(iter(engine_named("one").run([job], lambda size: None)))
        assert len(sent.to_bytes()) < 3 * (job.stop - job.start) * source.row_bytes


def test_a_scheduler_that_is_not_there_is_an_error_in_words(
    source: ArraySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    import traindx.dataset.engines.cluster as module

    monkeypatch.setattr(module, "_CONNECT_S", 0.5)
    with pytest.raises(TraindxError, match="no Dask scheduler answers") as caught:
        list(engine_named("dask://127.0.0.1:9").run(work_on(source, 1 << 20), lambda size: None))
    assert caught.value.where == "dask://127.0.0.1:9"
    assert "dask scheduler" in caught.value.hint


@pytest.mark.parametrize("name", ["thread", "ray://x", "dask"])
def test_an_unknown_engine_lists_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError, match="unknown engine"):
        engine_named(name)


def test_an_address_is_needed_and_so_are_workers() -> None:
    with pytest.raises(UsageError, match="without a scheduler"):
        list(engine_named("dask://").run([], lambda size: None))
    with pytest.raises(UsageError, match="0 workers"):
        engine_named("threads", 0)


def test_a_function_that_cannot_be_sent_is_refused_before_anything_runs() -> None:
    with pytest.raises(UsageError, match="cannot be sent"):
        profile(np.ones((10, 2)), mask=lambda block: block > 0, engine="processes")


def test_an_error_in_one_thread_ends_the_others(source: ArraySource) -> None:
    def broken(block: np.ndarray) -> np.ndarray:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        profile(source, mask=broken)
    assert Moments(1).state()[0, 0] == 0
