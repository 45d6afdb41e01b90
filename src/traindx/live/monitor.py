"""The monitor: what a training loop talks to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self, final

from traindx.context import FactValue
from traindx.diagnosis import Report
from traindx.live.changes import Change
from traindx.live.judge import Judge
from traindx.live.objectives import Objective
from traindx.live.recorder import Recorder
from traindx.live.settings import write_settings
from traindx.live.stopping import StopDecision, Stopper, StopPolicy

Told = Mapping[str, FactValue]


@final
class Monitor:
    """Records a run while it trains, judges it now and then, and says when to stop.

    ``directory`` holds the run: a TensorBoard event file, and the facts and settings beside it. ``objective`` and ``facts``
    tell what theory needs; ``settings`` are kept beside the log as they are. ``stop`` says which findings stop the run.
    ``on_change`` is called with every finding that appears, grows worse or clears.
    """

    def __init__(
        self,
        directory: str | Path,
        *,
        objective: Objective | None = None,
        total_steps: int | None = None,
        facts: Told | None = None,
        settings: Mapping[str, Any] | None = None,
        stop: StopPolicy | None = None,
        on_change: Callable[[Change], None] | None = None,
    ) -> None:
        self.directory = Path(directory)
        self.report: Report | None = None
        self.stop_decision: StopDecision | None = None
        self._facts: dict[str, FactValue] = dict(objective.facts() if objective else {}) | dict(facts or {})
        if total_steps is not None:
            self._facts["total_steps"] = total_steps
        self._settings = dict(settings or {})
        self._recorder = Recorder(self.directory)
        self._judge = Judge(self.directory)
        self._stopper = Stopper(stop or StopPolicy())
        self._on_change = on_change
        self._step = -1
        self._seen: set[str] = set()
        self._before_close: list[Callable[[], None]] = []
        self.tell()

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
        self._recorder.record(self._step, {name: float(value) for name, value in told.items()})

    def tell(self, facts: Told | None = None, /, **more: FactValue) -> None:
        """Tell further facts of the run (``batch_size=256``), as integrations do that learn them late."""
        self._facts |= {**(facts or {}), **more}
        write_settings(self.directory, self._facts, self._settings)

    def judge(self) -> Report:
        """Judge the run as it is now, in this thread; return the report."""
        judgement = self._judge.judge()
        self.report = judgement.report
        for change in judgement.changes:
            if self._on_change is not None:
                self._on_change(change)
        self.stop_decision = self.stop_decision or self._stopper.decide(judgement.report)
        return judgement.report

    @property
    def should_stop(self) -> bool:
        """Whether the run should end now; ``stop_decision`` says why."""
        return self.stop_decision is not None

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
        self._recorder.close()
        self.judge()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
