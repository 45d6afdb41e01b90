"""The monitor: what a training loop talks to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from traindx.context import FactValue
from traindx.diagnosis import Finding, Report
from traindx.live.announcing import Announcer
from traindx.live.changes import Change
from traindx.live.guards import FINITE
from traindx.live.judging import Judging, Pace
from traindx.live.keeping import By, Keeper, Kept, Saver, Ties
from traindx.live.notices import Cooldown, Notifier, in_turn
from traindx.live.objectives import Objective
from traindx.live.recorder import Recorder
from traindx.live.settings import write_settings
from traindx.live.stop_policy import StopPolicy
from traindx.live.stopping import StopDecision

Told = Mapping[str, FactValue]


@final
class Monitor:
    """Records a run while it trains, judges it now and then, and says when to stop.

    ``directory`` holds the run: a TensorBoard event file, and the facts and settings beside it. ``objective`` and ``facts``
    tell what theory needs; ``settings`` are kept beside the log as they are. ``stop`` says what ends the run: a ``StopPolicy``, the
    name of a preset, or codes and conditions of findings; nothing does by default. ``on_change`` is called with every finding that
    appears, grows worse or clears, ``on_stop`` with the decision to stop, both off the training thread. ``quiet`` keeps standard
    error clean; ``pace`` says how often the run is judged. ``notify`` are addresses of webhooks and services that changes are
    sent to, ``cooldown_s`` apart at least; the variable TRAINDX_NOTIFY adds to them.
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
    ) -> None:
        self.directory = Path(directory)
        policy = StopPolicy.of(stop)
        self._facts: dict[str, FactValue] = dict(objective.facts() if objective else {}) | dict(facts or {})
        if total_steps is not None:
            self._facts["total_steps"] = total_steps
        self._settings = dict(settings or {})
        self._recorder = Recorder(self.directory)
        self._step = -1
        self._seen: set[str] = set()
        self.tell()
        self._keeper = Keeper(self.directory)
        self._notifier = Notifier.of(notify, run=self.directory.name, cooldown=Cooldown(between_s=cooldown_s))
        self._judging = Judging(
            self.directory,
            lambda: self._step,
            policy=policy,
            pace=pace,
            announcer=None if quiet else Announcer(),
            on_change=in_turn(self._notifier.change, on_change),
            on_stop=in_turn(self._notifier.stopped, on_stop),
        )
        self._guards = self._judging.guards
        self._judging.start()

    def log(
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
        told = {**(values or {}), **more}
        if epoch is not None:
            told["epoch"] = epoch
        if step is not None:
            if step != self._step:
                self._seen = set()
            self._step = step
        elif self._step < 0 or not self._seen.isdisjoint(told):
            self._step, self._seen = self._step + 1, set()
        self._seen.update(told)
        values = {name: float(value) for name, value in told.items()}
        self._recorder.record(self._step, values)
        self._keeper.board.take(self._step, values)
        for name, value in values.items():
            low, high = self._guards.bounds.get(name, FINITE)
            if not low < value < high:
                self._guards.tripped(self._step, name, value)

    def tell(self, facts: Told | None = None, /, **more: FactValue) -> None:
        """Tell further facts of the run (``batch_size=256``), as integrations do that learn them late."""
        self._facts |= {**(facts or {}), **more}
        write_settings(self.directory, self._facts, self._settings)

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

    def close(self) -> None:
        """Judge for the last time, and close the file."""
        self._recorder.close()
        self._judging.close()
        self._notifier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
