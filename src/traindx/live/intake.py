"""What a training logs, taken in: numbers written at once, others as soon as they are known.

``take`` has a quick path for what nearly all calls are: the same names as the time before, with Python floats. It is one long
function because each further call of a function would cost a tenth of what it costs as a whole.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import write
from pathlib import Path
from time import time as wall_clock
from typing import Any, Final, Protocol, final

from traindx.live.checksum_tables import TICKS
from traindx.live.event_form import Form
from traindx.live.guards import FINITE, Bounds
from traindx.live.late_rows import LateRow, LateRows
from traindx.live.recorder import Recorder
from traindx.live.step_count import StepCount
from traindx.live.values import Late, Values
from traindx.live.warner import Warner

_TAKEN: Final = (float, Late)


class Guarding(Protocol):
    """What is asked of whoever guards a run: bounds by name, and to be told of values that are not between them."""

    bounds: dict[str, Bounds]

    def tripped(self, step: float, name: str, value: float) -> None: ...


@final
@dataclass(frozen=True, slots=True)
class _Quick:
    """What the next call is expected to be like: these names, floats, and a form of record that still holds."""

    names: tuple[str, ...]
    floats: tuple[type[float], ...]
    bounds: tuple[Bounds, ...]
    form: Form


@final
class Intake:
    """Takes rows from the training thread (or several) and sees to it that they get into the event file.

    ``warner`` is told what went wrong, ``guards`` what is out of its bounds. Nothing is taken after ``close``, nor in a forked
    process, to which the file does not belong.
    """

    def __init__(self, directory: Path, warner: Warner, *, last_step: int = -1) -> None:
        self.count = StepCount(last_step)
        self.guards: Guarding | None = None
        self.after_removal: Callable[[], None] = lambda: None
        self._warner = warner
        self._values = Values()
        self._recorder = Recorder(directory, warner.once, lambda: self.after_removal())
        self._file = self._recorder.file
        self._late = LateRows(self._write, self._unfit)
        self._quick: _Quick | None = None
        self._refused = ""
        _in_forked_processes(self.abandon)

    @property
    def path(self) -> Path:
        """Where the event file lies."""
        return self._file.path

    def take(self, values: Mapping[str, Any] | None, step: object, epoch: object, more: dict[str, Any]) -> None:
        """Record one row. Raises nothing for a value that is unfit, nor for a disk that is full: it warns."""
        quick = self._quick
        if quick is None or epoch is not None:
            return self._take_slowly(values, step, epoch, more)
        told = more
        if values is not None:
            if more or type(values) is not dict:
                return self._take_slowly(values, step, epoch, more)
            told = values
        if (*told,) != quick.names:
            return self._take_slowly(values, step, epoch, more)
        numbers = (*told.values(),)
        if (*map(type, numbers),) != quick.floats:
            taken = self._taken(told)
            numbers = (*taken.values(),)
            if (*map(type, numbers),) != quick.floats:
                return self._take_slowly(taken, step, epoch, {})
        count, form = self.count, quick.form
        if step is None and count.names is quick.names:
            at = count.last + 1
        elif type(step) is int and step != count.last:
            at = step
        else:
            return self._take_slowly(values, step, epoch, more)
        tick = int(wall_clock() * 1024)
        if tick >> 10 != form.second or not form.first <= at < form.end:
            return self._take_slowly(values, step, epoch, more)
        try:
            record = form.record(tick, at, numbers)
        except OverflowError:
            return self._take_slowly(values, step, epoch, more)
        count.last, count.names = at, quick.names
        try:
            written = write(self._file.descriptor, record)
        except OSError as error:
            self._file.failed(record, 0, error)
        else:
            if written != form.size:
                self._file.failed(record, written)
        for value, (low, high) in zip(numbers, quick.bounds):  # noqa: B905 - of one length; saying so takes time
            if not low < value < high:
                return self._guard(at, quick.names, numbers)
        return None

    def flush(self, timeout_s: float) -> bool:
        """Write what waits for a device or a disk; False where values did not arrive in time."""
        if self._refused:
            return True
        arrived = self._late.wait(timeout_s)
        self._file.flush()
        self._warner.tell_held()
        return arrived

    def close(self, timeout_s: float) -> bool:
        """Flush, and take nothing more; False where values did not arrive in time and are lost."""
        if self._refused:
            return True
        arrived = self._late.wait(timeout_s)
        self._refused = "it has been closed"
        self._quick = None
        self._late.close()
        self._file.close()
        self._warner.tell_held()
        return arrived

    def abandon(self) -> None:
        """Leave the file to the process that this one was forked from."""
        if not self._refused:
            self._refused = "it belongs to the process that made it: make another one here"
        self._quick = None
        self._late.abandon()
        self._recorder.abandon()

    def _take_slowly(self, values: Mapping[str, Any] | None, step: object, epoch: object, more: dict[str, Any]) -> None:
        self._warner.tell_held()
        if self._refused:
            self._warner.once("refused", f"this monitor records nothing more: {self._refused}")
            return
        self._quick = None
        told = {**(values or {}), **more}
        if epoch is not None:
            told["epoch"] = epoch
        taken = self._taken(told)
        if not taken:
            return
        at = self.count.take(self._whole(step), (*taken,))
        tick = int(wall_clock() * TICKS)
        waiting = self._late.names() if self._late else ()
        late = {name: value for name, value in taken.items() if isinstance(value, Late) or name in waiting}
        if late and not self._late.add(LateRow(tick, at, (*late,), (*late.values(),))):
            self._warner.once(
                "late", f"{len(self._late)} rows wait for a device: values on it are left out from now on"
            )
        known = {name: value for name, value in taken.items() if not isinstance(value, Late) and name not in late}
        if known:
            names, numbers = (*known,), (*known.values(),)
            form = self._recorder.record(tick, at, names, numbers)
            self._guard(at, names, numbers)
            if form is not None and not late:
                self._quick = self._expected(form, self.count.names or names)

    def _expected(self, form: Form, names: tuple[str, ...]) -> _Quick | None:
        """Return what the next call will most likely be like; nothing while the rows at hand are not alike."""
        bounds = self.guards.bounds if self.guards is not None else {}
        return _Quick(names, (float,) * len(names), tuple(bounds.get(name, FINITE) for name in names), form)

    def _taken(self, told: Mapping[Any, Any]) -> dict[str, float | Late]:
        """Return the values that are numbers, or will be."""
        taken: dict[str, float | Late] = {}
        for key, value in told.items():
            name = key if isinstance(key, str) else str(key)
            try:
                taken[name] = value if type(value) in _TAKEN else self._values.take(value)
            except Exception as error:  # noqa: BLE001 - whatever a value of any library raises: it is left out, and named
                self._unfit(name, str(error))
        return taken

    def _whole(self, step: object) -> int | None:
        """Return a step as an integer; None, so that steps are counted here, where it cannot be one without waiting."""
        if step is None or type(step) is int:
            return step
        try:
            number = self._values.take(step)
            if not isinstance(number, Late):
                return int(step) if isinstance(step, int) else int(number)
            reason = "it is still on its device; give a Python integer"
        except (TypeError, ValueError, OverflowError) as error:
            reason = str(error)
        self._warner.once("step", f"steps are counted here, since the one given cannot be used: {reason}")
        return None

    def _write(self, tick: int, step: int, names: tuple[str, ...], numbers: tuple[float, ...]) -> None:
        """Write a row that has been waited for: called by the thread that did."""
        _ = self._recorder.record(tick, step, names, numbers)
        self._guard(step, names, numbers)

    def _guard(self, step: int, names: tuple[str, ...], numbers: tuple[float, ...]) -> None:
        guards = self.guards
        if guards is None:
            return
        for name, value in zip(names, numbers, strict=True):
            low, high = guards.bounds.get(name, FINITE)
            if not low < value < high:
                self._quick = None  # bounds change when one is passed
                guards.tripped(step, name, value)

    def _unfit(self, name: str, reason: str) -> None:
        self._warner.once(f"unfit {name}", f"{name!r} is left out, since it is no number: {reason}")


def _in_forked_processes(abandon: Callable[[], None]) -> None:
    """Call a method in every process forked from this one while its object lives."""
    method = weakref.WeakMethod(abandon)

    def after() -> None:
        alive = method()
        if alive is not None:
            alive()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=after)
