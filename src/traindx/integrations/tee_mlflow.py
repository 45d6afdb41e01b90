"""What a program logs to MLflow is judged too."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import mlflow
from mlflow import MlflowClient

from traindx.integrations.teeing import Taken, Tee
from traindx.live import Monitor


def tee_mlflow(monitor: Monitor | str | Path, run_id: str | None = None, **options: Any) -> Tee:
    """Record and judge the metrics of one run, from now until the tee is closed, whichever function logs them.

    The run is ``run_id``, the active one, or the first that logs anything. ``monitor`` is a ``Monitor``, or the directory of one that is opened
    with ``options``. MLflow writes step 0 where none is given; here such points of a metric are numbered in their order.
    """
    active = mlflow.active_run()
    chosen = run_id or (active.info.run_id if active is not None else None)
    tee = Tee("traindx beside mlflow", monitor, options)
    points = _Points(tee, chosen)
    # The client's methods: mlflow.log_metric, mlflow.log_metrics, autologging and loggers of other libraries all end there.
    tee.wrap(MlflowClient, "log_metric", _named(MlflowClient.log_metric, points.one))
    tee.wrap(MlflowClient, "log_batch", _named(MlflowClient.log_batch, points.many))
    return tee


def _named(original: Callable[..., Any], take: Callable[[dict[str, Any]], None]) -> Taken:
    """Give ``take`` the arguments of ``original`` by name, however they were given."""
    signature = inspect.signature(original)

    def taken(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        take(signature.bind(*args, **kwargs).arguments)

    return taken


@final
class _Points:
    def __init__(self, tee: Tee, run_id: str | None) -> None:
        self._tee, self._run_id = tee, run_id
        self._last: dict[str, int] = {}

    def one(self, given: dict[str, Any]) -> None:
        if self._concerns(given["run_id"]):
            self._record(given["key"], given["value"], given.get("step"))

    def many(self, given: dict[str, Any]) -> None:
        if not self._concerns(given["run_id"]):
            return
        # The same point comes once for each model that is linked to the run.
        for key, step, value in dict.fromkeys((m.key, m.step, m.value) for m in given.get("metrics", ())):
            self._record(key, value, step)

    def _concerns(self, run_id: str) -> bool:
        self._run_id = self._run_id or run_id
        return run_id == self._run_id

    def _record(self, key: str, value: Any, step: int | None) -> None:
        last = self._last.get(key, -1)
        at = last + 1 if not step and last >= 0 else int(step or 0)
        self._last[key] = at
        self._tee.record({key: value}, step=at)
