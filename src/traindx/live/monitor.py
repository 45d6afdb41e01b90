"""The monitor: what a training loop talks to."""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from os import write
from pathlib import Path
from time import time as wall_clock
from types import TracebackType
from typing import Any, Final, Self, final

from traindx.context import FactValue
from traindx.diagnosis import Finding, Report
from traindx.live.announcing import Announcer
from traindx.live.changes import Change
from traindx.live.intake import Intake
from traindx.live.judging import Judging
from traindx.live.objectives import Objective
from traindx.live.pace import Pace
from traindx.live.provenance import provenance
from traindx.live.resuming import holds_a_run, last_recorded_step
from traindx.live.settings import write_settings
from traindx.live.stop_policy import StopPolicy
from traindx.live.stopping import StopDecision
from traindx.live.warner import Warner

Told = Mapping[str, FactValue]
_WAITED_S: Final = 10.0  # for values of a device, at a flush and at the end


@final
class Monitor:
    """Records a run while it trains, judges it now and then, and says when to stop.

    ``directory`` holds the run: a TensorBoard event file, and the facts and settings beside it. ``objective`` and ``facts``
    tell what theory needs; ``settings`` are kept beside the log as they are. ``stop`` says what ends the run: a ``StopPolicy``, the
    name of a preset, or codes and conditions of findings; nothing does by default. ``on_change`` is called with every finding that
    appears, grows worse or clears, ``on_stop`` with the decision to stop, both off the training thread. ``quiet`` keeps standard
    error clean; ``pace`` says how often the run is judged.

    A directory that holds a run already is written to all the same, into a file of its own. With ``resume`` steps are counted on from
    the last one there, and readings join both to one run. Without it they begin at 0 again: readings then see one run that was
    restarted, and say so. ``active=False`` makes a monitor that records nothing and judges nothing by itself, for all ranks but one;
    a monitor that is pickled into another process arrives there as such a one.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        objective: Objective | None = None,
        total_steps: int | None = None,
        facts: Told | None = None,
        settings: Mapping[str, Any] | None = None,
        stop: StopPolicy | str | Sequence[str] | None = None,
        on_change: Callable[[Change], None] | None = None,
        on_stop: Callable[[StopDecision], None] | None = None,
        quiet: bool = False,
        pace: Pace | None = None,
        resume: bool = False,
        active: bool = True,
    ) -> None:
        self.directory = Path(directory)
        policy = StopPolicy.of(stop)
        self._facts: dict[str, FactValue] = dict(objective.facts() if objective else {}) | dict(facts or {})
        if total_steps is not None:
            self._facts["total_steps"] = total_steps
        self._settings = dict(settings or {}) | {"recorded_by": provenance()}
        self._warner = Warner()
        self._active = active
        self._intake = self._begin(resume=resume)
        self._intake.after_removal = self.tell
        self.tell()
        self._judging = Judging(
            self.directory,
            self._intake.last_step,
            policy=policy,
            pace=pace,
            announcer=None if quiet else Announcer(),
            on_change=on_change,
            on_stop=on_stop,
        )
        self._intake.guards = self._judging.guards
        self._at_exit = partial(_close_where_alive, weakref.ref(self))
        if active:
            self._judging.start()
            atexit.register(self._at_exit)

    def _begin(self, *, resume: bool) -> Intake:
        last = last_recorded_step(self.directory) if resume else -1
        if self._active and not resume and holds_a_run(self.directory):
            self._warner.once(
                "holds a run",
                f"{self.directory} holds a run already: what is recorded now is read as its restart; give another directory, "
                "or resume=True to count on from its last step",
            )
        return Intake(self.directory, self._warner, last_step=last, active=self._active)

    def log(  # noqa: C901, PLR0912 - the quick path: each function more would cost a twentieth of it
        self,
        values: Mapping[str, Any] | None = None,
        /,
        *,
        step: int | None = None,
        epoch: float | None = None,
        **more: Any,
    ) -> None:
        """Record the values of one step: numbers, numpy scalars, or tensors on any device.

        Names with a slash go in as a mapping: ``log({"val/loss": x})``. Without ``step``, a call begins the next step if one of its
        names has been recorded at this one, and adds to this one otherwise.
        """
        intake, quick = self._intake, self._intake.quick
        try:
            told: Mapping[str, Any] = more if values is None else values
            if quick is None or epoch is not None or (more and values is not None) or (*told,) != quick.names:
                return intake.take(values, step, epoch, more)
            numbers: tuple[Any, ...] = (*told.values(),)
            beyond = False
            for value, (low, high) in zip(numbers, quick.bounds):  # noqa: B905 - of one length; saying so takes time
                if type(value) is not float:
                    taken = intake.taken(told)
                    if (*map(type, taken.values()),) == quick.floats:
                        return self.log(taken, step=step)
                    return intake.take(taken, step, None, {})
                if not low < value < high:
                    beyond = True
            count, form = intake.count, quick.form
            if step is None and count.names is quick.names:
                at = count.last + 1
            elif type(step) is int and step != count.last:
                at = step
            else:
                return intake.take(values, step, epoch, more)
            tick = int(wall_clock() * 1024)
            if tick >> 10 != form.second or not form.first <= at < form.end:
                return intake.take(values, step, epoch, more)
            record = form.record(tick, at, numbers)
            count.last, count.names = at, quick.names
            try:
                if (written := write(intake.file.descriptor, record)) != form.size:
                    intake.file.failed(record, written)
            except OSError as error:
                intake.file.failed(record, 0, error)
            if beyond:
                intake.guard(at, quick.names, numbers)
        except Exception as error:  # noqa: BLE001 - the border to the training, which goes on whatever fails here
            intake.stumbled(error, values, step, epoch, more)
        return None

    def tell(self, facts: Told | None = None, /, **more: FactValue) -> None:
        """Tell further facts of the run (``batch_size=256``), as integrations do that learn them late."""
        self._facts |= {**(facts or {}), **more}
        if not self._active or self._intake.elsewhere:
            return
        try:
            write_settings(self.directory, self._facts, self._settings)
        except (OSError, TypeError, ValueError) as error:
            kind = (
                "disk" if isinstance(error, OSError) else "settings"
            )  # the log itself has the same trouble, and told it
            self._warner.once(kind, f"facts and settings cannot be written beside the log: {error}")

    def judge(self) -> Report:
        """Judge the run as it is now, in this thread; return the report."""
        return self._judging.judge()

    def survived(self, error: BaseException) -> None:
        """Tell an error that the loop has caught and survived, such as a batch that did not fit into memory."""
        self._judging.survived(error)

    @property
    def report(self) -> Report | None:
        """The report of the last judgement; None before the first."""
        return self._judging.report

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong at the last judgement."""
        return self._judging.findings

    @property
    def stop_decision(self) -> StopDecision | None:
        """Why the run should end; None while it should go on."""
        return self._judging.stop_decision

    @property
    def should_stop(self) -> bool:
        """Whether the run should end now; ``stop_decision`` says why."""
        return self._judging.stop_decision is not None

    def flush(self) -> None:
        """Wait for values that are still on a device, ten seconds at most, and have the system put all on its disk.

        Not needed for a reader to see a step, nor for it to outlive this process: that it does when ``log`` returns. A machine
        that loses its power keeps what was flushed.
        """
        self._quietly(self._intake.flush)

    def close(self) -> None:
        """Record what is still on its way, judge for the last time, and close the file. Called again, it does nothing."""
        atexit.unregister(self._at_exit)
        self._quietly(self._intake.close)
        if self._active:
            self._judging.close()

    def _quietly(self, end: Callable[[float], bool]) -> None:
        try:
            if not end(_WAITED_S):
                self._warner.once("waited", f"values did not arrive from their device within {_WAITED_S:g} s")
        except Warning:
            raise
        except Exception as error:  # noqa: BLE001 - the border to the training
            self._warner.once("closing", f"the log could not be completed: {error!r}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self  # trainers copy their callbacks; there is one file and one judge

    def __reduce__(self) -> tuple[Callable[[str], Monitor], tuple[str]]:
        return _inactive, (str(self.directory),)


def _inactive(directory: str) -> Monitor:
    return Monitor(directory, active=False, quiet=True)


def _close_where_alive(monitor: weakref.ref[Monitor]) -> None:
    alive = monitor()
    if alive is not None:
        alive.close()
