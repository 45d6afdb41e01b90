"""Points of many names, gathered in the order of the file and then sorted into one series per name."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.event_points import Points
from traindx.run import Series

_COLUMNS = ("values", "steps", "wall_times", "records")


@final
class PointColumns:
    """Collects points; each column is let go as soon as its series are made, which bounds the memory."""

    def __init__(self) -> None:
        self._names: list[NDArray[np.int32]] = []
        self._parts: dict[str, list[NDArray[np.float64] | NDArray[np.int64]]] = {name: [] for name in _COLUMNS}
        self.rows = 0  # records that gave at least one point

    def add(self, points: Points) -> None:
        """Append points of later records."""
        if not len(points.records):
            return
        self.rows += 1 + int(np.count_nonzero(np.diff(points.records)))
        self._names.append(points.names.astype(np.int32))
        for column, parts in self._parts.items():
            parts.append(getattr(points, column))

    def series(self, names: list[str]) -> dict[str, Series]:
        """Return one series per name, in order of first appearance, and forget the points."""
        if not self._names:
            return {}
        which = np.concatenate(self._names)
        self._names.clear()
        counts = np.bincount(which, minlength=len(names))
        # Sixteen bits are sorted by radix, in linear time.
        order = None if len(names) == 1 else np.argsort(_narrow(which, len(names)), kind="stable")
        del which
        columns = {column: self._sorted(column, order) for column in _COLUMNS}
        edges = [0, *np.cumsum(counts).tolist()]
        found: dict[str, Series] = {}
        for index, name in enumerate(names):
            own = slice(edges[index], edges[index + 1])
            if counts[index]:
                found[name] = Series(name=name, **{column: array[own] for column, array in columns.items()})
        return found

    def _sorted(self, column: str, order: NDArray[np.int64] | None) -> NDArray[np.float64] | NDArray[np.int64]:
        joined = np.concatenate(self._parts[column])
        self._parts[column].clear()
        if column == "records":
            joined += 1  # people count from 1
        return joined if order is None else joined[order]


def _narrow(which: NDArray[np.int32], names: int) -> NDArray[np.int32] | NDArray[np.uint16]:
    return which.astype(np.uint16) if names <= 1 << 16 else which
