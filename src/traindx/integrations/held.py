"""A guarded monitor for frameworks that say when a training begins and ends, and that may train again.

For the files of this room only; imports no framework.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, final

from traindx.context import canonical_fact
from traindx.diagnosis import Report
from traindx.errors import UsageError
from traindx.integrations.guarded import GuardedMonitor
from traindx.live import Monitor

Given = Monitor | str | Path
T = TypeVar("T")


@final
class Held:
    """A ``Monitor`` that a user gave, or one in a directory with a monitor's ``options``, opened at once and again by each ``begin``.

    Where a training goes on after ``finish``, it goes on in the same directory, with all facts told so far. What the user
    told the monitor is never overruled by what a framework tells.
    """

    def __init__(self, name: str, given: Given, options: Mapping[str, Any]) -> None:
        if isinstance(given, Monitor) and options:
            named = ", ".join(sorted(options))
            raise UsageError(f"{named} given beside a monitor", hint="give them to the monitor itself")
        self._open: Callable[[], GuardedMonitor] = lambda: GuardedMonitor(name, given, options)
        self._facts: dict[str, Any] = {}
        self._finished = False
        self._guarded = self._open()
        self._report: Callable[[], Report | None] = lambda: None
        self._remember(self._guarded.monitor)  # what is wrong with the options is said here
        self._users = frozenset(_spelled(name) for name in self._guarded.monitor.given)

    def begin(self) -> None:
        """Take up recording, again if it was finished."""
        if self._finished and not self._guarded.broken:
            self._finished, self._guarded = False, self._open()
            self._guarded.attempt(lambda: self._remember(self._guarded.monitor), None)
            self._guarded.tell(self._facts)

    def finish(self) -> None:
        """Close the monitor if it was opened here, which judges the run once more."""
        self._finished = True
        self._guarded.close()

    def log(self, values: Mapping[str, Any], *, step: int, epoch: float | None = None) -> None:
        """Record the values of one step."""
        self._guarded.log(values, step=step, epoch=epoch)

    def tell(self, facts: Mapping[str, Any]) -> None:
        """Tell those facts that are known and new."""
        known = {name: value for name, value in facts.items() if value is not None and name not in self._users}
        if not known.items() <= self._facts.items():
            self._facts |= known
            self._guarded.tell(known)

    def attempt(self, action: Callable[[], T], otherwise: T) -> T:
        """Return what ``action`` returns; where it fails, warn, and step aside."""
        return self._guarded.attempt(action, otherwise)

    def learnt(self, read: Callable[[], T]) -> T | None:
        """Return what ``read`` finds out about the training; None where it cannot be found out: the report then asks."""
        try:
            return read()
        except Exception:  # noqa: BLE001 - a fact that a model does not tell must not end its training
            return None

    @property
    def should_stop(self) -> bool:
        """Whether the run should end now."""
        return self._guarded.should_stop

    @property
    def report(self) -> Report | None:
        """The last report; None before the first."""
        return self._report()

    def _remember(self, monitor: Monitor) -> None:
        self._report = lambda: monitor.report


def _spelled(name: str) -> str:
    """A fact's own name for its alias; what is no fact as it is."""
    try:
        return canonical_fact(name)
    except UsageError:
        return name
