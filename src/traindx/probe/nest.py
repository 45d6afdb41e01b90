"""Taking a nest of tensors apart, and putting it together again: mappings, sequences, named tuples, dataclasses."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

IsLeaf = Callable[[object], bool]
Rebuild = Callable[[Iterator[Any]], Any]

_LEVELS = 12  # deeper than any batch is nested; a nest that holds itself would have no end


def take_apart(nest: Any, is_leaf: IsLeaf) -> tuple[list[tuple[str, Any]], Rebuild]:
    """Return the leaves with their paths (``"labels"``, ``"1"``, ``"0/pixel_values"``), and what builds a like nest from new leaves.

    Containers are built anew each time, so that a loss that pops or overwrites entries leaves the original alone; whatever is neither a
    container nor a leaf is handed on as it is.
    """
    found: list[tuple[str, Any]] = []
    return found, _part(nest, "", is_leaf, found, _LEVELS)


def _part(nest: Any, path: str, is_leaf: IsLeaf, found: list[tuple[str, Any]], levels: int) -> Rebuild:
    if is_leaf(nest):
        found.append((path or "batch", nest))
        return next
    if levels and isinstance(nest, Mapping):
        return _mapping(nest, path, is_leaf, found, levels)  # pyright: ignore[reportUnknownArgumentType]
    if levels and isinstance(nest, list | tuple):
        return _sequence(nest, path, is_leaf, found, levels)  # pyright: ignore[reportUnknownArgumentType]
    if levels and is_dataclass(nest) and not isinstance(nest, type):
        names = [f.name for f in fields(nest) if f.init]
        parts = [_part(getattr(nest, n), _below(path, n), is_leaf, found, levels - 1) for n in names]
        return lambda leaves: replace(nest, **{n: part(leaves) for n, part in zip(names, parts, strict=True)})
    return lambda _: nest


def _mapping(nest: Mapping[Any, Any], path: str, is_leaf: IsLeaf, found: list[tuple[str, Any]], levels: int) -> Rebuild:
    parts = {key: _part(value, _below(path, str(key)), is_leaf, found, levels - 1) for key, value in nest.items()}

    def build(leaves: Iterator[Any]) -> Any:
        made = {key: part(leaves) for key, part in parts.items()}
        if type(nest) is dict:
            return made
        fresh: Any = copy.copy(nest)  # BatchEncoding and its kin keep more than their entries
        if getattr(fresh, "data", None) is not None and getattr(fresh, "data", None) is getattr(nest, "data", None):
            fresh.data = dict(fresh.data)
        fresh.update(made)
        return fresh

    return build


def _sequence(nest: Sequence[Any], path: str, is_leaf: IsLeaf, found: list[tuple[str, Any]], levels: int) -> Rebuild:
    names: Sequence[str] = getattr(nest, "_fields", [str(i) for i in range(len(nest))])
    parts = [_part(v, _below(path, n), is_leaf, found, levels - 1) for n, v in zip(names, nest, strict=True)]
    kind: Any = type(nest)
    if hasattr(nest, "_fields"):
        return lambda leaves: kind(*[part(leaves) for part in parts])
    return lambda leaves: kind([part(leaves) for part in parts])


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
