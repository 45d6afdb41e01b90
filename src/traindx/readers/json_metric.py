"""One metric as a JSON object: values beside their steps, or values keyed by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from traindx.readers.json_long import axis_series
from traindx.readers.json_values import as_list, is_list, number, seconds
from traindx.run import Floats, Series

__all__ = ["Node", "axis_series", "metric"]

Node = Mapping[str, object]
STEP_LISTS = ("steps", "step", "iterations", "iters", "x")
EPOCH_LISTS = ("epochs", "epoch")
TIME_LISTS = ("timestamps", "wall_times", "times", "timestamp")
VALUE_LISTS = ("values", "value", "y")


def metric(name: str, node: Node) -> Series | None:
    """Return the series of an object that holds one metric: values beside their steps, or values keyed by step."""
    values = _listed(node, VALUE_LISTS)
    if values is not None:
        return _with_axes(name, node, values)
    return _keyed(name, node)


def _listed(node: Node, names: Sequence[str]) -> Floats | None:
    found = next((node[key] for key in names if is_list(node.get(key))), None)
    if found is None:
        return None
    parsed = [number(item) for item in as_list(found)]
    return None if None in parsed else np.array(parsed, dtype=np.float64)


def _with_axes(name: str, node: Node, values: Floats) -> Series | None:
    steps, epochs = _listed(node, STEP_LISTS), _listed(node, EPOCH_LISTS)
    if steps is None and epochs is None:
        return None
    lengths = {
        len(values),
        *(len(axis) for axis in (steps, epochs) if axis is not None),
    }
    size = min(lengths)
    unknown = np.full(size, np.nan)
    return axis_series(
        name,
        values[:size],
        np.arange(1, size + 1, dtype=np.int64),
        steps=unknown if steps is None else steps[:size],
        epochs=None if epochs is None else epochs[:size],
        times=_clock(node, size),
    )


def _clock(node: Node, size: int) -> Floats:
    found = next((node[key] for key in TIME_LISTS if is_list(node.get(key))), None)
    times = [seconds(item) for item in as_list(found)][:size] if found is not None else []
    return np.array(times + [float("nan")] * (size - len(times)), dtype=np.float64)


def _keyed(name: str, node: Node) -> Series | None:
    """Return the series of ``{"0": 1.2, "1": 1.1}``."""
    if len(node) < 2 or not all(key.isascii() and key.isdigit() and len(key) < 16 for key in node):
        return None
    parsed = [number(value) for value in node.values()]
    present = np.array([value is not None for value in parsed], dtype=np.bool_)
    if not present.any() or any(isinstance(value, (list, dict)) for value in node.values()):
        return None
    values = np.array([np.nan if value is None else value for value in parsed])[present]
    steps = np.array([float(key) for key in node])[present]
    records = np.flatnonzero(present) + 1
    return axis_series(name, values, records, steps=steps, times=np.full(len(values), np.nan))
