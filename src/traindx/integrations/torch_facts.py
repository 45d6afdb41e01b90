"""Facts that the objects of a PyTorch training tell, whichever framework holds them. Imports no framework."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Any, Final, cast

from traindx.context import FactValue

Facts = Mapping[str, FactValue]
# How long a schedule's name tells its shape; the others are called what they are called.
_NO_SHAPE: Final = frozenset({"LambdaLR", "MultiplicativeLR", "SequentialLR", "ChainedScheduler"})


def plain(values: Any) -> dict[str, Any]:
    """Hyperparameters as settings: of a mapping or a namespace, what is a number or a text."""
    named: Mapping[Any, Any] = cast("Mapping[Any, Any]", values if isinstance(values, Mapping) else vars(values))
    return {str(name): value for name, value in named.items() if isinstance(value, (bool, int, float, str))}


def loader_facts(loader: Any, *, accumulated: int = 1) -> Facts:
    """Batch size, samples, and updates in one epoch of a ``DataLoader``, as far as it knows them."""
    facts: dict[str, FactValue] = {}
    size = getattr(loader, "batch_size", None)
    if isinstance(size, int) and size > 0:
        facts["batch_size"] = size
    if isinstance(data := getattr(loader, "dataset", None), Sized):
        facts["num_samples"] = len(data)
    if isinstance(loader, Sized) and len(loader):
        facts["steps_per_epoch"] = -(-len(loader) // max(1, accumulated))
    return facts


def optimizer_facts(optimizer: Any, *, schedule: Any = None) -> Facts:
    """The optimiser's name and weight decay (the largest of its groups: biases are often spared), its learning rate where no schedule changes it, and the schedule's name."""
    facts: dict[str, FactValue] = {"optimizer": type(_innermost(optimizer)).__name__}
    group: Mapping[str, Any] = optimizer.param_groups[0]
    decays = [one.get("weight_decay") for one in optimizer.param_groups]
    if known := [float(decay) for decay in decays if isinstance(decay, (int, float))]:
        facts["weight_decay"] = max(known)
    if schedule is not None:
        if type(schedule).__name__ not in _NO_SHAPE:
            facts["schedule"] = type(schedule).__name__
    elif isinstance(rate := group.get("lr"), (int, float)):
        facts["lr"] = float(rate)
    return facts


def _innermost(optimizer: Any) -> Any:
    """The optimiser inside the wrappers of Lightning and accelerate, which have it as ``optimizer``."""
    inner = getattr(optimizer, "optimizer", None)
    return optimizer if inner is None or not hasattr(inner, "param_groups") else _innermost(inner)
