"""A monitor as an integration holds it: what goes wrong is warned of once, and never reaches the training."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, final

from traindx.diagnosis import Report
from traindx.errors import UsageError
from traindx.live import Monitor

Given = Monitor | str | Path
T = TypeVar("T")


@final
class Held:
    """A ``Monitor`` that a user gave, or one that is opened in a directory with a monitor's ``options``, and closed again.

    A monitor that was given is told, and left open: closing it is for its owner. One that was opened here is closed by
    ``finish`` and opened anew by the next ``begin``, with all facts told so far, so that a training that goes on goes on in the same
    directory.
    """

    def __init__(self, given: Given, options: Mapping[str, Any]) -> None:
        if isinstance(given, Monitor) and options:
            raise UsageError(
                f"{', '.join(sorted(options))} given beside a monitor", hint="give them to the monitor itself"
            )
        self._owned = not isinstance(given, Monitor)
        self._open: Callable[[], Monitor] = lambda: given if isinstance(given, Monitor) else Monitor(given, **options)
        self.monitor = self._open()
        self._closed = False
        self._told: dict[str, Any] = {}
        self.broken = False

    def attempt(self, act: Callable[[Monitor], T], otherwise: T) -> T:
        """Do something with the monitor; where that fails, warn, return ``otherwise``, and step aside from then on."""
        if self.broken:
            return otherwise
        try:
            return act(self.monitor)
        except Exception as error:  # noqa: BLE001 - recording must not end a training
            self.broken = True
            warnings.warn(f"traindx steps aside, nothing is recorded from here: {error!r}", stacklevel=3)
            return otherwise

    def learnt(self, read: Callable[[], T]) -> T | None:
        """Return what ``read`` finds out about the training; None where it cannot be found out."""
        try:
            return read()
        except Exception:  # noqa: BLE001 - a fact that is missing is asked for in the report
            return None

    def begin(self) -> None:
        """Take up recording, again if it was finished."""
        if not self._closed:
            return

        def reopen(_: Monitor) -> None:
            self.monitor, self._closed = self._open(), False
            self.monitor.tell(self._told)

        self.attempt(reopen, None)

    def finish(self) -> None:
        """Close the monitor if it was opened here, which judges the run once more."""
        if self._owned and not self._closed:
            self._closed = True
            self.attempt(Monitor.close, None)

    def log(self, values: Mapping[str, Any], *, step: int, epoch: float | None = None) -> None:
        """Record the values of one step."""
        self.attempt(lambda monitor: monitor.log(values, step=step, epoch=epoch), None)

    def tell(self, facts: Mapping[str, Any]) -> None:
        """Tell those facts that are known."""
        known = {name: value for name, value in facts.items() if value is not None}
        if known and not known.items() <= self._told.items():
            self._told |= known
            self.attempt(lambda monitor: monitor.tell(known), None)

    @property
    def should_stop(self) -> bool:
        """Whether the run should end now; a monitor that failed stops nothing."""
        return self.attempt(lambda monitor: monitor.should_stop, otherwise=False)

    @property
    def report(self) -> Report | None:
        """The last report, None before the first."""
        return self.monitor.report
