"""Wrapping a logger's function for a while: what it is given is recorded too, and nothing of it changes.

For the tees of this room. The original is called first, with the same arguments; what it returns or raises is returned or raised. Only what
it took is recorded. A tee may be closed from any thread, and functions that others have wrapped since are left to them.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, cast, final

from traindx.integrations.guarded import Given, GuardedMonitor
from traindx.integrations.scalar_values import is_number
from traindx.live import Monitor

Taken = Callable[[tuple[Any, ...], dict[str, Any]], None]
_MISSING: Final = object()


@final
class Tee:
    """A handle, and a context manager: ``close`` gives the functions back and closes the monitor if it was opened here."""

    def __init__(self, name: str, monitor: Given, options: Mapping[str, Any]) -> None:
        self._guard = GuardedMonitor(name, monitor, options)
        self._lock = threading.RLock()
        self._undo: list[Callable[[], None]] = []
        self._last: Callable[[], None] = lambda: None
        self._closed = False

    @property
    def monitor(self) -> Monitor:
        """The monitor that judges what is logged."""
        return self._guard.monitor

    @property
    def directory(self) -> Path:
        """Where the run is recorded."""
        return self._guard.directory

    def wrap(self, owner: Any, name: str, taken: Taken) -> None:
        """Have ``taken`` called with the arguments of every call of ``owner.name`` that did not raise."""
        original = getattr(owner, name)

        @functools.wraps(original)
        def both(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if not self._closed:
                self._locked(lambda: taken(args, kwargs))
            return result

        before = _own(owner).get(name, _MISSING)
        setattr(owner, name, both)
        self._undo.append(lambda: _give_back(owner, name, both, before))

    def before_closing(self, action: Callable[[], None]) -> None:
        """Have ``action`` called when the tee closes: what is held back is recorded then."""
        self._last = action

    def record(self, values: Mapping[str, Any], *, step: int | None) -> None:
        """Record those values that are numbers, under names with slashes as they were given."""
        numbers = {name: value for name, value in values.items() if is_number(value)}
        if numbers:
            self._guard.monitor.log(numbers, step=step)

    def close(self) -> None:
        """Give the functions back, and judge for the last time where the monitor was opened here."""
        if self._closed:
            return
        for undo in reversed(self._undo):
            self._locked(undo)
        self._locked(self._last)
        self._closed = True
        self._guard.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _locked(self, action: Callable[[], None]) -> None:
        with self._lock:
            self._guard.attempt(action, None)


def _give_back(owner: Any, name: str, ours: object, before: object) -> None:
    if _own(owner).get(name) is not ours:
        return  # somebody has wrapped it since: ours passes everything through from now on
    if before is _MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, before)


def _own(owner: Any) -> Mapping[str, object]:
    return cast("Mapping[str, object]", vars(owner))
