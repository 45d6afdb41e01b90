"""Recording a training of an Ultralytics model by the callbacks that it calls. Ultralytics itself is not imported.

Hook names and attributes are those of its version 8.4: https://docs.ultralytics.com/usage/callbacks/
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, cast, final

from traindx.context import FactValue
from traindx.integrations.guarded import Given, GuardedMonitor
from traindx.integrations.scalar_values import is_number
from traindx.live import Monitor

Hook = Callable[[Any], None]


def attach(model: Any, monitor: Given, **options: Any) -> Attached:
    """Record and judge the trainings of ``model`` (``YOLO(...)``) from now on: ``attach(model, "runs/x")``, then ``model.train(...)``.

    ``monitor`` is a ``Monitor``, or the directory of one that is opened with ``options``. One step is one epoch, as in
    ``results.csv``. A finding that stops the run ends the training, at the latest after the epoch. Training on several devices
    runs in processes of its own that these callbacks do not reach.
    """
    attached = Attached(model, GuardedMonitor("traindx on ultralytics", monitor, options))
    for event, hook in attached.hooks.items():
        model.add_callback(event, hook)
    return attached


@final
class Attached:
    """What ``attach`` returns: the monitor, and the way back."""

    def __init__(self, model: Any, guard: GuardedMonitor) -> None:
        self._model, self._guard = model, guard
        self._epoch = -1
        # Functions and no methods: a model that is copied copies its callbacks, and a monitor cannot be copied.
        self.hooks: Mapping[str, Hook] = {
            "on_train_start": lambda trainer: guard.attempt(lambda: self._begin(trainer), None),
            "on_train_batch_end": lambda trainer: _stop(guard, trainer),
            "on_train_epoch_end": lambda trainer: guard.attempt(lambda: self._trained(trainer), None),
            "on_fit_epoch_end": lambda trainer: guard.attempt(lambda: self._evaluated(trainer), None),
            "on_train_end": lambda trainer: guard.close(),  # noqa: ARG005 - the signature of a hook
        }

    @property
    def monitor(self) -> Monitor:
        """The monitor that records."""
        return self._guard.monitor

    def detach(self) -> None:
        """Take the callbacks away again."""
        for event, hook in self.hooks.items():
            if hook in self._model.callbacks[event]:
                self._model.callbacks[event].remove(hook)

    def _begin(self, trainer: Any) -> None:
        guard = self._guard
        guard.begin(guard.learnt(lambda: _settings(trainer)))
        guard.tell(guard.learnt(lambda: _facts(trainer)))

    def _trained(self, trainer: Any) -> None:
        """An epoch of NaN may be repeated from the last checkpoint, and then leaves no trace: it is counted here."""
        self._epoch = int(trainer.epoch)
        losses = _numbers(trainer.label_loss_items(trainer.tloss, prefix="train"))
        if not all(map(math.isfinite, losses.values())):
            self._guard.log({"train/nan_count": 1.0}, step=self._epoch + 1, epoch=self._epoch + 1)

    def _evaluated(self, trainer: Any) -> None:
        if int(trainer.epoch) != self._epoch:
            return  # the best model's evaluation once more, after the last epoch
        losses = trainer.label_loss_items(trainer.tloss, prefix="train")
        told = _numbers({**losses, **(trainer.metrics or {}), **trainer.lr})
        self._guard.log(told, step=self._epoch + 1, epoch=self._epoch + 1)
        _stop(self._guard, trainer)


def _stop(guard: GuardedMonitor, trainer: Any) -> None:
    if guard.should_stop:
        trainer.stop = True


def _settings(trainer: Any) -> dict[str, Any]:
    told = cast("Mapping[str, object]", vars(trainer.args))
    return {"arguments": {name: value for name, value in told.items() if isinstance(value, bool | int | float | str)}}


def _facts(trainer: Any) -> dict[str, FactValue]:
    args = trainer.args
    found: dict[str, FactValue | None] = {
        "batch_size": int(trainer.batch_size),
        "grad_accum": int(trainer.accumulate),
        "num_samples": len(trainer.train_loader.dataset),
        "num_val_samples": len(trainer.test_loader.dataset),
        "num_classes": trainer.data.get("nc"),
        "total_steps": int(trainer.epochs),
        "total_epochs": float(trainer.epochs),
        "optimizer": type(trainer.optimizer).__name__,
        "lr": max(float(group.get("initial_lr", args.lr0)) for group in trainer.optimizer.param_groups),
        "schedule": "cosine" if args.cos_lr else "linear",
        "weight_decay": float(args.weight_decay),
        "image_size": args.imgsz if isinstance(args.imgsz, int) else None,
        "precision": "bf16" if args.amp == "bf16" else "fp16" if trainer.amp else "fp32",
        "pretrained": bool(args.pretrained),
        "seed": int(args.seed),
    }
    gains = {f"weight.{name}": float(getattr(args, name)) for name in ("box", "cls", "dfl") if hasattr(args, name)}
    return {name: value for name, value in (found | gains).items() if value is not None}


def _numbers(told: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in told.items() if is_number(value)}
