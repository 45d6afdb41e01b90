"""Between PyTorch's tensors and arrays: a batch taken apart, and what a loss function returned read as one number and its terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, cast

import numpy as np

from traindx.errors import UsageError
from traindx.probe.batch import Array, Batch, Leaf
from traindx.probe.kinds import is_mapping, is_sequence
from traindx.probe.nest import take_apart

torch: Any = import_module("torch")

_TOTALS = ("loss", "total_loss", "total")


def is_tensor(value: object) -> bool:
    """Whether a value is a tensor of PyTorch."""
    return isinstance(value, torch.Tensor)


def as_array(tensor: Any) -> Array:
    """Return the values on the CPU; bfloat16 and float16 widened, since numpy knows or computes them badly."""
    plain = tensor.detach().cpu()
    if plain.dtype in (torch.bfloat16, torch.float16):
        plain = plain.float()
    return np.array(plain.numpy())


def batch_of(nest: Any) -> Batch:
    """Return a nest of tensors as a batch. Raises UsageError where it holds none."""
    found, rebuild = take_apart(nest, is_tensor)
    if not found:
        raise UsageError(
            f"the batch holds no tensors: it is a {type(nest).__name__}", hint="a tensor, or any nest of tensors"
        )
    originals = [tensor for _, tensor in found]

    def build(arrays: Sequence[Array]) -> Any:
        fresh = (
            torch.from_numpy(np.ascontiguousarray(array))
            .reshape(array.shape)
            .to(original.device, original.dtype, copy=True)
            for array, original in zip(arrays, originals, strict=True)
        )
        return rebuild(_wanting(fresh, originals))

    return Batch(tuple(Leaf(path, as_array(tensor)) for path, tensor in found), build)


def _wanting(fresh: Iterator[Any], originals: Sequence[Any]) -> Iterator[Any]:
    for tensor, original in zip(fresh, originals, strict=True):
        yield tensor.requires_grad_() if original.requires_grad and original.is_leaf else tensor


def read_loss(returned: Any, weights: Mapping[str, float] | None) -> tuple[Any, dict[str, tuple[Any, float | None]]]:
    """Return the loss as one tensor, and its terms with their weights (None where a weight is not known).

    A loss function may return a tensor; a mapping of terms, each a tensor or ``(tensor, weight)``, where an entry ``loss`` is the total;
    a sequence of terms; a pair of terms and weights; an object with ``.loss``; or the loss first and other things after it.
    """
    if is_tensor(returned):
        return _scalar(returned), {}
    if not is_mapping(returned) and is_tensor(getattr(returned, "loss", None)):
        return _scalar(returned.loss), {}
    if is_mapping(returned):
        return _from_mapping(cast("Mapping[str, Any]", returned), weights or {})
    if is_sequence(returned) and returned:
        return _from_sequence(cast("Sequence[Any]", returned), weights or {})
    raise UsageError(
        f"the loss function returned a {type(returned).__name__}",
        hint="return a tensor, a mapping of terms, or terms with weights: {'mask': (term, 20.0)}",
    )


def _from_sequence(
    returned: Sequence[Any], weights: Mapping[str, float]
) -> tuple[Any, dict[str, tuple[Any, float | None]]]:
    first = returned[0]
    if is_mapping(first):
        more: dict[str, float] = dict(returned[1]) if len(returned) > 1 and is_mapping(returned[1]) else {}
        return _from_mapping(cast("Mapping[str, Any]", first), {**weights, **more})
    if all(_is_term(part) for part in returned) and len(returned) > 1 and not _is_pair(returned):
        return _from_mapping({f"term {i}": part for i, part in enumerate(returned, 1)}, weights)
    if _is_pair(returned):
        return _from_mapping({"term 1": returned}, weights)
    if is_tensor(first):
        return _scalar(first), {}
    raise UsageError(
        "the loss function returned a sequence that does not begin with a loss", hint="return the loss first"
    )


def _from_mapping(
    returned: Mapping[str, Any], weights: Mapping[str, float]
) -> tuple[Any, dict[str, tuple[Any, float | None]]]:
    terms: dict[str, tuple[Any, float | None]] = {}
    total = next((returned[name] for name in _TOTALS if name in returned and is_tensor(returned[name])), None)
    for name, part in returned.items():
        if name in _TOTALS or not _is_term(part):
            continue
        value, weight = part if is_sequence(part) else (part, weights.get(name, None if total is not None else 1.0))
        terms[str(name)] = (value.reshape(()), None if weight is None else float(weight))
    if total is not None:
        return _scalar(total), terms
    known = {name: (value, weight) for name, (value, weight) in terms.items() if weight is not None}
    if not known:
        raise UsageError(
            f"the loss function returned a mapping without a loss: {', '.join(map(str, list(returned)[:6]))}",
            hint="an entry 'loss', or terms that are tensors of one number",
        )
    return sum(weight * value for value, weight in known.values()), terms


def _is_pair(part: Any) -> bool:
    return (
        is_sequence(part)
        and len(cast("Sequence[Any]", part)) == 2
        and _is_one(part[0])
        and isinstance(part[1], int | float)
    )


def _is_one(value: Any) -> bool:
    return is_tensor(value) and value.numel() == 1


def _is_term(part: Any) -> bool:
    return _is_one(part) or _is_pair(part)


def _scalar(tensor: Any) -> Any:
    if tensor.numel() != 1:
        raise UsageError(
            f"the loss has {tensor.numel():,} numbers, and a training steps on one",
            hint="reduce it: loss.mean(), or reduction='mean'",
        )
    return tensor.reshape(())


def outputs_in(value: Any, largest: int) -> Iterator[tuple[str, Array]]:
    """Yield the floating-point tensors among what a model put out, with their names; those over ``largest`` numbers are passed over."""
    found, _ = take_apart(value, is_tensor)
    for path, tensor in found:
        if tensor.is_floating_point() and tensor.ndim and 0 < tensor.numel() <= largest:
            yield ("the output" if path == "batch" else path), as_array(tensor)
