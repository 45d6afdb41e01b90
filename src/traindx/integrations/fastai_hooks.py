"""What a fastai callback records, without fastai; ``fastai_callback`` makes a callback of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from traindx.diagnosis import Report
from traindx.integrations.guarded import Given, GuardedMonitor
from traindx.integrations.torch_facts import loader_facts
from traindx.integrations.torch_sizes import gradients_of, total_norm

_AFTER_RECORDER: Final = 60  # fastai's own recorder has order 50, mixed precision 10: gradients are unscaled by then


class LearnerEvents:
    """Records a ``Learner.fit``: loss and learning rate of each batch, validation loss and metrics of each epoch.

    Takes a ``Monitor``, or a directory and the keywords of one. Recorded are ``train/loss`` (that of the batch: fastai shows and
    keeps a moving average of it, as ``train_loss`` in its table too, which is not recorded), ``lr``, ``epoch``,
    ``valid_loss``, the metrics by their names, and ``watch/grad_norm`` at one batch in ``watch_every`` (None for never). A second ``fit`` goes on
    counting. ``lr_find`` and predictions are left out. Where a finding stops the run, the fit is cancelled as fastai's own callbacks
    cancel it. A fit that raises does not tell its callbacks: the log is complete, ``close`` judges it.
    """

    order = _AFTER_RECORDER
    remove_on_fetch = True
    cancels_fit: ClassVar[type[Exception]] = Exception  # fastai's CancelFitException

    def __init__(self, monitor: Given, *, watch_every: int | None = 50, **options: Any) -> None:
        super().__init__()
        self._guard = GuardedMonitor("the traindx callback", monitor, options)
        self._watch_every = watch_every
        self._step, self._epochs = 0, 0
        self._active = False
        self.learn: Any

    @property
    def report(self) -> Report | None:
        """The last report of the run, None before the first."""
        return self._guard.report

    def before_fit(self) -> None:
        """Open the monitor and tell what the learner knows."""
        self._active = not (hasattr(self.learn, "lr_finder") or hasattr(self.learn, "gather_preds"))
        if self._active:
            self._guard.begin()
            self._guard.tell(self._guard.learnt(self._facts))

    def before_step(self) -> None:
        """Take the gradient norm, after mixed precision unscaled it."""
        if self._active and self._watch_every and self._step % self._watch_every == self._watch_every // 2:
            self._guard.attempt(self._log_norm, None)

    def after_batch(self) -> None:
        """Record the loss of a training batch."""
        if not (self._active and self.learn.training):
            return
        values = self._guard.learnt(self._batch_values)
        self._guard.log(
            values, step=self._step, epoch=self._epochs + float(self.learn.pct_train) * float(self.learn.n_epoch)
        )
        self._step += 1
        if self._guard.should_stop:
            raise self.cancels_fit

    def after_epoch(self) -> None:
        """Record what the recorder computed on the validation set."""
        if self._active:
            self._guard.log(self._guard.learnt(self._epoch_values), step=max(0, self._step - 1))

    def after_fit(self) -> None:
        """Close, so that the report stands."""
        if self._active:
            self._epochs += int(self.learn.n_epoch)
            self.close()

    def close(self) -> None:
        """Judge the run for the last time."""
        self._guard.close()

    def _log_norm(self) -> None:
        norm = total_norm(gradients_of(self.learn.model.parameters()))
        if norm is not None:
            self._guard.log({"watch/grad_norm": norm}, step=self._step)

    def _batch_values(self) -> Mapping[str, Any]:
        return {"train/loss": self.learn.loss.detach(), "lr": self.learn.opt.hypers[-1]["lr"]}

    def _epoch_values(self) -> Mapping[str, Any]:
        recorder = self.learn.recorder
        found = zip(list(recorder.metric_names)[1:], list(recorder.values[-1]), strict=False)  # the time is no value
        return {name: value for name, value in found if name != "train_loss" and isinstance(value, (int, float))}

    def _facts(self) -> Mapping[str, Any]:
        loader, epochs = self.learn.dls.train, int(self.learn.n_epoch)
        told = dict(loader_facts(loader))
        told["batch_size"] = int(loader.bs)
        told |= {"total_epochs": float(self._epochs + epochs), "total_steps": self._step + epochs * len(loader)}
        return told | {
            "optimizer": getattr(getattr(self.learn.opt_func, "func", self.learn.opt_func), "__name__", None)
        }
