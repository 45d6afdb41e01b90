"""A monitor as integrations hold it: whatever fails is warned of once, and the training goes on without it.

For the files of this room only. None of them imports the framework of another, and this one imports none.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, final

from traindx.context import FactValue
from traindx.live import Monitor

T = TypeVar("T")


@final
class GuardedMonitor:
    """Takes a ``Monitor``, or a directory and the options of one that is opened at first use and closed with ``close``.

    After the first failure (a full disk, a method that raises, a framework that changed) nothing is tried again:
    ``broken`` is true, every call does nothing, and ``should_stop`` is false. ``name`` says in the warning who steps aside.
    """

    def __init__(self, name: str, target: Monitor | str | Path, options: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self.broken = False
        self._monitor = target if isinstance(target, Monitor) else None
        self._target, self._options = target, dict(options or {})
        self._own = self._monitor is None
        self._closed = False

    @property
    def monitor(self) -> Monitor:
        """The monitor itself, opened if it has not been. Raises what ``Monitor`` raises."""
        if self._monitor is None:
            assert not isinstance(self._target, Monitor)
            self._monitor = Monitor(self._target, **self._options)
        return self._monitor

    @property
    def directory(self) -> Path:
        """Where the run is recorded."""
        return self._target.directory if isinstance(self._target, Monitor) else Path(self._target)

    def attempt(self, action: Callable[[], T], otherwise: T) -> T:
        """Return what ``action`` returns; ``otherwise`` where it fails, or where anything failed before."""
        if self.broken:
            return otherwise
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - what watches a training must not end it
            self.broken = True
            warnings.warn(f"{self.name} steps aside, the training goes on without it: {error!r}", stacklevel=3)
            return otherwise

    def log(self, values: Mapping[str, Any], *, step: int | None = None, epoch: float | None = None) -> None:
        """Record values, as ``Monitor.log`` does; nothing where there are none, or after ``close``."""
        if values and not self._closed:
            self.attempt(lambda: self.monitor.log(values, step=step, epoch=epoch), None)

    def tell(self, facts: Mapping[str, FactValue]) -> None:
        """Tell facts of the run, as ``Monitor.tell`` does."""
        if facts and not self._closed:
            self.attempt(lambda: self.monitor.tell(facts), None)

    def before_close(self, action: Callable[[], None]) -> None:
        """Have ``action`` called when the monitor closes, wherever it was opened."""
        self.attempt(lambda: self.monitor.before_close(action), None)

    @property
    def should_stop(self) -> bool:
        """Whether the run should end now."""
        return self.attempt(lambda: self._monitor is not None and self._monitor.should_stop, otherwise=False)

    @property
    def reason(self) -> str:
        """Why the run should end; empty where it should not."""
        decision = None if self._monitor is None else self._monitor.stop_decision
        return "" if decision is None else decision.reason

    def close(self) -> None:
        """Close the monitor if it was opened here: one that was handed in is closed by whoever opened it."""
        closed, self._closed = self._closed, True
        if self._own and not closed and self._monitor is not None:
            self.attempt(self._monitor.close, None)
