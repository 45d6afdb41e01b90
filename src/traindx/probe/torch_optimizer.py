"""The given optimiser, looked at and stepped as a copy, with all that it wraps: the originals and their states are never touched."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
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


def copy_of(optimizer: Any, done: dict[int, Any] | None = None) -> Any:
    """Return an optimiser of the same kind and state on the same parameters, without hooks, and without a scheduler.

    Each group steps at the rate that a scheduler began from, where one is attached: at the first step of a warm-up nothing would move.
    ``done`` are the copies made already, by the identity of what they are of.
    """
    done = {} if done is None else done
    kind = cast("Any", type(optimizer))
    clone: Any = kind.__new__(kind)
    done[id(optimizer)] = clone
    for name, value in optimizer.__dict__.items():
        if name.endswith("_hooks"):
            clone.__dict__[name] = OrderedDict()
        elif name not in ("step", "state", "param_groups"):
            clone.__dict__[name] = _own(value, done)
    # Those that wrap others share groups and states with them, or have them as properties: so do their copies.
    clone.param_groups = _once(optimizer.param_groups, done, lambda groups: [_once(g, done, _group) for g in groups])
    clone.state = _once(
        optimizer.state, done, lambda kept: defaultdict(dict, {p: _cloned(state) for p, state in kept.items()})
    )
    return clone


def _once(value: Any, done: dict[int, Any], make: Callable[[Any], Any]) -> Any:
    if id(value) not in done:
        done[id(value)] = make(value)
    return done[id(value)]


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = {**group, "params": list(group["params"])}
    planned: Any = group.get("initial_lr", group.get("lr"))
    if planned is not None:
        own["lr"] = float(planned)
    return own


def wrapped_by(optimizer: Any) -> list[Any]:
    """Return the optimiser and those that it holds, however deep; only itself where it holds none."""
    found = {id(optimizer): optimizer}
    for inner in _held(optimizer.__dict__.values()):
        if id(inner) not in found:
            found |= {id(one): one for one in wrapped_by(inner)}
    return list(found.values())


def _held(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if is_of(value, torch.optim.Optimizer):
            yield value
        elif is_sequence(value):
            yield from (one for one in value if is_of(one, torch.optim.Optimizer))


def set_rate(optimizer: Any, rate: float) -> None:
    """Set the largest rate of the groups; the others keep their ratio to it."""
    present = [float(group.get("lr", 0.0)) for group in optimizer.param_groups]
    top = max(present, default=0.0)
    for group, own in zip(optimizer.param_groups, present, strict=True):
        group["lr"] = rate * (own / top if top > 0 else 1.0)


def _own(value: Any, done: dict[int, Any]) -> Any:
    if is_of(value, torch.optim.Optimizer):
        return _once(value, done, lambda inner: copy_of(inner, done))
    if is_sequence(value) and any(True for _ in _held(value)):
        return [_own(one, done) for one in value]
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
