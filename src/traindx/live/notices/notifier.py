"""Notices of a run: sent from a thread of their own, which the training never waits for."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar, final

from traindx.errors import TraindxError
from traindx.live.cautions import Cautions
from traindx.live.changes import Change
from traindx.live.notices.address import VARIABLE, Address, addresses_of_environment
from traindx.live.notices.gate import Cooldown, Gate
from traindx.live.notices.notice import Notice, notice_of
from traindx.live.notices.sending import TIMEOUT_S, Failure, attempt, checked_addresses
from traindx.live.stopping import StopDecision

# Of three attempts in some twenty seconds one gets through where a service restarts or a network is busy.
_PAUSES_S: Final = (2.0, 15.0)
# Half an hour each: who has not been reached by then for eight notices needs none of the older ones.
_MOST_WAITING: Final = 8
_LAST_S: Final = 10.0

T = TypeVar("T")


@final
class Notifier:
    """Tells the changes of one run to some addresses: at most one notice in a cool-down, and a last one at the end.

    All methods return at once and never raise; a service that cannot be reached is warned of once, by its host alone. Without
    addresses nothing is started. ``close`` waits ``last_s`` at most for the last notice.
    """

    def __init__(
        self,
        addresses: Sequence[Address],
        *,
        run: str = "",
        cooldown: Cooldown | None = None,
        timeout_s: float = TIMEOUT_S,
        pauses_s: Sequence[float] = _PAUSES_S,
        last_s: float = _LAST_S,
    ) -> None:
        self._addresses = tuple(addresses)
        self._run = run
        self._gate = Gate(cooldown or Cooldown())
        self._timeout_s, self._pauses_s, self._last_s = timeout_s, tuple(pauses_s), last_s
        self._ready: deque[Notice] = deque(maxlen=_MOST_WAITING)
        self._stop: StopDecision | None = None
        self._wake = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        self._cautions = Cautions()

    @classmethod
    def of(cls, urls: str | Iterable[str] | None, *, run: str = "", cooldown: Cooldown | None = None) -> Notifier:
        """Return the notifier to ``urls`` and to what the variable ``TRAINDX_NOTIFY`` names.

        Raises ``UsageError`` and ``MissingExtraError`` for ``urls``; a variable that makes no sense is warned of and left out.
        """
        addresses = checked_addresses(urls)
        try:
            addresses += checked_addresses(addresses_of_environment())
        except TraindxError as problem:
            warnings.warn(f"traindx: {VARIABLE} is left out: {problem}", RuntimeWarning, stacklevel=3)
        return cls(tuple(dict.fromkeys(addresses)), run=run, cooldown=cooldown)

    def change(self, change: Change) -> None:
        """Take a change of state."""
        if self._mine():
            with self._wake:
                self._gate.take(change, time.monotonic())
                self._work()

    def stopped(self, decision: StopDecision) -> None:
        """Take the decision to stop: it goes out with all that waits, without a cool-down."""
        if self._mine():
            with self._wake:
                self._stop = decision
                self._work()

    def send(self, notice: Notice) -> None:
        """Take a notice that is written already: it goes out at once."""
        if self._mine():
            with self._wake:
                self._ready.append(notice)
                self._work()

    def close(self) -> None:
        """Send what waits, for a bounded time."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        if self._thread is not None and self._mine():
            self._thread.join(self._last_s)
            if self._thread.is_alive():
                self._cautions.warn(
                    "closing", f"the last notice takes longer than {self._last_s:g} s and is not waited for"
                )

    def _mine(self) -> bool:
        """Whether there is anybody to tell, and this is the process that tells: a forked one has no thread to do so."""
        return bool(self._addresses) and os.getpid() == self._process

    def _work(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._go, name="traindx-notices", daemon=True)
            self._thread.start()
        self._wake.notify_all()

    def _go(self) -> None:
        while True:
            with self._wake:
                while not (notice := self._next()) and not self._closing:
                    self._wake.wait(self._gate.wait_s(time.monotonic()))
                if notice is None:
                    return
            for address in self._addresses:
                self._deliver(notice, address)

    def _next(self) -> Notice | None:
        """Return the notice that is due, None where none is; called with the lock."""
        if self._ready:
            return self._ready.popleft()
        stop, self._stop = self._stop, None
        changes = self._gate.due(time.monotonic(), last=self._closing or stop is not None)
        return notice_of(changes, run=self._run, stop=stop) if changes or stop is not None else None

    def _deliver(self, notice: Notice, address: Address) -> None:
        failure: Failure | None = None
        for pause_s in (0.0, *self._pauses_s):
            if pause_s and self._paused(pause_s):
                break
            failure = attempt(notice, address, self._timeout_s)
            if failure is None or failure.lasting:
                break
        if failure is not None:
            self._cautions.warn(failure.name, f"a notice to {failure.name} failed: {failure.why}; training goes on")

    def _paused(self, pause_s: float) -> bool:
        """Wait between two attempts; return whether the run has ended meanwhile, when one attempt must do."""
        with self._wake:
            return self._wake.wait_for(lambda: self._closing, pause_s)


def in_turn(first: Callable[[T], None], second: Callable[[T], None] | None) -> Callable[[T], None]:
    """Return one callback that calls both, the second where it is given."""
    if second is None:
        return first

    def both(told: T) -> None:
        first(told)
        second(told)

    return both
