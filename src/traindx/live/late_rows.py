"""Rows whose numbers a device still computes: written by a thread of their own, in the order in which they were logged."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from traindx.live.values import Late

_POLL_S: Final = 0.02  # so often the thread looks: waking it for every step would cost the training more than it saves
MOST_WAITING: Final = 10_000  # rows; more than this, and the device has stopped answering


@final
@dataclass(frozen=True, slots=True)
class LateRow:
    """Values of one step that are not all known: ``tick`` is when they were logged."""

    tick: int
    step: int
    names: tuple[str, ...]
    values: tuple[float | Late, ...]


Write = Callable[[int, int, tuple[str, ...], tuple[float, ...]], None]


@final
class LateRows:
    """Holds rows until their numbers are known, then hands them to ``write``; the first that waits holds up all behind it.

    ``unfit`` is told the name of a value that turned out to be no number, and why.
    """

    def __init__(self, write: Write, unfit: Callable[[str, str], None]) -> None:
        self._write, self._unfit = write, unfit
        self._rows: deque[LateRow] = deque()
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._rows)

    def names(self) -> frozenset[str]:
        """Return the names that rows wait with: further values of these have to wait behind them."""
        with self._change:
            return frozenset(name for row in self._rows for name in row.names)

    def add(self, row: LateRow) -> bool:
        """Take a row; False where too many wait already."""
        with self._change:
            if len(self._rows) >= MOST_WAITING:
                return False
            self._rows.append(row)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="traindx-late-values", daemon=True)
                self._thread.start()
            elif len(self._rows) == 1:
                self._change.notify_all()
        return True

    def wait(self, timeout_s: float) -> bool:
        """Wait until all rows are written; False where that took too long."""
        with self._change:
            return self._change.wait_for(lambda: not self._rows, timeout_s)

    def close(self) -> None:
        """End the thread; what still waits is lost."""
        with self._change:
            self._closed = True
            self._change.notify_all()

    def abandon(self) -> None:
        """Forget all in a forked process, which has neither the thread nor the device."""
        self._rows, self._change, self._thread, self._closed = deque(), threading.Condition(), None, True

    def _run(self) -> None:
        while True:
            with self._change:
                _ = self._change.wait_for(lambda: self._rows or self._closed)
                if self._closed:
                    return
            while self._rows and _ready(self._rows[0]):
                self._settle(self._rows[0])
                with self._change:
                    _ = self._rows.popleft()
                    if not self._rows:
                        self._change.notify_all()
            if self._rows:
                time.sleep(_POLL_S)

    def _settle(self, row: LateRow) -> None:
        names: list[str] = []
        numbers: list[float] = []
        for name, value in zip(row.names, row.values, strict=True):
            try:
                numbers.append(value.number() if isinstance(value, Late) else value)
                names.append(name)
            except Exception as error:  # noqa: BLE001 - whatever the device's library raises: one value is lost, not the thread
                self._unfit(name, f"{type(error).__name__}: {error}")
        if names:
            self._write(row.tick, row.step, tuple(names), tuple(numbers))


def _ready(row: LateRow) -> bool:
    try:
        return all(not isinstance(value, Late) or value.ready() for value in row.values)
    except Exception:  # noqa: BLE001 - then asking for the number says why
        return True
