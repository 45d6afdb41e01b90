"""The monitor: what a training loop talks to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from traindx.context import FactValue
from traindx.diagnosis import Finding, Report
from traindx.live.announcing import Announcer
from traindx.live.changes import Change
from traindx.live.intake import Intake
from traindx.live.judging import Judging, Pace
from traindx.live.notices import Cooldown, Notifier, in_turn
from traindx.live.objectives import Objective
from traindx.live.settings import write_settings
from traindx.live.stop_policy import StopPolicy
from traindx.live.stopping import StopDecision
from traindx.live.warner import Warner

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
        self._given = frozenset(self._facts)
        self._settings = dict(settings or {})
        self._before_close: list[Callable[[], None]] = []
        self._warner = Warner()
        self._intake = Intake(self.directory, self._warner)
        self._intake.after_removal = self.tell
        self.tell()
        self._notifier = Notifier.of(notify, run=self.directory.name, cooldown=Cooldown(between_s=cooldown_s))
        self._judging = Judging(
            self.directory,
            lambda: self._intake.count.last,
            policy=policy,
            pace=pace,
            announcer=None if quiet else Announcer(),
            on_change=in_turn(self._notifier.change, on_change),
            on_stop=in_turn(self._notifier.stopped, on_stop),
        )
        self._intake.guards = self._judging.guards
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
        self._intake.take(values, step, epoch, more)

    def tell(self, facts: Told | None = None, /, **more: FactValue) -> None:
        """Tell further facts of the run (``batch_size=256``), as integrations do that learn them late."""
        self._facts |= {**(facts or {}), **more}
        write_settings(self.directory, self._facts, self._settings)

    def judge(self) -> Report:
        """Judge the run as it is now, in this thread; return the report."""
        return self._judging.judge()

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

    def close(self) -> None:
        """Judge for the last time, and close the file."""
        while self._before_close:
            self._before_close.pop()()
        self._intake.close(10.0)
        self._judging.close()
        self._notifier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
