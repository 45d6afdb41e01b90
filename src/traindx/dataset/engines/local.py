"""The engines of this machine."""

from __future__ import annotations

import multiprocessing
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Final, final

from traindx.dataset.engines.job import Job, Measured, Step, measured, measured_as_bytes
from traindx.dataset.engines.shipping import check_sendable, shipped
from traindx.errors import TraindxError

_TRIES: Final = 3  # times that workers may die in a row without one more job done, before the data is suspected


@final
@dataclass(frozen=True, slots=True)
class InOnePiece:
    """One job after the other, in the caller's thread."""

    workers: int = 1

    def run(self, jobs: Sequence[Job], step: Step) -> Iterator[Measured]:
        for job in jobs:
            yield measured(job, step)


@final
@dataclass(frozen=True, slots=True)
class InThreads:
    """Threads: reading and the inner loops release the interpreter's lock."""

    workers: int

    def run(self, jobs: Sequence[Job], step: Step) -> Iterator[Measured]:
        lock = threading.Lock()

        def locked_step(size: int) -> None:
            with lock:
                step(size)

        with ThreadPoolExecutor(self.workers) as pool:
            waiting: deque[Future[Measured]] = deque()
            try:
                for job in jobs:
                    if len(waiting) > self.workers:  # states that wait to be merged take memory
                        yield waiting.popleft().result()
                    waiting.append(pool.submit(measured, job, locked_step))
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


@final
@dataclass(frozen=True, slots=True)
class InProcesses:
    """Processes of their own, for readers that hold the interpreter's lock. A process that dies is replaced, and its jobs are done again."""

    workers: int

    def run(self, jobs: Sequence[Job], step: Step) -> Iterator[Measured]:
        left, tries = deque(jobs), _TRIES
        if left:
            check_sendable(left[0])
        while left:
            before = len(left)
            try:
                for job, data in self._pass(tuple(left)):
                    left.popleft()
                    step(job.size)
                    yield job.restored(data)
            except BrokenProcessPool as error:
                tries = _TRIES if len(left) < before else tries - 1
                if not tries:
                    where = left[0].columns[0].source.where
                    hint = "memory may have run out: use fewer workers"
                    raise TraindxError(
                        "the processes that measure it died again and again", where=where, hint=hint
                    ) from error

    def _pass(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, bytes]]:
        context = multiprocessing.get_context("spawn")  # a fork would copy held locks of threads
        with ProcessPoolExecutor(min(self.workers, len(jobs)), mp_context=context) as pool:
            waiting: deque[tuple[Job, Future[bytes]]] = deque()
            try:
                for job in jobs:
                    if len(waiting) > self.workers:
                        done, future = waiting.popleft()
                        yield done, future.result()
                    waiting.append((job, pool.submit(measured_as_bytes, shipped(job))))
                while waiting:
                    done, future = waiting.popleft()
                    yield done, future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
