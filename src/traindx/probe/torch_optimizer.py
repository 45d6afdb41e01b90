"""The given optimiser, looked at and stepped as a copy: the original and its state are never touched."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from traindx.errors import UsageError
from traindx.probe.kinds import is_of, is_sequence
from traindx.probe.subject import Rates

torch: Any = import_module("torch")

_PLAIN: tuple[type, ...] = (dict, list, OrderedDict, set)


def rates_of(optimizer: Any, names: Mapping[int, str]) -> Rates:
    """Return what the optimiser holds; ``names`` are those of the model's parameters by identity."""
    held = [p for group in optimizer.param_groups for p in group["params"]]
    return Rates(
        name=type(optimizer).__name__,
        rates=tuple(float(group.get("lr", float("nan"))) for group in optimizer.param_groups),
        planned=tuple(float(g["initial_lr"]) for g in optimizer.param_groups if "initial_lr" in g),
        held=frozenset(names[id(p)] for p in held if id(p) in names),
        foreign=sum(id(p) not in names for p in held),
    )


def copy_of(optimizer: Any) -> Any:
    """Return an optimiser of the same kind and state on the same parameters, without hooks, and without a scheduler.

    Each group steps at the rate that a scheduler began from, where one is attached: at the first step of a warm-up nothing would move.
    """
    kind = cast("Any", type(optimizer))
    clone: Any = kind.__new__(kind)
    clone.__dict__.update({k: _shallow(v) for k, v in optimizer.__dict__.items() if k not in ("step", "state")})
    for name in list(clone.__dict__):
        if name.endswith("_hooks"):
            clone.__dict__[name] = OrderedDict()
    groups: list[dict[str, Any]] = [{**group, "params": list(group["params"])} for group in optimizer.param_groups]
    clone.param_groups = groups
    for group in groups:
        planned: Any = group.get("initial_lr", group.get("lr"))
        if planned is not None:
            group["lr"] = float(planned)
    clone.state = defaultdict(dict, {p: _cloned(state) for p, state in optimizer.state.items()})
    return clone


def set_rate(optimizer: Any, rate: float) -> None:
    """Set the largest rate of the groups; the others keep their ratio to it."""
    present = [float(group.get("lr", 0.0)) for group in optimizer.param_groups]
    top = max(present, default=0.0)
    for group, own in zip(optimizer.param_groups, present, strict=True):
        group["lr"] = rate * (own / top if top > 0 else 1.0)


def _shallow(value: Any) -> Any:
    kind = cast("Any", type(value))
    return kind(value) if any(kind is plain for plain in _PLAIN) else value


def _cloned(value: Any) -> Any:
    if is_of(value, torch.Tensor):
        return value.detach().clone()
    if is_of(value, dict):
        return {k: _cloned(v) for k, v in value.items()}
    if is_sequence(value):
        kind = cast("Any", type(value))
        return kind(_cloned(v) for v in value)
    return value


def step_of(optimizer: Any) -> None:
    """Take one step. Raises UsageError for optimisers that evaluate the loss themselves."""
    try:
        optimizer.step()
    except TypeError as error:
        raise UsageError(f"{type(optimizer).__name__} cannot step without a closure: {error}") from None
