"""The losses that a model gives, before its trainer replaces NaN among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast, final

import torch

_KEPT: Final = 20_000
"""Scalars kept between two log lines: more than any ordinary logging interval, under two megabytes on a device."""


@final
class LossesBeforeFilter:
    """Keeps the losses of the forward passes since the last question; reading them is left to a moment when the trainer waits anyway.

    Nothing is computed and nothing copied while the training runs: the hook keeps a reference to the scalar. A model that gives no
    loss of its own (one that is computed outside it, as with label smoothing) shows nothing.
    """

    def __init__(self) -> None:
        self._training: list[torch.Tensor] = []
        self._evaluation: list[torch.Tensor] = []
        self._handle: torch.utils.hooks.RemovableHandle | None = None

    def watch(self, module: torch.nn.Module) -> None:
        """Look at what ``module`` returns from now on."""
        self.leave()
        self._handle = module.register_forward_hook(self._take)

    def leave(self) -> None:
        """Take the hook away."""
        if self._handle is not None:
            self._handle.remove()
        self._handle = None
        self.begin()

    def begin(self) -> None:
        """Forget what was seen."""
        self._training.clear()
        self._evaluation.clear()

    def not_finite(self, *, evaluation: bool = False) -> int:
        """Return how many losses since the last question were NaN or infinite. Waits for the device where they lie on one."""
        seen = self._evaluation if evaluation else self._training
        if not seen:
            return 0
        values = torch.stack([loss.float().mean() for loss in seen])
        seen.clear()
        return int((~torch.isfinite(values)).sum().item())

    def _take(self, module: torch.nn.Module, inputs: object, outputs: object) -> None:
        del module, inputs
        loss = _loss_of(outputs)
        seen = self._training if torch.is_grad_enabled() else self._evaluation
        if loss is not None and len(seen) < _KEPT:
            seen.append(loss.detach())


def _loss_of(outputs: object) -> torch.Tensor | None:
    """The loss in what a model returns: its ``loss``, or the scalar that a tuple begins with, or the scalar itself."""
    found = outputs
    if isinstance(outputs, Mapping):
        found = cast("Mapping[str, object]", outputs).get("loss")
    elif isinstance(outputs, tuple) and outputs:
        found = cast("tuple[object, ...]", outputs)[0]
    return found if isinstance(found, torch.Tensor) and found.dim() == 0 else None
