"""Steps that mixed precision leaves out, counted without asking the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, final

import torch
from torch import Tensor


class Scaler(Protocol):
    """What is used of ``torch.amp.GradScaler``."""

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Adapt the scale after a step."""


@final
class SkippedSteps:
    """Counts updates of a scaler's scale between which its optimiser took no step: that gradient was not finite.

    Optimisers that leave out the step on the device itself (fused ones) are told of it by a tensor ``found_inf``, which is
    added up where it lies.
    """

    def __init__(self, scaler: Scaler) -> None:
        self._scaler = scaler
        self._taken, self._left_out = 0, 0
        self._on_device: Tensor | None = None
        self._counted = _CountedUpdate(scaler, scaler.update, self._updated)
        vars(scaler)["update"] = self._counted

    def step_taken(self, optimizer: torch.optim.Optimizer) -> None:
        """Note that the optimiser's ``step`` ran."""
        self._taken += 1
        found = getattr(optimizer, "found_inf", None)
        if isinstance(found, Tensor):
            bad = (found.detach() > 0).to(torch.float32)
            self._on_device = bad if self._on_device is None else self._on_device + bad

    def values(self) -> dict[str, Any]:
        """Return ``skipped_steps``, counted from the start, and ``loss_scale``."""
        skipped = self._left_out if self._on_device is None else self._on_device + self._left_out
        scale = getattr(self._scaler, "_scale", None)  # get_scale() would wait for the device
        return {"skipped_steps": skipped} | ({"loss_scale": scale.clone()} if isinstance(scale, Tensor) else {})

    def close(self) -> None:
        """Give the scaler its own ``update`` back; where somebody wrapped it since, only stop counting."""
        self._counted.told = None
        if vars(self._scaler).get("update") is self._counted:
            vars(self._scaler)["update"] = self._counted.update
            if getattr(self._counted.update, "__func__", None) is type(self._scaler).update:
                del vars(self._scaler)["update"]

    def _updated(self) -> None:
        if self._taken == 0:
            self._left_out += 1
        self._taken = 0


@final
class _CountedUpdate:
    """``scaler.update`` that tells; a copied or pickled scaler has its plain one."""

    def __init__(self, scaler: Scaler, update: Callable[..., None], told: Callable[[], None] | None) -> None:
        self.scaler, self.update, self.told = scaler, update, told

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        if self.told is not None:
            self.told()
        self.update(*args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (self.scaler, "update")
