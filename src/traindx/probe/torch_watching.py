"""Watching the layers of a PyTorch model for one pass: what goes in, what comes out, and which statistics they use."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from traindx.probe.kinds import is_mapping, is_sequence
from traindx.probe.subject import Layer
from traindx.probe.torch_tensors import is_tensor

torch: Any = import_module("torch")
nn: Any = torch.nn

_WEIGHTED = (nn.Linear, nn.modules.conv._ConvNd)
_NORMS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, getattr(nn, "RMSNorm", nn.LayerNorm))
_RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.Threshold, nn.Hardtanh, nn.Hardswish)
_AT_END = {nn.Sigmoid: 0.01, nn.Tanh: 0.01, nn.Softsign: 0.01}
# Of one layer's values at most so many are kept to look at.
_ENOUGH = 2**22


@contextmanager
def hooked(module: Any, hook: Callable[..., None], *, before: bool = False, kwargs: bool = False) -> Generator[None]:
    """Watch every layer of ``module`` while this lasts."""
    handles: list[Any] = []
    try:
        for name, part in module.named_modules():
            called: Any = _named(hook, name)
            register = part.register_forward_pre_hook if before else part.register_forward_hook
            handles.append(register(called, with_kwargs=True) if kwargs else register(called))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _named(hook: Callable[..., None], name: str) -> Callable[..., None]:
    def call(module: Any, *given: Any) -> None:
        hook(name, module, *given)

    return call


def tensors_in(*values: Any) -> Iterator[Any]:
    """Yield the tensors among what a layer is given, two levels deep."""
    for value in values:
        if is_tensor(value):
            yield value
        elif is_mapping(value):
            yield from (part for part in value.values() if is_tensor(part))
        elif is_sequence(value):
            yield from tensors_in(*value)


class LayerWatch:
    """Collects what ``Layer`` tells, from the hooks of one pass."""

    def __init__(self, raw: set[int]) -> None:
        self._raw = raw
        self._first = True
        self.found: dict[str, Layer] = {}

    def __call__(self, name: str, module: Any, args: Any, output: Any) -> None:
        """Take one layer's inputs and output."""
        given = next(tensors_in(args), None)
        if isinstance(module, (*_WEIGHTED, *_NORMS)):
            self._weighted(name, module, given)
        if is_tensor(output) and output.numel() <= _ENOUGH and output.ndim > 1:
            if isinstance(module, _RECTIFIERS):
                self.found[name] = Layer(name=name, units=_units(output), dead=_dead(output))
            elif type(module) in _AT_END:
                self.found[name] = Layer(name=name, units=_units(output), saturated=_saturated(output, type(module)))

    def _weighted(self, name: str, module: Any, given: Any) -> None:
        first, self._first = self._first, False
        if not is_tensor(given) or not given.is_floating_point() or given.ndim < 2:
            return
        values = given.detach().float()
        dead = None
        if not first and given.numel() <= _ENOUGH and given.data_ptr() not in self._raw and bool((values >= 0).all()):
            dead = _dead(values, spatial=isinstance(module, nn.modules.conv._ConvNd))
        self.found[name] = Layer(
            name=name,
            units=_units(given),
            dead=dead,
            first=first and not isinstance(module, _NORMS),
            normalises=isinstance(module, _NORMS),
            mean=float(values.mean()),
            deviation=float(values.std()) if values.numel() > 1 else 0.0,
            largest=float(values.abs().max()) if values.numel() else 0.0,
        )


def _units(values: Any) -> int:
    return int(values.shape[1] if values.ndim == 4 else values.shape[-1])


def _dead(values: Any, *, spatial: bool = False) -> float:
    """The share of units (channels of pictures, else the last axis) that are exactly 0 throughout."""
    axis = 1 if values.ndim == 4 or (spatial and values.ndim > 2) else -1
    units = values.detach().movedim(axis, 0).flatten(1)
    return float((units == 0).all(dim=1).float().mean())


def _saturated(values: Any, kind: Any) -> float:
    margin = _AT_END[kind]
    flat = values.detach().float()
    ends = flat.abs() > 1 - margin if kind is not nn.Sigmoid else (flat > 1 - margin) | (flat < margin)
    return float(ends.float().mean())
