"""Jobs as tasks on a Dask cluster: workers read the rows themselves and send back states, never data.

Workers must see the files under the same paths. A task whose worker dies is run again elsewhere; a job's answer does not depend on where
it ran, so that the answer stays the same.
"""

from __future__ import annotations

import contextlib
import importlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from traindx.dataset.engines.job import Job, Measured, Step, measured_as_bytes
from traindx.dataset.engines.shipping import shipped
from traindx.errors import MissingExtraError, TraindxError, UsageError

_RETRIES: Final = (
    3  # of a task that fails of itself; one whose worker died is moved by the scheduler, three times by its own default
)
_AHEAD: Final = 2  # tasks for each worker that are sent before one is awaited
_CONNECT_S: Final = 10


@final
@dataclass(frozen=True, slots=True)
class OnDask:
    """The cluster at ``address`` (``host:port``), or one of ``workers`` processes of this machine, for the length of the run, if that is ``local``."""

    address: str
    workers: int
    timeout_s: float = 600.0
    """How long to wait for one task that no worker takes or ends."""

    def run(self, jobs: Sequence[Job], step: Step) -> Iterator[Measured]:
        distributed = _distributed()
        with contextlib.ExitStack() as stack:
            client = stack.enter_context(self._client(distributed, stack))
            room = max(1, len(client.scheduler_info()["workers"]) or self.workers) * _AHEAD
            waiting: deque[tuple[Job, Any]] = deque()
            for job in jobs:
                if len(waiting) >= room:
                    yield self._result(distributed, *waiting.popleft(), step)
                waiting.append((job, client.submit(measured_as_bytes, shipped(job), pure=False, retries=_RETRIES)))
            while waiting:
                yield self._result(distributed, *waiting.popleft(), step)

    def _client(self, distributed: Any, stack: contextlib.ExitStack) -> Any:
        if self.address == "local":
            options = {"processes": True, "threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 50}
            cluster = stack.enter_context(distributed.LocalCluster(n_workers=self.workers, **options))
            return distributed.Client(cluster)
        if not self.address:
            raise UsageError("a Dask engine without a scheduler", hint="give dask://host:port, or dask://local")
        try:
            return distributed.Client(f"tcp://{self.address}", timeout=_CONNECT_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise TraindxError(
                f"no Dask scheduler answers within {_CONNECT_S} s",
                where=f"dask://{self.address}",
                hint="start one with: dask scheduler, and workers with: dask worker HOST:PORT",
            ) from error

    def _result(self, distributed: Any, job: Job, future: Any, step: Step) -> Measured:
        try:
            data: bytes = future.result(timeout=self.timeout_s)
        except distributed.KilledWorker as error:
            hint = "memory may have run out there: give workers more, or measure fewer arrays at once"
            raise TraindxError("several workers died of one task", where=f"dask://{self.address}", hint=hint) from error
        except (distributed.TimeoutError, TimeoutError) as error:
            problem = f"no worker ended a task within {self.timeout_s:.0f} s"
            raise TraindxError(
                problem, where=f"dask://{self.address}", hint="are there workers, and do they see the files?"
            ) from error
        except distributed.CancelledError as error:
            raise TraindxError(
                "the cluster gave up a task", where=f"dask://{self.address}", hint="is the scheduler alive?"
            ) from error
        future.release()
        step(job.size)
        return job.restored(data)


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise MissingExtraError("measuring on a cluster", package="distributed", extra="dask") from error
