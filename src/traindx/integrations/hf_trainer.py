"""A callback for the Trainer of transformers and everything built on it: TRL, sentence-transformers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, final

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from traindx.diagnosis import Report
from traindx.integrations.guarded import GuardedMonitor, check
from traindx.integrations.hf_facts import facts_of, rows_of, settings_of
from traindx.integrations.hidden_nan import LossesBeforeFilter
from traindx.integrations.scalar_values import is_number
from traindx.integrations.sentence_losses import sentence_facts
from traindx.live import Monitor

_NAME = "TraindxCallback"


@final
class TraindxCallback(TrainerCallback):
    """Records and judges what a Trainer logs: ``Trainer(..., callbacks=[TraindxCallback("runs/x")])``.

    ``monitor`` is a ``Monitor``, or the directory of one that is opened with ``options`` when the training begins (``output_dir/traindx``
    without either) and closed when it ends. Facts are read from the arguments and the model; ``facts`` among the options win over them.

    Trainer leaves NaN out of the losses that it logs. The callback counts the losses that were not finite where the model returns
    its loss, and records the number as ``nan_count`` and ``eval_nan_count``; ``nan_filter=False`` switches the filter off, so that the log itself is true.

    ``loss`` is the loss of sentence-transformers, a module of its own: it tells what guessing costs (the logarithm of the candidates).

    A finding that stops the run (``stop=StopPolicy(...)``) ends the training after the step, in all processes alike. Only the first process records.
    """

    def __init__(
        self,
        monitor: Monitor | str | Path | None = None,
        *,
        loss: torch.nn.Module | None = None,
        nan_filter: bool = True,
        **options: Any,
    ) -> None:
        check(options)
        self._given = monitor
        self._loss, self._filter = loss, nan_filter
        self._options = options
        self._may_stop = isinstance(monitor, Monitor) or options.get("stop") is not None
        self._losses = LossesBeforeFilter()
        self._guard = GuardedMonitor(_NAME, monitor, options) if isinstance(monitor, Monitor) else None
        self._over = False
        self._trainings = 0

    @property
    def monitor(self) -> Monitor | None:
        """The monitor of the last training; None before the first, after a failure, and in processes that do not record."""
        return None if self._guard is None or self._guard.broken else self._guard.monitor

    @property
    def report(self) -> Report | None:
        """The last report."""
        return None if self.monitor is None else self.monitor.report

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Open the monitor, and tell what the arguments and the model say."""
        del control
        if not self._filter:
            args.logging_nan_inf_filter = False
        if state.is_world_process_zero:
            if not isinstance(self._given, Monitor):
                self._guard = GuardedMonitor(_NAME, self._directory(args, state), self._options)
            self._trainings, self._over = self._trainings + 1, False
            self._begin(args, state, kwargs)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Record a line of the log; in a distributed training all processes learn here whether to stop."""
        del kwargs
        if self._guard is not None and logs and state.is_world_process_zero:
            self._record(self._guard, args, state, logs)
        if self._may_stop and not self._over and _processes(args) > 1 and self._agreed(args):
            control.should_training_stop = True

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Tell how many rows were evaluated: Trainer makes that loader only now. The metrics themselves came by ``on_log``."""
        del args, state, control
        if self._guard is not None and "eval_loss" in (metrics or {}) and not self._over:
            self._guard.tell({"num_val_samples": rows_of(kwargs.get("eval_dataloader"))})

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Stop where the monitor says so."""
        del state, kwargs
        if _processes(args) == 1 and self._guard is not None and self._guard.should_stop:
            control.should_training_stop = True

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Judge for the last time."""
        del args, state, control, kwargs
        self._over = True
        if self._guard is not None:
            self._guard.attempt(self._losses.leave, None)
            self._guard.close()

    def _begin(self, args: TrainingArguments, state: TrainerState, around: Mapping[str, Any]) -> None:
        guard, model = self._guard, around.get("model")
        assert guard is not None
        rows = getattr(around.get("train_dataloader"), "dataset", None)
        guard.begin(guard.learnt(lambda: settings_of(args, model)), resume=state.global_step > 0)
        found = guard.learnt(lambda: facts_of(args, state, model, around)) or {}
        guard.tell({**found, **(guard.learnt(lambda: sentence_facts(self._loss, args, rows)) or {})})
        watched = model if self._loss is None else self._loss
        alone = not args.torch_compile and args.n_gpu <= 1  # a compiled or replicated model must not meet a hook
        if isinstance(watched, torch.nn.Module) and args.logging_nan_inf_filter and alone:
            guard.attempt(lambda: self._losses.watch(watched), None)

    def _directory(self, args: TrainingArguments, state: TrainerState) -> Path:
        """A training that begins anew with this callback gets a directory of its own; one that is resumed goes on in it."""
        given = Path(str(args.output_dir)) / "traindx" if self._given is None else Path(str(self._given))
        again = self._trainings and not state.global_step
        return given.with_name(f"{given.name}-{self._trainings + 1}") if again else given

    def _record(
        self, guard: GuardedMonitor, args: TrainingArguments, state: TrainerState, logs: Mapping[str, Any]
    ) -> None:
        told = {name: value for name, value in logs.items() if name != "epoch" and is_number(value)}
        if args.logging_nan_inf_filter:
            told |= guard.attempt(lambda: self._hidden(logs), dict[str, float]())
        epoch = logs.get("epoch", state.epoch)
        if self._over:  # an evaluation after the training
            guard.begin()
        guard.log(told, step=state.global_step, epoch=None if epoch is None else float(epoch))
        if self._over:
            guard.close()

    def _hidden(self, logs: Mapping[str, Any]) -> dict[str, float]:
        """How many losses behind this line were not finite, where any was; the trainer has just waited for the device itself."""
        counts: dict[str, float] = {}
        if "loss" in logs:
            counts["nan_count"] = float(self._losses.not_finite())
        evaluated = [name for name in logs if name.startswith("eval_") and name.endswith("_loss")]
        for name in evaluated[:1]:
            counts[f"{name.removesuffix('_loss')}_nan_count"] = float(self._losses.not_finite(evaluation=True))
        return {name: count for name, count in counts.items() if count}

    def _agreed(self, args: TrainingArguments) -> bool:
        """What the first process says, in all of them. It takes part even after stepping aside, or the others would wait for it."""
        stop = self._guard is not None and self._guard.should_stop
        asked = torch.tensor(int(stop), device=args.device)
        torch.distributed.broadcast(asked, src=0)
        return bool(asked.item())


def _processes(args: TrainingArguments) -> int:
    return int(cast("Any", args).world_size)
