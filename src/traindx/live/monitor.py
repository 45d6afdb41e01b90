"""The monitor: what a training loop talks to."""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from os import write
from pathlib import Path
from time import time as wall_clock
from typing import Any, Final, Self, final

from traindx.context import FactValue
from traindx.diagnosis import Finding, Report
from traindx.live.announcing import Announcer
from traindx.live.changes import Change
from traindx.live.intake import Intake
from traindx.live.judging import Judging
from traindx.live.keeping import By, Keeper, Kept, Saver, Ties
from traindx.live.notices import Cooldown, Notifier, in_turn
from traindx.live.objectives import Objective
from traindx.live.pace import Pace
from traindx.live.provenance import provenance
from traindx.live.ranks import Ranks, gatherer_of, rank_now, ranks_of
from traindx.live.resuming import step_to_count_from
from traindx.live.settings import facts_given, facts_told, write_settings
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
    error clean; ``pace`` says how often the run is judged. ``notify`` are addresses of webhooks and services that changes are
    sent to, ``cooldown_s`` apart at least; the variable TRAINDX_NOTIFY adds to them.

    Of several ranks only the first records and judges. With ``ranks="gather"``, or a ``Gathering`` that says how often, it compares
    all of them, and none waits for another; with ``ranks="each"`` every rank has a monitor of its own, in a directory of its own.

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
        notify: str | Iterable[str] | None = None,
        cooldown_s: float = Cooldown().between_s,
        ranks: Ranks = "first",
        resume: bool = False,
        active: bool = True,
    ) -> None:
        self.directory = Path(directory)
        policy, ranks = StopPolicy.of(stop), ranks_of(ranks)
        planned = {} if total_steps is None else {"total_steps": total_steps}
        self._facts = {**(objective.facts() if objective else {}), **facts_given({**(facts or {}), **planned})}
        self._given = frozenset(self._facts)
        self._settings = dict(settings or {}) | {"recorded_by": provenance()}
        self._before_close: list[Callable[[], None]] = []
        self._warner = Warner()
        self._active = active = active and (ranks == "each" or rank_now() == 0)
        last = step_to_count_from(self.directory, self._warner, resume=resume) if active else -1
        self._intake = Intake(self.directory, self._warner, last_step=last, active=active)
        self._intake.after_removal = self.tell
        self.tell()
        count, look_again = self._intake.count, self._intake.look_again
        self._keeper = Keeper(self.directory, self._warner, lambda: count.last, look_again, resume=resume)
        self._intake.board = self._keeper.board
        self._notifier = Notifier.of(
            notify if active else None, run=self.directory.name, cooldown=Cooldown(between_s=cooldown_s)
        )
        self._judging = Judging(
            self.directory,
            self._intake.last_step,
            policy=policy,
            pace=pace,
            announcer=None if quiet else Announcer(),
            on_change=in_turn(self._notifier.change, on_change),
            on_stop=in_turn(self._notifier.stopped, on_stop),
            excused=self._intake.tells_of_disk,
        )
        self._intake.guards = self._judging.guards
        self._intake.ranks = gatherer_of(ranks, self.directory, self._warner, self._intake.note, self._judging.judge)
        self._at_exit = partial(_close_where_alive, weakref.ref(self))
        if active:
            self._judging.start()
            atexit.register(self._at_exit)

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
        self._facts |= facts_told({**(facts or {}), **more}, self._warner)
        if not self._active or self._intake.elsewhere:
            return
        try:
            write_settings(self.directory, self._facts, self._settings)
        except (OSError, TypeError, ValueError) as error:
            kind = "disk" if isinstance(error, OSError) else "settings"  # of a disk the log itself has told already
            self._warner.once(kind, f"facts and settings cannot be written beside the log: {error}")

    def judge(self) -> Report:
        """Judge the run as it is now, in this thread; return the report."""
        return self._judging.judge()

    def is_best(self, name: str, *, higher_is_better: bool | None = None, ties: Ties = "first") -> bool:
        """Whether the newest value of ``name`` is the best so far, beyond what the noise of evaluations explains.

        Compared is with the value at which this last said True, by the smoothed levels that ``traindx pick`` uses: with ``ties="first"`` a
        lucky evaluation is no new best and many small gains become one, with ``ties="last"`` every evaluation is that cannot be
        told from the best. Under eight evaluations the plain values decide. Which side is better follows from the name unless
        ``higher_is_better`` says it. It waits for no device: while the newest value is still on one the answer is False, and the true
        one afterwards.
        """
        return self._keeper.is_best(name, higher_is_better=higher_is_better, ties=ties)

    def keep_best(
        self, saver: Saver, by: By | None = None, *, last: bool = True, suffix: str = ".pt", ties: Ties = "first"
    ) -> tuple[Kept, ...]:
        """Call after an evaluation: keep this moment's checkpoint as ``best_r1``, ``best_loss``, ``last``, if it is worth it.

        ``saver(path)`` writes a file (or with ``suffix=""`` a folder) to the path that it is given; it is called once at most. ``by`` names
        the metrics: one, several, or a mapping of names to metrics; by default the main metric and the loss on held-out data.
        What was kept before stays until the new one is whole, and stays for good where saving fails, which is warned of once. Only
        rank 0 saves. Returns what was kept now; ``kept`` has all.
        """
        return self._keeper.keep_best(saver, by, last=last, suffix=suffix, ties=ties)

    @property
    def kept(self) -> Mapping[str, Kept]:
        """The checkpoints that ``keep_best`` keeps, by name."""
        return self._keeper.kept

    def survived(self, error: BaseException) -> None:
        """Tell an error that the loop has caught and survived, such as a batch that did not fit into memory."""
        self._judging.survived(error)

    @property
    def given(self) -> frozenset[str]:
        """Names of the facts that it was made with, which no integration overrules."""
        return self._given

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

    def watch(self, model: object, optimizer: object, **options: Any) -> Any:
        """Log what the optimiser of a PyTorch loop does; see ``traindx.integrations.torch_loop.watch``."""
        return import_module("traindx.integrations.torch_loop").watch(model, optimizer, self, **options)

    def before_close(self, action: Callable[[], None]) -> None:
        """Have ``action`` called once when the monitor closes and still records, as those need who hold values back."""
        self._before_close.append(action)

    def flush(self) -> None:
        """Wait for values that are still on a device, ten seconds at most, and have the system put all on its disk.

        Not needed for a reader to see a step, nor for it to outlive this process: that it does when ``log`` returns. A machine
        that loses its power keeps what was flushed.
        """
        self._in_time(self._intake.flush)

    def close(self) -> None:
        """Record what is still on its way, judge for the last time, and close the file. Called again, it does nothing."""
        try:
            while self._before_close:
                self._warner.unless_done(
                    "held back", "what was held back until the end is lost", self._before_close.pop()
                )
            if self._intake.ranks is not None:
                self._intake.ranks.close()
            self._in_time(self._intake.close)
        finally:  # also where warnings are errors
            atexit.unregister(self._at_exit)
            if self._active:
                self._judging.close()
                self._notifier.close()

    def _in_time(self, end: Callable[[float], bool]) -> None:
        def ended() -> None:
            if not end(_WAITED_S):
                self._warner.once("waited", f"values did not arrive from their device within {_WAITED_S:g} s")

        self._warner.unless_done("closing", "the log could not be completed", ended)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
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
