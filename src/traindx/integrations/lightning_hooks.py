"""What a Lightning callback records, for both names under which Lightning is installed; imports neither of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from traindx.diagnosis import Report
from traindx.integrations.guarded import GuardedMonitor, check
from traindx.integrations.torch_facts import loader_facts, optimizer_facts, plain
from traindx.integrations.torch_loop import Watch, watch
from traindx.live import Monitor

LOSS: Final = "train/step_loss"  # names that people log themselves are left to them
_NAME: Final = "the traindx callback"


class RunHooks:
    """Records a ``Trainer.fit``: the loss of each step, everything that ``self.log`` logs, and what the optimisers do.

    Give it a ``Monitor``, or a directory and the keywords of one; with neither, the run goes to ``traindx`` in the directory of
    the trainer's logger. Steps are ``trainer.global_step``, the number of updates done. Names are those of Lightning's
    loggers (``val_loss``, ``train_loss_epoch``); added are ``train/step_loss``, the mean over the batches of one update, and under
    ``watch/`` the values of ``torch_loop.watch`` at one in ``watch_every`` updates (None for never).

    The sanity check is left out. Only rank 0 records; where a finding stops the run, the ranks agree on it at the steps
    at which Lightning logs and after validations. Nothing here raises into the training: it warns once and steps aside.
    """

    asked_by: str = ""  # "environment" where no code asked for it

    def __init__(
        self, monitor: Monitor | str | Path | None = None, *, watch_every: int | None = 50, **options: Any
    ) -> None:
        super().__init__()
        check(options)
        self._given, self._options, self._watch_every = monitor, options, watch_every
        self._guard = GuardedMonitor(_NAME, monitor or "", options) if monitor else None
        self._resumed_in: str | None = None
        self._recording = False
        self._watches: list[Watch] = []
        self._seen: dict[str, Any] = {}
        self._of_steps: set[str] = set()
        self._of_validation: set[str] = set()
        self._evaluated = False
        self._losses: list[Any] = []
        self._step = 0

    @property
    def report(self) -> Report | None:
        """The last report of the run, None before the first."""
        return None if self._guard is None else self._guard.report

    @property
    def state_key(self) -> str:
        """One for each place that is recorded to, so that several may stand in one trainer; Lightning raises for equal ones."""
        place = str(getattr(self._given, "directory", self._given))
        return f"{type(self).__qualname__}{{'directory': {place!r}, 'asked_by': {self.asked_by!r}}}"

    def state_dict(self) -> dict[str, Any]:
        """Where the run is recorded: a training that is resumed goes on there."""
        return {"directory": "" if self._guard is None else str(self._guard.directory)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the directory of the run that is resumed, unless another was given."""
        self._resumed_in = str(state_dict.get("directory") or "") or None

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Open the monitor, tell what the trainer knows, and watch the optimisers."""
        self._recording = bool(trainer.is_global_zero)
        self._step, self._losses, self._of_steps = int(trainer.global_step), [], set()
        self._seen = dict(trainer.logged_metrics)
        if not self._recording:
            return
        guard = self._guard = self._guard or GuardedMonitor(_NAME, self._place(trainer), self._options)
        resume = self._resumed_in is not None and Path(self._resumed_in) == guard.directory
        guard.begin(guard.learnt(lambda: plain(dict(pl_module.hparams))), resume=resume)
        guard.tell(guard.learnt(lambda: _facts(trainer)))
        if self._watch_every:
            guard.attempt(lambda: self._watch(trainer, pl_module, guard), None)

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:  # noqa: ARG002 - Lightning's signature
        """Take the gradient norm before Lightning clips it."""
        for one in self._watches:
            if one.concerns(optimizer) and trainer.gradient_clip_val:
                one.before_clipping()

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002 - the same
        """After the end of an epoch or a validation Lightning stores its values anew: they are no news of this batch."""
        if self._evaluated:
            self._evaluated = False
            self._news(trainer)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002 - the same
        """Record the loss once an update is done, and what was logged where Lightning logs."""
        if self._recording and self._guard is not None:
            self._guard.attempt(lambda: self._keep_loss(trainer, pl_module, outputs), None)
        step = int(trainer.global_step)
        if step == self._step:  # more batches are to come to this update
            return
        self._step = step
        logs = bool(trainer.log_every_n_steps) and step % trainer.log_every_n_steps == 0
        news = self._news(trainer) if logs else {}
        self._of_steps.update(news)
        if self._losses:
            news[LOSS] = sum(self._losses[1:], self._losses[0]) / len(self._losses)
            self._losses = []
        self._log(news, step, trainer.current_epoch)
        self._stop(trainer, agreed=logs)

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - the same
        """Remember what was logged before: what differs afterwards is the validation's."""
        if _fits(trainer):
            self._news(trainer)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - the same
        """Record what the validation logged."""
        if _fits(trainer):
            news = self._news(trainer)
            self._of_validation.update(news)
            self._log(news, int(trainer.global_step))
            self._evaluated = True
            self._stop(trainer, agreed=True)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - the same
        """Record what was logged of the epoch."""
        other = self._of_steps | self._of_validation
        news = {name: value for name, value in self._news(trainer).items() if name not in other}
        self._log(news, int(trainer.global_step))
        self._evaluated = True

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:  # noqa: ARG002 - the same
        """Close, so that the report of what there is stands."""
        self._close()

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:  # noqa: ARG002 - the same
        """Close."""
        self._close()

    def _place(self, trainer: Any) -> Path:
        """The directory of a run that was given none: that of the run that is resumed, else the first free one."""
        if self._resumed_in is not None:
            return Path(self._resumed_in)
        place = Path(trainer.log_dir or trainer.default_root_dir) / "traindx"
        numbered = (place.with_name(f"traindx_{number}") for number in range(1, 10_000))
        return next((one for one in (place, *numbered) if not one.exists()), place)

    def _watch(self, trainer: Any, module: Any, guard: GuardedMonitor) -> None:
        optimizers = [one for one in trainer.optimizers if hasattr(one, "register_step_pre_hook")]
        scaler = getattr(trainer.precision_plugin, "scaler", None)
        for number, optimizer in enumerate(optimizers):
            self._watches.append(
                watch(
                    module,
                    optimizer,
                    guard,
                    every=cast("int", self._watch_every),
                    scaler=scaler,
                    step=lambda: int(trainer.global_step) + 1,
                    prefix="watch" if len(optimizers) == 1 else f"watch_{number}",
                    units=number == 0,
                )
            )

    def _keep_loss(self, trainer: Any, module: Any, outputs: Any) -> None:
        loss = cast("Mapping[str, Any]", outputs).get("loss") if isinstance(outputs, Mapping) else outputs
        if loss is not None and hasattr(loss, "detach"):
            divided = trainer.accumulate_grad_batches if module.automatic_optimization else 1
            self._losses.append(loss.detach() * divided)

    def _news(self, trainer: Any) -> dict[str, Any]:
        """What was logged since the last look. All ranks look, or those that do would wait for the others.

        Lightning gives a new tensor for a value that is logged anew, and at times for one that is not.
        """
        now: dict[str, Any] = dict(trainer.logged_metrics)
        news = {name: value for name, value in now.items() if value is not self._seen.get(name)}
        self._seen = now
        return news

    def _log(self, values: Mapping[str, Any], step: int, epoch: int | None = None) -> None:
        if self._recording and self._guard is not None:
            self._guard.log(values, step=step, epoch=epoch)

    def _stop(self, trainer: Any, *, agreed: bool) -> None:
        """Stop the trainer where the monitor says so; of several ranks, where all are asked."""
        stop = self._recording and self._guard is not None and self._guard.should_stop
        if trainer.world_size > 1:
            stop = agreed and bool(trainer.strategy.reduce_boolean_decision(stop, all=False))
        if stop:
            trainer.should_stop = True

    def _close(self) -> None:
        for one in self._watches:
            one.close()
        self._watches = []
        if self._guard is not None:
            self._guard.close()


def _fits(trainer: Any) -> bool:
    return trainer.state.fn == "fit" and not trainer.sanity_checking


def _facts(trainer: Any) -> dict[str, Any]:
    steps, epochs, accumulated = trainer.estimated_stepping_batches, trainer.max_epochs, trainer.accumulate_grad_batches
    schedules = [config.scheduler for config in trainer.lr_scheduler_configs]
    facts: dict[str, Any] = {
        "total_steps": int(steps) if 0 < steps < float("inf") else None,
        "total_epochs": float(epochs) if epochs and epochs > 0 else None,
        "grad_accum": accumulated,
        "world_size": trainer.world_size,
        "precision": str(trainer.precision),
    }
    if trainer.gradient_clip_val and str(trainer.gradient_clip_algorithm or "norm").lower().endswith("norm"):
        facts["clip_norm"] = float(trainer.gradient_clip_val)
    if trainer.optimizers:
        facts |= optimizer_facts(trainer.optimizers[0], schedule=schedules[0] if schedules else None)
    return facts | dict(loader_facts(trainer.train_dataloader, accumulated=accumulated))
