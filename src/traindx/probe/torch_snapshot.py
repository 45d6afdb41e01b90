"""Everything of a model that a step or a forward pass may change, kept once and put back bit by bit."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator
from functools import partial
from importlib import import_module
from typing import Any, final

import numpy as np

from traindx.probe.kinds import is_of
from traindx.probe.torch_random import RandomStates

torch: Any = import_module("torch")

_CONTAINERS = (dict, OrderedDict, defaultdict, Counter, list, set, deque)
_DEPTH = 3  # of plain containers within attributes


@final
class Snapshot:
    """The tensors, flags, hooks and plain attributes of modules and of ``holders`` (optimisers that hold others), and all random states.

    Tensors are copied once, to the CPU; the objects themselves stay, so that whoever holds them sees no change. ``bytes`` is what the copy takes.
    """

    def __init__(self, modules: Iterable[Any], tensors: Iterable[Any] = (), holders: Iterable[Any] = ()) -> None:
        self._random = RandomStates()
        self._attributes: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self._containers: dict[int, tuple[Any, Any]] = {}
        self._tensors: dict[int, tuple[Any, Any, Any, Any, bool]] = {}
        self._generators: list[tuple[Any, Any]] = []
        for module in modules:
            for part in module.modules():
                self._keep_attributes(part.__dict__)
        for holder in holders:
            self._keep_attributes(holder.__dict__)
        for tensor in tensors:
            self._keep_tensor(tensor)

    @property
    def bytes(self) -> int:
        """What the copies hold."""
        return sum(copy.numel() * copy.element_size() for _, _, copy, _, _ in self._tensors.values())

    def kept(self, tensor: Any) -> Any:
        """Return the copy of a tensor."""
        return self._tensors[id(tensor)][2]

    def _keep_attributes(self, attributes: dict[str, Any]) -> None:
        if any(attributes is kept for kept, _ in self._attributes):
            return
        self._attributes.append((attributes, dict(attributes)))
        for value in attributes.values():
            self._keep(value, _DEPTH)

    def _keep(self, value: Any, depth: int) -> None:
        if is_of(value, torch.Tensor):
            self._keep_tensor(value)
        elif is_of(value, torch.Generator):
            self._generators.append((value.set_state, value.get_state()))
        elif is_of(value, np.random.Generator):
            self._generators.append((partial(setattr, value.bit_generator, "state"), value.bit_generator.state))
        elif is_of(value, np.ndarray):
            self._containers.setdefault(id(value), (value, value.copy()))
        elif type(value) in _CONTAINERS and id(value) not in self._containers:
            self._containers[id(value)] = (value, value.copy())
            for inner in list(value.values()) if is_of(value, dict) else list(value):
                if depth and not is_of(inner, torch.nn.Module):
                    self._keep(inner, depth - 1)

    def _keep_tensor(self, tensor: Any) -> None:
        if id(tensor) in self._tensors or isinstance(tensor, torch.nn.parameter.UninitializedTensorMixin):
            return
        data = tensor.detach()
        if data.layout is not torch.strided:
            for part in _parts(data):
                self._keep_tensor(part)
            copy = data  # its numbers are kept with its parts
        else:
            copy = _once(data).to("cpu", copy=True)
        self._tensors[id(tensor)] = (tensor, data, copy, tensor.grad if tensor.is_leaf else None, tensor.requires_grad)

    def put_back(self) -> None:
        """Make everything what it was."""
        for attributes, kept in self._attributes:
            for name in [name for name in attributes if name not in kept]:
                del attributes[name]
            attributes.update(kept)
        for value, kept in self._containers.values():
            _refill(value, kept)
        with torch.no_grad():
            for tensor, data, copy, grad, wanted in self._tensors.values():
                if data.layout is torch.strided:
                    if tensor.data_ptr() != data.data_ptr() or tensor.dtype != data.dtype or tensor.shape != data.shape:
                        tensor.data = data
                    _once(data).copy_(copy)
                if tensor.is_leaf:
                    tensor.requires_grad_(wanted)
                    tensor.grad = grad
        for put, state in self._generators:
            put(state)
        self._random.put_back()

    def put_modes_back(self) -> None:
        """Make the training flags what they were, and nothing else."""
        for attributes, kept in self._attributes:
            if "training" in kept:
                attributes["training"] = kept["training"]

    def clear_gradients(self) -> None:
        """Take every gradient away; those that were there are kept for ``put_back``."""
        for tensor, _, _, _, _ in self._tensors.values():
            if tensor.is_leaf:
                tensor.grad = None


def _once(data: Any) -> Any:
    """Return the tensor without what ``expand`` repeats: torch refuses to write there."""
    return data[tuple(slice(0, 1) if step == 0 else slice(None) for step in data.stride())]


def _parts(data: Any) -> Iterator[Any]:
    """Yield the plain tensors that a sparse one consists of."""
    if data.layout is torch.sparse_coo:
        yield from (data._indices(), data._values())
    elif data.layout in (torch.sparse_csr, torch.sparse_bsr):
        yield from (data.crow_indices(), data.col_indices(), data.values())
    elif data.layout in (torch.sparse_csc, torch.sparse_bsc):
        yield from (data.ccol_indices(), data.row_indices(), data.values())


def _refill(value: Any, kept: Any) -> None:
    if is_of(value, np.ndarray):
        value[...] = kept
    elif is_of(value, dict, set):
        value.clear()
        value.update(kept)
    else:
        value.clear()
        value.extend(kept)


def modules_within(model: Any, loss: Any) -> list[Any]:
    """Return the model, and every module that the loss reaches: its own, those it was bound to, closes over, or names globally."""
    found: dict[int, Any] = {id(model): model}
    for value in _reached(loss):
        if isinstance(value, torch.nn.Module):
            found.setdefault(id(value), value)
    return list(found.values())


def _reached(loss: Any) -> Iterator[Any]:
    yield loss
    if isinstance(loss, partial):
        yield from loss.args
        yield from loss.keywords.values()
        yield from _reached(loss.func)
        return
    yield getattr(loss, "__self__", None)
    function: Any = getattr(loss, "__func__", loss)
    for cell in getattr(function, "__closure__", None) or ():
        yield from _inside(cell)
    names: tuple[str, ...] = getattr(getattr(function, "__code__", None), "co_names", ())
    around: dict[str, Any] = getattr(function, "__globals__", {})
    yield from (around[name] for name in names if name in around)
    yield from getattr(function, "__defaults__", None) or ()


def _inside(cell: Any) -> Iterator[Any]:
    try:
        yield cell.cell_contents
    except ValueError:  # not bound yet
        return
