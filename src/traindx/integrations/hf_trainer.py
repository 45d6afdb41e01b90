"""A callback for the Trainer of transformers and everything built on it: TRL, sentence-transformers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from traindx.context import FactValue
from traindx.integrations.hf_facts import facts_of, settings_of
from traindx.integrations.hidden_nan import LossesBeforeFilter
from traindx.integrations.sentence_losses import sentence_facts
from traindx.integrations.stepping_aside import Aside, opened
from traindx.live import Monitor


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
        self.monitor: Monitor | None = monitor if isinstance(monitor, Monitor) else None
        self._given = monitor
        self._filter = nan_filter
        self._loss = loss
        self._facts: dict[str, FactValue] = dict(options.pop("facts", None) or {})
        self._options = options
        self._may_stop = self.monitor is not None or options.get("stop") is not None
        self._aside = Aside("traindx")
        self._losses = LossesBeforeFilter()
        self._reopen: Callable[[], Monitor] | None = None
        self._trainings = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Open the monitor, and tell what the arguments and the model say."""
        del control
        if not self._filter:
            args.logging_nan_inf_filter = False
        if state.is_world_process_zero:
            self._aside(self._begin, args, state, kwargs)

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
        if state.is_world_process_zero and logs:
            self._aside(self._record, args, state, logs)
        if self._may_stop and args.world_size > 1 and control.should_training_stop is False:
            control.should_training_stop = self._agreed(args)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Stop where the monitor says so."""
        del state, kwargs
        if args.world_size == 1 and self._asks_to_stop():
            control.should_training_stop = True

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Judge for the last time."""
        del args, state, control, kwargs
        self._aside(self._end)

    def _begin(self, args: TrainingArguments, state: TrainerState, around: Mapping[str, Any]) -> None:
        model = around.get("model")
        rows = getattr(around.get("train_dataloader"), "dataset", None)
        facts = facts_of(args, state, model, around) | sentence_facts(self._loss, args, rows) | self._facts
        settings = settings_of(args, model)
        if isinstance(self._given, Monitor):
            self.monitor = self._given
            self.monitor.tell(facts)
        else:
            settings |= self._options.get("settings") or {}
            directory = self._directory(args, state)
            options = self._options | {"facts": facts, "settings": settings}
            self.monitor, self._reopen = Monitor(directory, **options), None
        self._trainings += 1
        watched = model if self._loss is None else self._loss
        if isinstance(watched, torch.nn.Module) and args.logging_nan_inf_filter and not args.torch_compile and args.n_gpu <= 1:
            self._losses.watch(watched)

    def _directory(self, args: TrainingArguments, state: TrainerState) -> Path:
        """A training that begins anew with this callback gets a directory of its own; one that is resumed goes on in it."""
        given = Path(str(args.output_dir)) / "traindx" if self._given is None else Path(str(self._given))
        again = self._trainings and not state.global_step
        return given.with_name(f"{given.name}-{self._trainings + 1}") if again else given

    def _record(self, args: TrainingArguments, state: TrainerState, logs: Mapping[str, Any]) -> None:
        if self.monitor is None:
            return
        told = {name: value for name, value in logs.items() if name != "epoch" and _is_number(value)}
        if args.logging_nan_inf_filter:
            told |= self._hidden(logs)
        epoch = logs.get("epoch", state.epoch)
        self.monitor.log(told, step=state.global_step, epoch=None if epoch is None else float(epoch))

    def _hidden(self, logs: Mapping[str, Any]) -> dict[str, float]:
        """How many losses behind this line were not finite, where any was; the trainer has just waited for the device itself."""
        counts: dict[str, float] = {}
        if "loss" in logs:
            counts["nan_count"] = float(self._losses.not_finite())
        evaluated = [name for name in logs if name.startswith("eval_") and name.endswith("_loss")]
        for name in evaluated[:1]:
            counts[f"{name.removesuffix('_loss')}_nan_count"] = float(self._losses.not_finite(evaluation=True))
        return {name: count for name, count in counts.items() if count}

    def _asks_to_stop(self) -> bool:
        return bool(self.monitor is not None and self._aside(lambda: self.monitor is not None and self.monitor.should_stop))

    def _agreed(self, args: TrainingArguments) -> bool:
        """What the first process says, in all of them. It takes part even after stepping aside, or the others would wait for it."""
        asked = torch.tensor(int(self._asks_to_stop()), device=args.device)
        torch.distributed.broadcast(asked, src=0)
        return bool(asked.item())

    def _end(self) -> None:
        self._losses.leave()
        if self.monitor is not None and self._open:
            self._open = False
            self.monitor.close()


def _is_number(value: object) -> bool:
    if isinstance(value, torch.Tensor):
        return value.dim() == 0
    return isinstance(value, int | float) and not isinstance(value, bool)
