"""A monitor as integrations hold it: whatever fails is warned of once, and the training goes on without it.

For the files of this room only. None of them imports the framework of another, and this one imports none.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, final

from traindx.context import FactValue, canonical_fact
from traindx.diagnosis import Report
from traindx.errors import UsageError
from traindx.live import Monitor, StopPolicy

Given = Monitor | str | Path
T = TypeVar("T")


@final
class GuardedMonitor:
    """Takes a ``Monitor``, or a directory and the options of one that is opened at first use and closed by ``close``.

    After the first failure (a full disk, a method that raises, a framework that changed) nothing is tried again:
    ``broken`` is true, every call does nothing, and ``should_stop`` is false. ``name`` says in the warning who steps aside.
    What the user told the monitor is never overruled by what a framework tells.

    Raises ``UsageError`` for options beside a monitor that is there already, and ``TypeError`` or ``UsageError`` for those that no
    monitor takes: before the training, not in it.
    """

    def __init__(self, name: str, target: Given, options: Mapping[str, Any] | None = None) -> None:
        if isinstance(target, Monitor) and options:
            named = ", ".join(sorted(options))
            raise UsageError(f"{named} given beside a monitor", hint="give them to the monitor itself")
        check(options or {})
        self.name, self.broken = name, False
        self._target, self._options = target, dict(options or {})
        self._monitor = target if isinstance(target, Monitor) else None
        self._closed = False
        self._told: dict[str, FactValue] = {}

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

    @property
    def report(self) -> Report | None:
        """The last report; None before the first."""
        return None if self._monitor is None else self._monitor.report

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

    def learnt(self, read: Callable[[], T]) -> T | None:
        """Return what ``read`` finds out about the training; None, and no word, where it cannot be found out."""
        try:
            return read()
        except Exception:  # noqa: BLE001 - the report asks for a fact that it misses
            return None

    def begin(self, settings: Mapping[str, Any] | None = None, *, resume: bool = False) -> None:
        """Take up recording, again if it was closed; ``settings`` are kept if the monitor is opened here.

        One that was closed, or that is told to ``resume``, goes on counting in its directory.
        """
        if self.broken or (not self._closed and self._monitor is not None):
            return
        again, self._closed = self._closed, False
        if not isinstance(self._target, Monitor):
            self._options["resume"] = resume or again or bool(self._options.get("resume"))
            self._monitor = None
            self._options["settings"] = {**(settings or {}), **(self._options.get("settings") or {})}
        self.attempt(lambda: self.monitor.tell(self._told), None)

    def log(self, values: Mapping[str, Any] | None, *, step: int | None = None, epoch: float | None = None) -> None:
        """Record values, as ``Monitor.log`` does; nothing where there are none, or after ``close``."""
        if values and not self._closed:
            self.attempt(lambda: self.monitor.log(values, step=step, epoch=epoch), None)

    def tell(self, facts: Mapping[str, FactValue | None] | None) -> None:
        """Tell those facts of the run that are known and new, and that the user has not told under whichever name."""
        known = {name: value for name, value in (facts or {}).items() if value is not None}
        if known and not self._closed:
            self.attempt(lambda: self._tell(known), None)

    def _tell(self, known: Mapping[str, FactValue]) -> None:
        users = {_spelled(name) for name in self.monitor.given}
        news = {name: value for name, value in known.items() if _spelled(name) not in users}
        if not news.items() <= self._told.items():
            self._told |= news
            self.monitor.tell(news)

    def before_close(self, action: Callable[[], None]) -> None:
        """Have ``action`` called when the monitor closes, wherever it was opened."""
        self.attempt(lambda: self.monitor.before_close(action), None)

    @property
    def should_stop(self) -> bool:
        """Whether the run should end now; a monitor that failed stops nothing."""
        return self.attempt(lambda: self._monitor is not None and self._monitor.should_stop, otherwise=False)

    def close(self) -> None:
        """Close the monitor if it was opened here: one that was handed in is closed by whoever opened it."""
        closed, self._closed = self._closed, True
        if not isinstance(self._target, Monitor) and not closed and self._monitor is not None:
            self.attempt(self._monitor.close, None)


def check(options: Mapping[str, Any]) -> None:
    """Raise ``TypeError`` or ``UsageError`` for options that no monitor takes; an integration that opens late asks at once."""
    inspect.signature(Monitor).bind("", **options)
    StopPolicy.of(options.get("stop"))


def _spelled(name: str) -> str:
    """A fact's own name for its alias; what is no fact as it is."""
    try:
        return canonical_fact(name)
    except UsageError:
        return name
