"""A tracker for accelerate: ``Accelerator(log_with=[TraindxTracker("runs/one")])``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

from accelerate.state import AcceleratorState, GradientState  # type: ignore[import-untyped]
from accelerate.tracking import (  # type: ignore[import-untyped]
    GeneralTracker,
    on_main_process,  # pyright: ignore[reportUnknownVariableType] - without types
)

from traindx.diagnosis import Report
from traindx.integrations.guarded import Given, GuardedMonitor
from traindx.integrations.torch_facts import plain
from traindx.live import Monitor

_PRECISIONS: Final = frozenset({"fp16", "bf16", "fp8"})


@final
class TraindxTracker(GeneralTracker):  # type: ignore[misc]
    """Records what ``accelerator.log`` is given, on the main process, and judges the run.

    Takes a ``Monitor``, or a directory and the keywords of one. What ``init_trackers(config=...)`` is given is kept as settings,
    where facts are read from it; world size, precision and accumulated batches are asked of accelerate. A tracker cannot end a
    loop: ask ``tracker.should_stop``. ``accelerator.end_training()`` closes it.
    """

    name = "traindx"
    requires_logging_directory = False
    main_process_only = True

    def __init__(self, monitor: Given, **options: Any) -> None:
        super().__init__()
        self._guard = GuardedMonitor("the traindx tracker", monitor, options)
        self._settings: dict[str, Any] = {}

    @property
    def tracker(self) -> Monitor:
        """The monitor, opened if it has not been: ``accelerator.get_tracker("traindx", unwrap=True)``."""
        return self._guard.monitor

    @property
    def report(self) -> Report | None:
        """The last report of the run, None before the first."""
        return self._guard.report

    @property
    def should_stop(self) -> bool:
        """Whether the run should end now, on the main process; tell the others with ``accelerator.set_trigger()``."""
        return self._guard.should_stop

    @on_main_process  # type: ignore[untyped-decorator]
    def store_init_configuration(self, values: Mapping[str, Any]) -> None:
        """Keep plain values as settings beside the log."""
        self._settings |= self._guard.learnt(lambda: plain(values)) or {}
        self._guard.begin(self._settings)
        self._guard.tell(self._guard.learnt(_facts))

    @on_main_process  # type: ignore[untyped-decorator]
    def log(self, values: Mapping[str, Any], step: int | None = None, **kwargs: Any) -> None:  # noqa: ARG002 - accelerate's signature
        """Record values: numbers or tensors; texts are left out."""
        self._guard.begin(self._settings)
        self._guard.log({name: value for name, value in values.items() if not isinstance(value, str)}, step=step)

    @on_main_process  # type: ignore[untyped-decorator]
    def finish(self) -> None:
        """Close, so that the report stands."""
        self._guard.close()


def _facts() -> dict[str, Any]:
    state, gradients = AcceleratorState(), GradientState()
    precision = str(state.mixed_precision)
    return {
        "world_size": int(state.num_processes),
        "grad_accum": int(gradients.num_steps),
        "precision": precision if precision in _PRECISIONS else None,
    }
