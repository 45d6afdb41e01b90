"""How a loss is called in PyTorch: a function of model and batch, a criterion, a model that computes its own loss, a Lightning module."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from traindx.errors import UsageError
from traindx.probe.kinds import is_mapping, is_sequence

torch: Any = import_module("torch")

Call = Callable[[Any], Any]

_EXAMPLE = "for example loss=lambda model, batch: F.cross_entropy(model(batch[0]), batch[1])"
_PLAIN_LOSSES = "torch.nn.functional"


def call_of(model: Any, loss: Any, batch: Any) -> Call:
    """Return what computes the loss of a batch. Raises UsageError where nothing tells how."""
    if loss is None:
        return _own_loss(model, batch)
    if isinstance(loss, torch.nn.Module) or getattr(loss, "__module__", "") == _PLAIN_LOSSES:
        return _criterion(model, loss, batch)
    if not callable(loss):
        raise UsageError(f"loss is {_spoken(loss)}, which cannot be called", hint=_EXAMPLE)
    _must_take_two(loss)
    return lambda given: loss(model, given)


def _own_loss(model: Any, batch: Any) -> Call:
    if _is_lightning(model):
        if not model.automatic_optimization:
            raise UsageError(
                "this Lightning module optimises by hand, so training_step returns no single loss",
                hint="give the loss: loss=lambda module, batch: ...",
            )
        takes = len(inspect.signature(model.training_step).parameters)
        return (lambda given: model.training_step(given, 0)) if takes > 1 else cast("Call", model.training_step)
    if isinstance(batch, Mapping) and "labels" in inspect.signature(model.forward).parameters:
        return lambda given: model(**given)
    if isinstance(batch, Mapping) and hasattr(model, "config"):
        return lambda given: model(**given)
    raise UsageError(
        f"no loss was given, and {type(model).__name__} has neither training_step nor a forward that takes labels",
        hint=_EXAMPLE,
    )


def _criterion(model: Any, criterion: Any, batch: Any) -> Call:
    if not (isinstance(batch, list | tuple) and len(cast("list[Any]", batch)) == 2):
        raise UsageError(
            f"a criterion ({_spoken(criterion)}) needs a batch of two parts, inputs and targets, not {_spoken(batch)}",
            hint=_EXAMPLE,
        )

    def call(given: Any) -> Any:
        inputs, target = given
        out = model(**inputs) if isinstance(inputs, Mapping) else model(inputs)
        return criterion(out, target)

    return call


def _must_take_two(loss: Any) -> None:
    try:
        inspect.signature(loss).bind(None, None)
    except ValueError:  # some built-in functions tell no signature
        return
    except TypeError as error:
        raise UsageError(f"loss must take (model, batch): {error}", hint=_EXAMPLE) from None


def _is_lightning(model: Any) -> bool:
    return callable(getattr(model, "training_step", None)) and hasattr(model, "automatic_optimization")


def optimizer_of(model: Any, optimizer: Any) -> tuple[Any, str]:
    """Return the optimiser, that of a Lightning module where none is given, and why there is none."""
    if optimizer is not None:
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise UsageError(
                f"optimizer must be a torch.optim.Optimizer, not {_spoken(optimizer)}", hint="probe one at a time"
            )
        return optimizer, ""
    if not _is_lightning(model):
        return None, "no optimizer was given: its learning rate and parameters were not looked at (optimizer=...)"
    try:
        made: Any = model.configure_optimizers()
    except (RuntimeError, AttributeError, TypeError, ValueError, LookupError, NotImplementedError) as error:
        return None, f"configure_optimizers could not be called without a trainer ({error}): give optimizer=..."
    while (is_sequence(made) or is_mapping(made)) and made:
        made = made.get("optimizer") if is_mapping(made) else made[0]
    if isinstance(made, torch.optim.Optimizer):
        return made, ""
    return None, "configure_optimizers returned nothing that could be taken apart: give optimizer=..."


def _spoken(value: Any) -> str:
    return f"a {type(value).__name__}"
