"""What a Lightning logger keeps, for both names under which Lightning is installed; imports neither of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from traindx.diagnosis import Report
from traindx.integrations.guarded import Given, GuardedMonitor
from traindx.integrations.torch_facts import plain
from traindx.live import Monitor


class RunLogging:
    """A logger that keeps the run for traindx and judges it: ``Trainer(logger=TraindxLogger("runs/one"))``.

    Takes a ``Monitor``, or a directory and the keywords of one. Names and steps are Lightning's, hyperparameters become
    settings. A logger hears only what ``self.log`` is given, every ``log_every_n_steps``, and cannot stop the
    training; the callback does both. Only rank 0 records, and nothing here raises into the training.
    """

    def __init__(self, monitor: Given, **options: Any) -> None:
        super().__init__()
        self._guard = GuardedMonitor("the traindx logger", monitor, options)
        self._hyperparameters: dict[str, Any] = {}
        self._epoch_at: int | None = None

    @property
    def monitor(self) -> Monitor:
        """The monitor, opened if it has not been; no ``experiment``, for Lightning opens that before it tells hyperparameters."""
        return self._guard.monitor

    @property
    def report(self) -> Report | None:
        """The last report of the run, None before the first."""
        return self._guard.report

    @property
    def name(self) -> str:
        """The name of the directory."""
        return self._guard.directory.name

    @property
    def version(self) -> str:
        """Empty: a directory is one run."""
        return ""

    @property
    def save_dir(self) -> str:
        """Where the run is kept."""
        return str(self._guard.directory)

    @property
    def log_dir(self) -> str:
        """The same."""
        return self.save_dir

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Record metrics; the epoch that Lightning gives with all of them is recorded once a step."""
        if not _is_first_rank():
            return
        self._guard.begin(self._hyperparameters)
        kept = {name: value for name, value in metrics.items() if name != "epoch" or step != self._epoch_at}
        self._epoch_at = step if "epoch" in metrics else self._epoch_at
        self._guard.log(kept, step=step)

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - Lightning's signature
        """Keep plain values as settings, if the monitor is not open yet."""
        self._hyperparameters |= self._guard.learnt(lambda: plain(params)) or {}

    def finalize(self, status: str) -> None:  # noqa: ARG002 - the same
        """Close, so that the report stands."""
        self._guard.close()


def _is_first_rank() -> bool:
    """As Lightning tells it to the processes that it starts."""
    return all(os.environ.get(name, "0") in ("", "0") for name in ("RANK", "LOCAL_RANK", "SLURM_PROCID"))
