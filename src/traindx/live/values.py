"""What a training logs, as numbers: at once where they are at hand, later where a device still computes them.

Nothing here waits for a device. A value on one is copied on the device's own queue, so that what the training does with it next
does not change what is recorded; whoever asks later finds the copy.
"""

from __future__ import annotations

import math
import numbers
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, final

import numpy as np


@final
@dataclass(frozen=True, slots=True)
class Late:
    """A number that is not known yet: read when it is asked for; ``asks`` tells whether it is there, as far as that can be known."""

    reads: Callable[[], Any]
    asks: Callable[[], bool] | None = None

    def ready(self) -> bool:
        """Whether ``number`` would answer without waiting; True where nobody knows."""
        return self.asks is None or bool(self.asks())

    def number(self) -> float:
        """Return the number. Called off the training thread; may wait."""
        return float(self.reads())


class NotANumberError(TypeError):
    """What was logged cannot be a number; the message says what it is."""


Way = Callable[[Any], float | Late]


@final
class Values:
    """Takes values of any type; how, is found out once for each type."""

    def __init__(self) -> None:
        self._ways: dict[type, Way] = {}

    def take(self, value: object) -> float | Late:
        """Return the number, or what will be one. Raises ``NotANumberError``."""
        way = self._ways.get(type(value))
        if way is None:
            way = self._ways[type(value)] = _way_of(value)
        try:
            return way(value)
        except OverflowError:  # an integer beyond all floats
            return math.inf if value > 0 else -math.inf  # type: ignore[operator]  # only numbers overflow


def _way_of(value: object) -> Way:
    kind = type(value)
    if issubclass(kind, int | float | np.floating | np.integer | np.bool_):
        return float
    for module, name, way in _FRAMEWORKS:
        known = getattr(sys.modules.get(module), name, None)
        if isinstance(known, type) and isinstance(value, known):
            return way
    if issubclass(kind, numbers.Real | Decimal):
        return float
    return _by_its_looks(value)


def _by_its_looks(value: object) -> Way:
    """Return how to take a value of a library that is not known here."""
    if isinstance(value, np.ndarray):
        return _array
    real = hasattr(value, "__float__")
    if real and hasattr(value, "is_ready"):
        return _lazy
    if real and hasattr(value, "__dlpack__"):  # on a device perhaps: reading it may wait
        return _unread
    if hasattr(value, "value") and hasattr(value, "assign"):  # a variable that holds a tensor
        return _variable
    return _array if hasattr(value, "item") and hasattr(value, "size") else _refused


def _unread(value: Any) -> Late:
    return Late(lambda: value)


def _refused(value: object) -> float:
    raise NotANumberError("None" if value is None else f"a {type(value).__name__}")


def _array(value: Any) -> float:
    if value.size != 1:
        raise NotANumberError(f"{value.size} numbers")
    return _real(value.item())


def _real(item: object) -> float:
    if isinstance(item, int | float):
        return float(item)
    raise NotANumberError(f"a {type(item).__name__}")


def _tensor(value: Any) -> float | Late:
    """Take a PyTorch tensor."""
    if value.numel() != 1:
        raise NotANumberError(f"{value.numel()} numbers")
    if value.is_complex():
        raise NotANumberError("a complex number")
    device = value.device.type
    if device == "cpu":
        return float(value.item())
    if device == "meta":
        raise NotANumberError("a tensor without a value")
    streams = getattr(sys.modules["torch"], device, None)
    if device in _STREAMED and streams is not None:
        return _on_stream(value.detach(), streams)
    return Late(value.detach().clone().item)


_STREAMED = ("cuda", "xpu")  # whose copies into pinned memory an event tells the end of


def _on_stream(value: Any, streams: Any) -> Late:
    """Copy into pinned memory on the current stream, and mark the place on it."""
    if getattr(streams, "is_current_stream_capturing", bool)():
        raise NotANumberError("a tensor of a graph that is being captured")
    torch = sys.modules["torch"]
    with streams.device(value.device):
        host = torch.empty(value.shape, dtype=value.dtype, pin_memory=True)
        host.copy_(value, non_blocking=True)
        done = streams.Event()
        done.record(streams.current_stream())
    return Late(_waited(done.synchronize, host.item), done.query)


def _waited(wait: Callable[[], object], read: Callable[[], Any]) -> Callable[[], Any]:
    def number() -> Any:
        wait()  # over already where ``ready`` was asked
        return read()

    return number


def _traced(value: object) -> float:
    del value
    raise NotANumberError("a traced value: log what the compiled function returns")


def _jax_array(value: Any) -> float | Late:
    if value.size != 1:
        raise NotANumberError(f"{value.size} numbers")
    return _lazy(value)


def _lazy(value: Any) -> float | Late:
    """Take an array that is computed while the program goes on: at once where it is there, and on this side of the bus."""
    ready = value.is_ready
    devices = getattr(value, "devices", None)
    if ready() and (devices is None or all(one.platform == "cpu" for one in devices())):
        return _scalar(value)
    start = getattr(value, "copy_to_host_async", None)
    if start is not None:
        start()
    return Late(lambda: _scalar(value), ready)


def _scalar(value: Any) -> float:
    return _real(value.item()) if hasattr(value, "item") else float(value)


def _eager(value: Any) -> float | Late:
    """Take a TensorFlow tensor or variable."""
    tensor = value.read_value() if hasattr(value, "read_value") else value
    if not hasattr(tensor, "numpy"):
        return _traced(tensor)
    if tensor.shape.num_elements() != 1:
        raise NotANumberError(f"{tensor.shape.num_elements()} numbers")
    read = _waited(bool, lambda: _real(tensor.numpy().item()))
    return read() if "CPU" in str(tensor.device) else Late(read)


def _variable(value: Any) -> float | Late:
    """Take a variable that wraps another framework's tensor, such as Keras's."""
    inner = value.value
    return _way_of(inner)(inner)


# the first that fits decides: a traced array calls itself an array too
_FRAMEWORKS: tuple[tuple[str, str, Way], ...] = (
    ("torch", "Tensor", _tensor),
    ("jax.core", "Tracer", _traced),
    ("jax", "Array", _jax_array),
    ("tensorflow", "Tensor", _eager),
    ("tensorflow", "Variable", _eager),
)
