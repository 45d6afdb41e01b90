"""Which values count, and which group a row belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.errors import UnreadableDataError, UsageError

MaskFunction = Callable[[NDArray[Any]], NDArray[np.bool_]]
_LABELS: Final = 1 << 20  # different groups that are counted to find the commonest
_BLOCK_ROWS: Final = 1 << 16


@final
@dataclass(frozen=True, slots=True)
class Mask:
    """An array that is true (or not 0, and not NaN) where values count, or a function from a block to such an array."""

    source: ArraySource | None = None
    function: MaskFunction | None = None

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Return whether it has a value for each element or each row of an array of this shape."""
        return self.source is None or self.source.shape == shape[: len(self.source.shape)]

    def rows(self, start: int, stop: int) -> NDArray[np.bool_] | None:
        """Return the mask of these rows, from its array."""
        if self.source is None:
            return None
        block = self.source.read(start, stop)
        return block if block.dtype == np.bool_ else (block != 0) & (block == block)

    def of(self, block: NDArray[Any], rows: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        """Return the mask of a block, for whose rows ``rows`` was read."""
        if self.function is None:
            return rows
        found = np.asarray(self.function(block))
        if found.dtype != np.bool_ or found.shape != block.shape[: found.ndim] or not found.ndim:
            raise UsageError(
                f"the mask function returned {found.dtype.name} of shape {found.shape} for a block of shape {block.shape}",
                hint="return a boolean array with a value for each element, or for each row",
            )
        return found


@final
@dataclass(frozen=True, slots=True)
class Grouping:
    """An array with the group of each row; ``labels`` are the groups that are kept, in ascending order."""

    source: ArraySource
    labels: NDArray[Any]
    beyond: int = 0
    """How many groups are not kept."""

    def ids(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the number of each row's group; -1 for one that is not kept, and for NaN or a missing text."""
        values = _comparable(self.source.read(start, stop), self.source.where)
        if not len(self.labels):
            return np.full(len(values), -1, np.int64)
        places = np.minimum(np.searchsorted(self.labels, values), len(self.labels) - 1)
        return np.where(self.labels[places] == values, places, -1).astype(np.int64)

    @property
    def names(self) -> tuple[str, ...]:
        """The groups as text; whole numbers without a point."""
        if self.labels.dtype.kind == "f" and np.array_equal(self.labels, np.floor(self.labels)):
            return tuple(f"{label:.0f}" for label in self.labels.tolist())
        return tuple(str(label) for label in self.labels.tolist())


def grouping(source: ArraySource, kept: int) -> Grouping:
    """Return the groups of an array of one value a row, of which the ``kept`` commonest are kept, after a pass over it.

    Raises ``UsageError`` where a row has no single value, or where there are more different ones than could be groups.
    """
    if len(source.shape) != 1 or source.kind in {"list", "image"}:
        raise UsageError(
            "groups need one value for each row", where=source.where, hint=f"this has shape {source.shape}"
        )
    labels: NDArray[Any] = np.empty(0)
    counts: NDArray[np.int64] = np.empty(0, np.int64)
    for start in range(0, len(source), _BLOCK_ROWS):
        try:
            values = _comparable(source.read(start, min(start + _BLOCK_ROWS, len(source))), source.where)
        except UnreadableDataError:
            continue  # those rows are counted as unread when they are measured
        new, repeats = np.unique(values[values == values], return_counts=True)
        labels, counts = _added(labels, counts, new, repeats)
        if len(labels) > _LABELS:
            raise UsageError(
                f"more than {_LABELS:,} different groups", where=source.where, hint="group by a column that repeats"
            )
    best = np.sort(np.argsort(-counts, kind="stable")[:kept])
    return Grouping(source, labels[best], len(labels) - len(best))


def _added(
    labels: NDArray[Any], counts: NDArray[np.int64], new: NDArray[Any], repeats: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    if not len(labels):
        return new, repeats
    both, places = np.unique(np.concatenate([labels, new]), return_inverse=True)
    return both, np.bincount(places.reshape(-1), np.concatenate([counts, repeats])).astype(np.int64)


def _comparable(values: NDArray[Any], where: str) -> NDArray[Any]:
    """Return values that can be sorted: numbers as they are, texts (and None as the empty one) in numpy's own type."""
    if values.dtype.kind != "O":
        if values.ndim != 1:
            raise UsageError("groups need one value for each row", where=where)
        return values
    return np.array([_as_text(value) for value in values.tolist()], dtype=str)


def _as_text(value: object) -> str:
    return (
        value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str("" if value is None else value)
    )
