"""Units that are dead or saturated over whole batches, seen by forward hooks while a step is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

# Where the features of an input stand: a unit is a feature, and its values are those of all samples and places.
_FEATURE_LAST: Final = (nn.Linear,)
_FEATURE_SECOND: Final = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
# The two ends of activations that have them.
_ENDS: Final[Mapping[type[nn.Module], tuple[float, float]]] = {nn.Sigmoid: (0.0, 1.0), nn.Tanh: (-1.0, 1.0)}
_NEAR_END: Final = 0.01  # of the range: there the slope is below a twenty-fifth of its greatest value
_FEWEST: Final = 16  # values per unit: below it, dropout alone makes all of them zero now and then (0.5^16 = 1.5e-5)
_MOST_PLACES: Final = 512  # layers that are looked at, so that memory stays bounded


@final
class UnitCounter:
    """Which units of a model give nothing for all samples of a step.

    A unit is *dead* where what enters a linear or convolution layer is zero for the whole batch, whatever made it so (a
    module, a function); what needs no gradient, as the data itself, is not looked at. It is *saturated* where a sigmoid
    or tanh module gives one of its ends for the whole batch. With several batches to a step (accumulated gradients) a unit
    must be so in all of them. Hooks are there from ``start`` to ``shares`` only; in a copy
    of the model that is made meanwhile they do nothing.
    """

    def __init__(self, model: nn.Module | None) -> None:
        self._model = model
        self._hooks: list[RemovableHandle] = []
        self._calls: dict[int, int] = {}
        self._dead: dict[tuple[int, int], Tensor] = {}
        self._saturated: dict[tuple[int, int], Tensor] = {}

    def start(self) -> None:
        """Begin to look: hooks on the layers, none inside what is compiled, where they would not be called."""
        self.stop()
        if self._model is None:
            return
        self._hooks.append(self._model.register_forward_pre_hook(self._begin_forward))
        for module in _eager(self._model):
            if isinstance(module, (*_FEATURE_LAST, *_FEATURE_SECOND)):
                self._hooks.append(module.register_forward_pre_hook(self._see_input))
            elif type(module) in _ENDS:
                self._hooks.append(module.register_forward_hook(self._see_output))

    def stop(self) -> None:
        """Remove the hooks and forget what was seen."""
        for hook in self._hooks:
            hook.remove()
        self._hooks, self._calls, self._dead, self._saturated = [], {}, {}, {}

    def shares(self) -> dict[str, Tensor]:
        """Return the shares of dead and of saturated units since ``start``, where there were any to look at."""
        seen = {"dead_neurons": self._dead, "saturated_neurons": self._saturated}
        found = {name: _share(list(masks.values())) for name, masks in seen.items() if masks}
        self.stop()
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return UnitCounter, (None,)

    def _begin_forward(self, module: nn.Module, args: Any) -> None:  # noqa: ARG002 - torch's signature
        self._calls = {}

    def _see_input(self, module: nn.Module, args: tuple[Any, ...]) -> None:
        values = args[0] if args else None
        if self._hooks and module.training and isinstance(values, Tensor) and values.requires_grad:
            feature = values.dim() - 1 if isinstance(module, _FEATURE_LAST) or values.dim() < 3 else 1
            others = [place for place in range(values.dim()) if place != feature]
            if others and values.numel() >= _FEWEST * values.shape[feature] > 0:
                self._keep(self._dead, module, values.detach().abs().amax(others) == 0)

    def _see_output(self, module: nn.Module, args: Any, output: Any) -> None:  # noqa: ARG002 - torch's signature
        if not (self._hooks and module.training and isinstance(output, Tensor) and output.requires_grad):
            return
        if output.dim() and output.shape[0] >= _FEWEST:
            low, high = _ENDS[type(module)]
            from_middle = (output.detach() - (low + high) / 2).abs().amin(0).flatten()
            self._keep(self._saturated, module, from_middle > (0.5 - _NEAR_END) * (high - low))

    def _keep(self, masks: dict[tuple[int, int], Tensor], module: nn.Module, mask: Tensor) -> None:
        """A module that is used twice in one forward pass has units at two places."""
        call = self._calls[id(module)] = self._calls.get(id(module), -1) + 1
        known = masks.get((id(module), call))
        if known is not None and known.shape == mask.shape:
            masks[id(module), call] = known & mask
        elif known is None and len(masks) < _MOST_PLACES:
            masks[id(module), call] = mask


def _share(masks: list[Tensor]) -> Tensor:
    device = masks[0].device
    counts = torch.stack([mask.sum().to(device, torch.float32, non_blocking=True) for mask in masks])
    return counts.sum() / sum(mask.numel() for mask in masks)


def _eager(model: nn.Module) -> list[nn.Module]:
    """All modules but those inside a compiled one."""
    if hasattr(model, "_orig_mod") or getattr(model, "_compiled_call_impl", None) is not None:
        return []
    return [model, *(inner for child in model.children() for inner in _eager(child))]
