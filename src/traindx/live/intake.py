"""What a training logs, taken in: numbers written at once, others as soon as they are known.

``Monitor.log`` itself has a quick path for what nearly all calls are, the names of the call before; all others come here.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

_ELSEWHERE: Final = "it belongs to the process that made it; make another one in this process"
_INACTIVE: Final = "inactive"
_TAKEN: Final = (float, Late)


class Guarding(Protocol):
    """What is asked of whoever guards a run: bounds by name, and to be told of values that are not between them."""

    bounds: dict[str, Bounds]

    def tripped(self, step: float, name: str, value: float) -> None: ...


class Choosing(Protocol):
    """What is asked of whoever chooses checkpoints: which names matter to it, and to be told of their values."""

    def matters(self, names: tuple[str, ...]) -> bool: ...

    def take(self, step: float, told: Mapping[str, Any]) -> None: ...

    def arrived(self, step: float, values: Mapping[str, float]) -> None: ...


class Comparing(Protocol):
    """What is asked of whoever compares ranks: to be shown every row, and to end."""

    def take(self, step: int, told: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


@final
@dataclass(frozen=True, slots=True)
class Quick:
    """What the next call is expected to be like: these names, floats, and a form of record that still holds."""

    names: tuple[str, ...]
    floats: tuple[type[float], ...]
    bounds: tuple[Bounds, ...]
    form: Form


@final
class Intake:
    """Takes rows from the training thread (or several) and sees to it that they get into the event file.

    ``warner`` is told what went wrong, ``guards`` what is out of its bounds. Nothing is taken after ``close``, nor in a forked
    process, to which the file does not belong, nor ever where ``active`` is False.
    """

    def __init__(self, directory: Path, warner: Warner, *, last_step: int = -1, active: bool = True) -> None:
        self.count = StepCount(last_step)
        self.guards: Guarding | None = None
        self.board: Choosing | None = None
        self.ranks: Comparing | None = None
        self.after_removal: Callable[[], None] = lambda: None
        self._warner = warner
        self._values = Values()
        self._recorder = Recorder(directory, warner.once, self._removed, active=active)
        self.file = self._recorder.file
        self._late = LateRows(self._write, self._unfit)
        self.quick: Quick | None = None
        self._refused = "" if active else _INACTIVE
        _in_forked_processes(self.abandon)

    @property
    def path(self) -> Path:
        """Where the event file lies."""
        return self.file.path

    def last_step(self) -> int:
        """Return the last step that was recorded; -1 where there is none, or no file to hold it."""
        return self.count.last if self.file.begun else -1

    @property
    def elsewhere(self) -> bool:
        """Whether this is a forked process, to which the run does not belong."""
        return self._refused is _ELSEWHERE

    def tells_of_disk(self) -> bool:
        """Whether the training has been warned that its folder is not to be had; what was removed is put back first."""
        self.file.attend(at_once=True)
        return self._warner.knows("disk") or self._warner.knows("removed")

    def look_again(self) -> None:
        """Look at every name of the next row: what was of no interest may be now."""
        self.quick = None

    def note(self, step: int, values: Mapping[str, float]) -> None:
        """Write a row that another thread has made, at a step of its own choice: no step is counted for it."""
        if values and not self._refused:
            _ = self._recorder.record(int(wall_clock() * TICKS), step, (*values,), (*values.values(),))

    def flush(self, timeout_s: float) -> bool:
        """Write what waits for a device or a disk; False where values did not arrive in time."""
        if self._refused:
            return True
        arrived = self._late.wait(timeout_s)
        self.file.flush()
        self._warner.tell_held()
        return arrived

    def close(self, timeout_s: float) -> bool:
        """Flush, and take nothing more; False where values did not arrive in time and are lost."""
        if self._refused:
            return True
        arrived = self._late.wait(timeout_s)
        self._refused = "it has been closed"
        self.quick = None
        self._late.close()
        self.file.close()
        self._warner.tell_held()
        return arrived

    def abandon(self) -> None:
        """Leave the file to the process that this one was forked from."""
        if not self._refused:
            self._refused = _ELSEWHERE
        self.quick = None
        self._late.abandon()
        self._recorder.abandon()

    def take(self, values: Mapping[str, Any] | None, step: object, epoch: object, more: dict[str, Any]) -> None:
        """Record one row. Raises nothing for a value that is unfit, nor for a disk that is full: it warns."""
        self._warner.tell_held()
        if self._refused and self._refused is not _INACTIVE:
            self._warner.once("refused", f"this monitor records nothing here: {self._refused}")
            return
        self.quick = None
        told = {**(values or {}), **more}
        if epoch is not None:
            told["epoch"] = epoch
        if self._refused:
            self._show(self.count.take(self._whole(step), (*told,)), told)
            return
        taken = self.taken(told)
        if not taken:
            return
        at = self.count.take(self._whole(step), (*taken,))
        tick = int(wall_clock() * TICKS)
        waiting = self._late.names() if self._late else ()
        late = {name: value for name, value in taken.items() if isinstance(value, Late) or name in waiting}
        self._show(at, taken)
        if late and not self._late.add(LateRow(tick, at, (*late,), (*late.values(),))):
            self._warner.once(
                "late", f"{len(self._late)} rows wait for a device: values on it are left out from now on"
            )
        known = {name: value for name, value in taken.items() if not isinstance(value, Late) and name not in late}
        if known:
            names, numbers = (*known,), (*known.values(),)
            form = self._recorder.record(tick, at, names, numbers)
            self.guard(at, names, numbers)
            if form is not None and not late:
                self.quick = self._expected(form, self.count.names or names)

    def _show(self, at: int, told: Mapping[str, Any]) -> None:
        """Show a row to those who choose checkpoints and compare ranks."""
        if self.board is not None:
            self.board.take(at, told)
        if self.ranks is not None:
            self.ranks.take(at, told)

    def _expected(self, form: Form, names: tuple[str, ...]) -> Quick | None:
        """Return what the next call will most likely be like; nothing while the rows at hand are not alike."""
        if self.ranks is not None or (self.board is not None and self.board.matters(names)):
            return None  # evaluations are rare, and each of them is looked at; where ranks are compared every row is
        bounds = self.guards.bounds if self.guards is not None else {}
        return Quick(names, (float,) * len(names), tuple(bounds.get(name, FINITE) for name in names), form)

    def taken(self, told: Mapping[Any, Any]) -> dict[str, float | Late]:
        """Return the values that are numbers, or will be; warn of the others."""
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
        self.guard(step, names, numbers)
        if self.board is not None:
            self.board.arrived(step, dict(zip(names, numbers, strict=True)))

    def guard(self, step: int, names: tuple[str, ...], numbers: tuple[float, ...]) -> None:
        """Tell the guards of every value out of its bounds."""
        guards = self.guards
        if guards is None:
            return
        for name, value in zip(names, numbers, strict=True):
            low, high = guards.bounds.get(name, FINITE)
            if not low < value < high:
                self.quick = None  # bounds change when one is passed
                guards.tripped(step, name, value)

    def stumbled(
        self,
        error: Exception,
        values: Mapping[str, Any] | None,
        step: object,
        epoch: object,
        more: dict[str, Any],
    ) -> None:
        """Take a row that the quick path could not, or say why nobody can."""
        if isinstance(error, Warning):  # where warnings are errors, that is what was asked for
            raise error
        if isinstance(error, OverflowError) and self.quick is not None:
            self.take(values, step, epoch, more)
            return
        self._warner.once("stumbled", f"a row could not be recorded, and the training goes on: {error!r}")

    def _removed(self) -> None:
        self.after_removal()

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
