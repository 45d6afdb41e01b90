"""Gathering what all processes of a training measure, without one of them ever waiting for another."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal, final

from traindx.errors import UsageError
from traindx.live.ranks.comparing import Comparison
from traindx.live.ranks.group import operations_begun, own_store, rank_now, world_size
from traindx.live.ranks.post import MOST_VALUES, Post, packed, unpacked
from traindx.live.values import Late, NotANumberError, Values
from traindx.live.warner import Warner

_STORE_S: Final = 5.0  # a store that has not answered by then is gone


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """How all ranks are gathered."""

    every: int = 50
    """Steps between two of which all tell: a row for each rank is written for each."""

    beat_s: float = 2.0
    """Seconds between two signs of life: one message of a kilobyte each."""

    silent_after_s: float = 60.0
    """Longer than a step, a pause of the interpreter or a busy network takes a thread that does nothing else."""

    def __post_init__(self) -> None:
        if not (self.every >= 1 and self.beat_s > 0 and self.silent_after_s > self.beat_s):
            raise UsageError(
                "ranks are gathered every one step at least, by signs of life that come oftener than a rank may be silent",
                hint="such as Gathering(every=50, beat_s=2, silent_after_s=60)",
            )


@final
class Gatherer:
    """Posts what this process measures, and on rank 0 records what all of them do.

    Posts go through the key-value store of the process group, each rank's under a key of its own, from a thread of its own: no
    collective operation, so that a rank that stops, dies or logs something else keeps nobody waiting. ``take`` is called in the
    training thread after each row. ``record`` writes a row into the log.
    """

    def __init__(
        self,
        directory: Path,
        settings: Gathering,
        warner: Warner,
        record: Callable[[int, Mapping[str, float]], None],
        judge: Callable[[], object],
    ) -> None:
        self._settings, self._warner, self._record, self._judge = settings, warner, record, judge
        self._store = own_store()
        self._store.set_timeout(timedelta(seconds=_STORE_S))
        self.rank, self._world = rank_now(), world_size()
        self._key = "traindx/" + hashlib.sha256(str(directory).encode()).hexdigest()[:16]
        self._comparison = Comparison(every=settings.every, silent_after_s=settings.silent_after_s)
        self._values = Values()
        self._step, self._time = -1, time.perf_counter()
        self._intervals: deque[float] = deque(maxlen=max(settings.every, 2))
        self._row: dict[str, float | Late] = {}
        self._ready: tuple[int, dict[str, float | Late], float, int | None] | None = None
        self._begun: int | None = None
        self._post = Post(beat=0, step=-1)
        self._ended = threading.Event()
        self._process = os.getpid()
        self._thread = threading.Thread(target=self._go, name="traindx-ranks", daemon=True)
        self._thread.start()

    def take(self, step: int, told: Mapping[str, Any]) -> None:
        """Take a row of this process; nothing is waited for, and values are looked at only at steps of which all tell."""
        if step != self._step:
            now = time.perf_counter()
            if self._row:
                self._ready = self._step, self._row, _typical(self._intervals), self._begun
                self._row = {}
            if self._step >= 0:
                self._intervals.append(now - self._time)
            self._step, self._time = step, now
            self._begun = operations_begun() if step % self._settings.every == 0 else None
        if step % self._settings.every == 0:
            for name, value in told.items():
                if len(self._row) < MOST_VALUES:
                    self._note(name, value)

    def close(self) -> None:
        """Tell the others that this process ends as it should, for a bounded time."""
        if os.getpid() != self._process:
            return
        if self._row:
            self._ready = self._step, self._row, _typical(self._intervals), self._begun
        self._ended.set()
        self._thread.join(_STORE_S)

    def _note(self, name: str, value: object) -> None:
        try:
            self._row[name] = self._values.take(value)
        except (NotANumberError, TypeError, ValueError, RuntimeError):
            return  # whoever records warns of it

    def _go(self) -> None:
        began = time.monotonic()
        self._comparison.expect(self._world, began)
        while True:
            ended = self._ended.wait(self._settings.beat_s)
            try:
                self._tell(over=ended)
                if self.rank == 0:
                    self._listen()
            except Exception as problem:  # noqa: BLE001 - the border to the training: a store that is gone ends the gathering only
                if not ended:
                    self._warner.once("ranks", f"the ranks are not compared any more: {type(problem).__name__}")
                return
            if ended:
                return

    def _tell(self, *, over: bool) -> None:
        ready = self._ready
        if ready is not None and all(not isinstance(value, Late) or value.ready() for value in ready[1].values()):
            self._ready = None
            at, row, seconds, begun = ready
            numbers = {name: _number(value) for name, value in row.items()}
            self._post = replace(self._post, at=at, values=numbers, step_time=seconds, begun=begun)
        self._post = replace(self._post, beat=self._post.beat + 1, step=self._step, over=over)
        self._store.set(f"{self._key}/{self.rank}", packed(self._post))

    def _listen(self) -> None:
        now = time.monotonic()
        self._write(self._comparison.take(0, self._post, now))
        for rank in range(1, self._world):
            key = f"{self._key}/{rank}"
            post = unpacked(self._store.get(key)) if self._store.check([key]) else None
            if post is not None:
                self._write(self._comparison.take(rank, post, now))
        if self._write(self._comparison.silences(time.monotonic())):
            _ = self._judge()  # the first rank may be waiting for the silent one, and ask nothing itself

    def _write(self, rows: Any) -> int:
        count = 0
        for step, values in rows:
            self._record(step, values)
            count += 1
        return count


def _number(value: float | Late) -> float:
    return value.number() if isinstance(value, Late) else value


def _typical(intervals: deque[float]) -> float:
    return median(intervals) if intervals else float("nan")


Ranks = Literal["first", "each", "gather"] | Gathering
_WAYS: Final = ("first", "each", "gather")


def ranks_of(ranks: Ranks) -> Ranks:
    """Return how ranks are to be treated, as given. Raises ``UsageError`` for what is no such way."""
    if not isinstance(ranks, Gathering) and ranks not in _WAYS:
        raise UsageError(f"ranks cannot be {ranks!r}", hint=f"give {', '.join(map(repr, _WAYS))} or a Gathering")
    return ranks


def gatherer_of(
    ranks: Ranks,
    directory: Path,
    warner: Warner,
    record: Callable[[int, Mapping[str, float]], None],
    judge: Callable[[], object],
) -> Gatherer | None:
    """Return what compares the ranks of this training; None where nobody asked for it, and with a warning where they cannot be."""
    if ranks in ("first", "each"):
        return None
    settings = ranks if isinstance(ranks, Gathering) else Gathering()
    try:
        return Gatherer(directory, settings, warner, record, judge)
    except (LookupError, RuntimeError, AttributeError) as problem:
        warner.once("ranks", f"the ranks cannot be compared: {problem}")
        return None
