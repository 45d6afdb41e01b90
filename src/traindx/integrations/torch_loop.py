"""What the optimiser does in a PyTorch loop: ``watch(model, optimizer, monitor)`` logs it every so many steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, cast, final

import torch
from torch import Tensor, nn

from traindx.errors import UsageError
from traindx.integrations.guarded import GuardedMonitor
from traindx.integrations.torch_facts import Facts, optimizer_facts
from traindx.integrations.torch_scaler import Scaler, SkippedSteps
from traindx.integrations.torch_sizes import WeightSample, gradients_of, joint_norm, sample_of, total_norm
from traindx.integrations.torch_units import UnitCounter
from traindx.live import Monitor

ENTRIES: Final = 2**18  # of the weights, copied for the length of one step: a mebibyte in float32
_PREFIX: Final = "watch"


@final
class Watch:
    """Measures a model and its optimiser at every ``every``-th step, and logs it; made by ``watch``, removed by ``close``."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        monitor: GuardedMonitor,
        *,
        every: int,
        scaler: Scaler | None,
        step: Callable[[], int] | None,
        prefix: str,
        entries: int,
        units: bool,
    ) -> None:
        self.monitor, self.every, self.prefix = monitor, every, prefix
        self._optimizer, self._entries, self._step = _innermost(optimizer), entries, step
        self._units = UnitCounter(model if units else None)
        self._skipped = None if scaler is None else SkippedSteps(scaler)
        self._sharded = _is_sharded(model)
        self._taken = 0
        self._samples: list[WeightSample] = []
        self._unclipped: Tensor | None = None
        self._pending: dict[str, Any] = {}
        self._idle = False
        self._hooks = [
            self._optimizer.register_step_pre_hook(self._guarded(self._before_step)),
            self._optimizer.register_step_post_hook(self._guarded(self._after_step)),
        ]
        self.monitor.attempt(self._look_ahead, None)

    @property
    def due(self) -> bool:
        """Whether the coming step is looked at: one in the middle of each ``every``, where few loops evaluate or save."""
        return not self._idle and self._taken % self.every == self.every // 2

    def concerns(self, optimizer: object) -> bool:
        """Whether this optimiser, perhaps in a wrapper, is the watched one."""
        return _innermost(optimizer) is self._optimizer

    def before_clipping(self) -> None:
        """Take the gradient norm as it is now. Call it before gradients are clipped, and after ``scaler.unscale_``."""
        if self.due:
            self.monitor.attempt(self._take_unclipped, None)

    def close(self) -> None:
        """Log what is still to be logged, and remove every hook."""
        if not self._idle:
            self._flush()
        self._rest()
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def _guarded(self, action: Callable[[], None]) -> Callable[..., None]:
        def hook(*_: Any) -> None:
            if self._idle:
                return
            self.monitor.attempt(action, None)
            if self.monitor.broken:  # hooks of the optimiser stay until close: it is just going through them
                self._rest()

        return hook

    def _rest(self) -> None:
        self._idle, self._samples, self._unclipped, self._pending = True, [], None, {}
        self._units.stop()
        if self._skipped is not None:
            self._skipped.close()

    def _look_ahead(self) -> None:
        if self.due:
            self._units.start()

    def _parameters(self) -> Iterator[Tensor]:
        return (p for group in self._optimizer.param_groups for p in group["params"])

    def _take_unclipped(self) -> None:
        self._unclipped = None if self._sharded else total_norm(gradients_of(self._parameters()))

    def _before_step(self) -> None:
        self._flush()
        if self.due:
            groups = self._optimizer.param_groups
            self._samples = [sample_of(group["params"], max(1, self._entries // len(groups))) for group in groups]

    def _after_step(self) -> None:
        if self._skipped is not None:
            self._skipped.step_taken(self._optimizer)
        if self.due:
            values = self._measured()
            self._pending = {f"{self.prefix}/{name}": value for name, value in values.items()}
            self._samples, self._unclipped = [], None
            if self._step is not None:
                self._flush(self._step())
        self._taken += 1
        self._look_ahead()

    def _flush(self, step: int | None = None) -> None:
        """Log what was measured; without a step, once the loop has logged its own values of that step."""
        pending, self._pending = self._pending, {}
        self.monitor.log(pending, step=step)

    def _measured(self) -> dict[str, Any]:
        groups = self._optimizer.param_groups
        named = {str(group.get("name", f"group_{place}")): group for place, group in enumerate(groups)}
        several = len(groups) > 1
        rates = {name: group["lr"] for name, group in named.items() if "lr" in group}
        values = {f"lr/{name}" if several else "lr": _as_now(rate) for name, rate in rates.items()}
        values |= self._norms() if not self._sharded else {}
        values |= _ratios(self._samples, list(named) if several else [])
        values |= self._units.shares()
        return values if self._skipped is None else values | self._skipped.values()

    def _norms(self) -> dict[str, Any]:
        taken, weights = (
            total_norm(gradients_of(self._parameters())),
            total_norm([p.detach() for p in self._parameters()]),
        )
        norms = {"grad_norm": taken, "weight_norm": weights}
        if self._unclipped is not None:
            norms |= {"grad_norm": self._unclipped, "grad_norm_clipped": taken}
        return {name: norm for name, norm in norms.items() if norm is not None}


def watch(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    monitor: Monitor | GuardedMonitor | str | Path,
    *,
    every: int = 50,
    scaler: Scaler | None = None,
    clip_norm: float | None = None,
    step: Callable[[], int] | None = None,
    prefix: str = _PREFIX,
    entries: int = ENTRIES,
    units: bool = True,
) -> Watch:
    """Log what the optimiser does at one in ``every`` of its steps, at next to no cost to the others.

    Logged under ``prefix``: ``grad_norm`` (of all gradients together, as the optimiser takes them: averaged over ranks,
    accumulated, unscaled, clipped), ``update_ratio`` (|Δw| / |w| of one step, and by group where there are several),
    ``weight_norm``, ``lr``, ``dead_neurons`` and ``saturated_neurons`` (shares from 0 to 1), and with a ``scaler``
    ``loss_scale`` and ``skipped_steps`` (counted from the start). Where the loop calls ``before_clipping()``, ``grad_norm`` is
    the norm at that moment, and ``grad_norm_clipped`` the one after. ``clip_norm`` is told to the monitor, and so are the optimiser's
    name and weight decay, but for a further optimiser under a ``prefix`` of its own.

    Everything stays on its device until the monitor writes it. Ratios come from about ``entries`` weights, copied for the
    length of a step. ``step`` gives the step to log at; without it values join those that the loop logged last. Of sharded
    parameters the norms are left out: a rank holds a part of them. Inside compiled modules activations are not seen.
    The watch ends with its monitor, or with ``close()``. Raises ``UsageError`` for ``every`` or ``entries`` below 1.
    """
    if every < 1 or entries < 1:
        raise UsageError("every and entries are at least 1", hint="watch(model, optimizer, monitor, every=50)")
    guarded = monitor if isinstance(monitor, GuardedMonitor) else GuardedMonitor("the watch", monitor)
    guarded.tell({"clip_norm": clip_norm})
    if prefix == _PREFIX and guarded is not monitor:  # a framework's integration tells the facts itself
        guarded.tell(guarded.learnt(lambda: _lasting(optimizer_facts(optimizer))))
    made = Watch(
        model, optimizer, guarded, every=every, scaler=scaler, step=step, prefix=prefix, entries=entries, units=units
    )
    guarded.before_close(made.close)
    return made


def _lasting(facts: Facts) -> dict[str, Any]:
    """What a schedule, which the optimiser does not know of, leaves as it is."""
    return {name: value for name, value in facts.items() if name != "lr"}


def _ratios(samples: Sequence[WeightSample], names: Sequence[str]) -> dict[str, Any]:
    """|Δw| / |w| of all groups together, and of each by name where there are several."""
    norms = [sample.norms() for sample in samples]
    known = [pair for pair in norms if pair is not None]
    if not known:
        return {}
    whole = joint_norm([change for change, _ in known]) / joint_norm([size for _, size in known])
    by_name = zip(names, norms, strict=True) if names else ()
    return {"update_ratio": whole} | {f"update_ratio/{name}": pair[0] / pair[1] for name, pair in by_name if pair}


def _as_now(rate: Any) -> Any:
    """A learning rate that lies in a tensor is changed in place by its scheduler."""
    return rate.clone() if isinstance(rate, Tensor) else rate


def _innermost(optimizer: object) -> torch.optim.Optimizer:
    """The optimiser inside wrappers, as those of accelerate and Lightning: it is the one whose step is taken."""
    inner = getattr(optimizer, "optimizer", None)
    return _innermost(inner) if isinstance(inner, torch.optim.Optimizer) else cast("torch.optim.Optimizer", optimizer)


def _is_sharded(model: nn.Module) -> bool:
    """Whether a rank holds only a part of each parameter, as with FSDP."""
    parts = any(hasattr(cast("Any", p), "full_tensor") for p in model.parameters())
    return parts or "FullyShardedDataParallel" in {type(module).__name__ for module in model.modules()}
