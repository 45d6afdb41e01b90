"""A Keras 3 callback that records the loss of every batch, judges the run, and stops it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast, final

import keras  # type: ignore[import-untyped]

from traindx.diagnosis import Report
from traindx.integrations.guarded import Given, GuardedMonitor
from traindx.integrations.keras_facts import (
    RESETS_BY_BATCH,
    counts_of,
    facts_of,
    items_of,
    rate_of,
    schedule_of,
    updates_of,
)
from traindx.integrations.keras_means import CountedMeans, Counts, EpochMeans, Row

Logs = Mapping[str, Any] | None
# How often a schedule is asked for its learning rate in one fit: enough to see its shape.
_RATES: Final = 200
_UNPLANNED: Final = 10_000  # batches in a fit whose length Keras does not know


@final
class TraindxCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Records a ``fit``: ``model.fit(..., callbacks=[TraindxCallback("runs/one")])``.

    Takes a ``Monitor``, or a directory and a monitor's keywords. Keras reports means over the epoch so far; recorded are the values of the
    single batches behind them (``keras_means``). They are exact where batches are alike, the last and shorter one
    among them; where ``steps_per_execution`` is above one, each is that of one execution. With sample weights a
    weighted metric is undone as though all batches weighed alike, which is inexact for a single batch. Metrics that are
    no means (AUC, ...) and ``val_*`` are recorded once an epoch.

    It says of itself that it may be called beside the training (``async_safe``), so that no batch waits for a device.
    """

    async_safe = True

    def __init__(self, monitor: Given, **options: Any) -> None:
        super().__init__()
        self._guard = GuardedMonitor("the traindx callback", monitor, options)
        self._lock = threading.Lock()
        self._trained: Any = None
        self._asked: dict[str, Any] = {}
        self._first = 0  # step of the first batch of this epoch
        self._epoch, self._moved = -1, 0  # the last epoch; how far a later fit's own count lags behind
        self._single, self.single_batches = CountedMeans(), RESETS_BY_BATCH
        self._begin_fit()

    def _begin_fit(self) -> None:
        self._means = EpochMeans(None, 1)
        self._counts: Counts | None = None  # of the first execution of a fit
        self._totals: Counts | None = None  # of the epoch, while they stand
        self._schedule: Callable[[int], Any] | None = None
        self._rate: float | None = None
        self._rate_every, self._rate_next = 1, 0
        self._of_batches: set[str] = set()
        self._planned = False

    @property
    def report(self) -> Report | None:
        """The last report of the run."""
        return self._guard.report

    def set_params(self, params: Any) -> None:
        """Take what ``fit`` was asked for: epochs, and steps in each where they are known."""
        cast("Any", super()).set_params(params)
        self._asked = params or {}

    def set_model(self, model: Any) -> None:
        """Take the model: read through ``self.model``, JAX would copy its state back each time."""
        cast("Any", super()).set_model(model)
        self._trained = model

    def on_train_begin(self, logs: Logs = None) -> None:  # noqa: ARG002 - Keras's signature, here and below
        """Begin, or go on after an earlier ``fit``, and tell what the model is."""
        self._begin_fit()
        self._first = max(self._first, self._guard.learnt(lambda: updates_of(self._trained)) or 0)
        self._guard.begin(resume=self._first > 0)
        self._schedule = self._guard.learnt(lambda: schedule_of(self._trained.optimizer))
        self._guard.tell(self._guard.learnt(lambda: facts_of(self._trained)))

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002 - the same
        """Begin an epoch; with the first one of a fit, tell the plan."""
        if not self._planned:
            self._moved = max(self._epoch + 1 - epoch, 0)
            self._plan(epoch)
        self._epoch = epoch + self._moved
        self._means = EpochMeans(self._steps, self._stride)
        self._means.counts = self._counts
        self._totals = None

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:  # noqa: ARG002 - the same
        """Read the learning rate with the first batch, and with the second how much each metric counted in the first."""
        if batch == 0 and self._schedule is None:
            self._rate = self._guard.learnt(lambda: rate_of(self._trained.optimizer))
        elif batch > 0 and self._counts is None:
            self._counts = self._guard.learnt(lambda: counts_of(cast("Any", self).model)) or {}
            self._means.counts = self._counts
            items = self._guard.learnt(lambda: items_of(self._trained, self._counts or {}))
            self._guard.tell({"batch_size": None if items is None else round(items / self._stride)})

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Record what is complete; Keras may call from several threads, in any order."""
        with self._lock:
            self._record(self._means.add(batch, logs or {}))
        self._stop_if_told()

    def on_test_begin(self, logs: Logs = None) -> None:  # noqa: ARG002 - the same
        """Read what the metrics counted in the epoch: the validation is about to clear them."""
        if self._totals is None:
            self._totals = self._guard.learnt(lambda: counts_of(self._trained))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: ARG002 - the same
        """Record the last batch, and what speaks of the whole epoch."""
        if self._totals is None:
            self._totals = self._guard.learnt(lambda: counts_of(self._trained))
        with self._lock:
            self._record(self._means.finish(self._totals or {}))
            last = max(self._first + self._means.batches - 1, 0)
            self._first += self._means.batches
            whole = {
                name: value
                for name, value in (logs or {}).items()
                if name not in self._of_batches and name not in {"learning_rate", "lr"}
            }
            self._guard.log({**whole, "epoch": self._epoch + 1}, step=last)
        self._stop_if_told()

    def on_train_end(self, logs: Logs = None) -> None:  # noqa: ARG002 - the same
        """Close a monitor that was opened here, which judges the run as its log will be judged."""
        self._guard.close()

    def record_batch(self, logs: Mapping[str, Any]) -> None:
        """Record what ``model.train_on_batch(..., return_dict=True)`` returned, in a loop of one's own (``set_model`` first).

        From Keras 3.15 on that is of this batch alone. Before, it is a mean since the metrics were last reset; their counts,
        read after each call, undo it exactly, whatever the sizes and the weights of the batches.
        """
        values = dict(logs) if self.single_batches else self._undone(logs)
        self._guard.log(values, step=self._first)
        self._first += 1

    def _undone(self, logs: Mapping[str, Any]) -> dict[str, float]:
        counts = self._guard.learnt(lambda: counts_of(self._trained)) or {}
        values = {name: self._single.take(name, mean, counts.get(name, 0.0)) for name, mean in logs.items()}
        return {name: value for name, value in values.items() if value is not None}

    def _record(self, rows: Iterable[Row]) -> None:
        for batch, values in rows:
            self._of_batches |= values.keys()
            self._guard.log({**values, **self._learning_rate(self._first + batch)}, step=self._first + batch)

    def _learning_rate(self, step: int) -> dict[str, Any]:
        if self._schedule is None:
            return {} if self._rate is None else {"lr": self._rate}
        if step < self._rate_next:
            return {}
        self._rate_next = step + self._rate_every
        schedule = self._schedule
        rate = self._guard.learnt(lambda: schedule(step))
        return {} if rate is None else {"lr": rate}

    def _stop_if_told(self) -> None:
        if self._guard.should_stop:
            self._trained.stop_training = True

    @property
    def _steps(self) -> int | None:
        return self._asked.get("steps")

    @property
    def _stride(self) -> int:
        return int(getattr(self._trained, "steps_per_execution", 1))

    def _plan(self, epoch: int) -> None:
        self._planned = True
        epochs, steps = self._asked.get("epochs"), self._steps
        to_come = None if epochs is None or steps is None else (epochs - epoch) * steps
        self._rate_every = max((_UNPLANNED if to_come is None else to_come) // _RATES, 1)
        self._rate_next = 0
        self._guard.tell(
            {
                "total_epochs": None if epochs is None else epochs + self._moved,
                "steps_per_epoch": steps,
                "total_steps": None if to_come is None else self._first + to_come,
                "lr": self._guard.learnt(lambda: rate_of(self._trained.optimizer)) if self._schedule is None else None,
            }
        )
