"""What callers give to be measured, masked by and grouped by, as sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from traindx.arrays import ArraySource, format_of, from_memory, open_arrays
from traindx.dataset.statistics.groups import CELLS
from traindx.dataset.statistics.selection import Grouping, Mask, MaskFunction, grouping
from traindx.errors import UsageError, unknown_name

_LEAST_GROUPS: Final = 64  # told apart however many features there are


def sources_of(given: object, only: Sequence[str]) -> tuple[str, str, Mapping[str, ArraySource]]:
    """Return what it is called, its format, and its arrays by name."""
    if isinstance(given, str | Path):
        return str(given), format_of(given), open_arrays(given, only=only)
    if isinstance(given, Mapping):
        members = cast("Mapping[object, object]", given)
        found = {str(name): from_memory(one, name=str(name), where=str(name)) for name, one in members.items()}
        for name in only:
            if name not in found:
                raise unknown_name("array", name, found)
        return "memory", "memory", {name: found[name] for name in only} if only else found
    source = from_memory(given)
    return source.where, "memory", {source.name: source}


def _member(what: str, given: object, whole: object, sources: Mapping[str, ArraySource]) -> ArraySource:
    """Return the array that was given, or that of this name in the same file."""
    if not isinstance(given, str):
        return from_memory(given, where=what)
    if given in sources:
        return sources[given]
    if isinstance(whole, str | Path):
        found = open_arrays(whole, only=(given,))
        if len(found) == 1:
            return next(iter(found.values()))
        raise UsageError(f"{given!r} names {len(found)} arrays, and the {what} is one", where=str(whole))
    if isinstance(whole, Mapping) and given in whole:
        return from_memory(cast("Mapping[str, object]", whole)[given], where=given)
    raise unknown_name("array", given, sources)


def mask_of(given: object, whole: object, sources: Mapping[str, ArraySource]) -> Mask | None:
    """Return the mask that ``given`` means: a name, an array, a source or a function."""
    if given is None:
        return None
    if callable(given) and not isinstance(given, ArraySource) and not hasattr(given, "__array__"):
        return Mask(function=cast("MaskFunction", given))
    source = _member("mask", given, whole, sources)
    if source.kind != "number":
        raise UsageError(
            f"a mask of {source.kind}",
            where=source.where,
            hint="give booleans, or numbers that are 0 where values do not count",
        )
    return Mask(source=source)


def grouping_of(given: object, whole: object, sources: Mapping[str, ArraySource]) -> Grouping | None:
    """Return the groups of the column that ``given`` means: a name, an array or a source."""
    if given is None:
        return None
    source = _member("group", given, whole, sources)
    features = [one.shape[-1] if len(one.shape) > 1 else 1 for one in sources.values() if one.kind == "number"]
    return grouping(source, max(_LEAST_GROUPS, CELLS // max(1, *features, 1)))
