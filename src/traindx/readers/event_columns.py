"""Points of many names, gathered in the order of the file and then sorted into one series per name."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.event_points import Points
from traindx.run import Series

_Number = TypeVar("_Number", np.float64, np.int64, np.int32)


@final
class _Growing(Generic[_Number]):
    """An array that doubles when it is full: one large piece of memory instead of many that lie scattered."""

    def __init__(self, kind: type[_Number], room: int) -> None:
        self._array: NDArray[_Number] = np.empty(max(room, 1), dtype=kind)
        self.size = 0

    def add(self, part: NDArray[Any]) -> None:
        end = self.size + len(part)
        if end > len(self._array):
            wider = np.empty(max(end, 2 * len(self._array)), dtype=self._array.dtype)
            wider[: self.size] = self._array[: self.size]
            self._array = wider
        self._array[self.size : end] = part
        self.size = end

    def taken(self, order: NDArray[np.int64] | None = None) -> NDArray[_Number]:
        """Return what was added, in another order if one is given, and forget it."""
        array, self._array = self._array[: self.size], self._array[:0].copy()
        return array if order is None else array[order]


@final
class PointColumns:
    """Collects points; each column is let go as soon as its series are made, which bounds the memory.

    ``room`` is the number of points that is expected.
    """

    def __init__(self, room: int) -> None:
        self._names = _Growing(np.int32, room)
        self._records = _Growing(np.int64, room)
        self._values = _Growing(np.float64, room)
        self._steps = _Growing(np.float64, room)
        self._wall_times = _Growing(np.float64, room)
        self.rows = 0  # records that gave at least one point

    def add(self, points: Points) -> None:
        """Append points of later records."""
        if not len(points.records):
            return
        self.rows += 1 + int(np.count_nonzero(np.diff(points.records)))
        self._names.add(points.names)
        self._records.add(points.records)
        self._values.add(points.values)
        self._steps.add(points.steps)
        self._wall_times.add(points.wall_times)

    def series(self, names: list[str]) -> dict[str, Series]:
        """Return one series per name, in order of first appearance, and forget the points."""
        if not self._names.size:
            return {}
        which = self._names.taken()
        counts = np.bincount(which, minlength=len(names))
        # Sixteen bits are sorted by radix, in linear time.
        order = None if len(names) == 1 else np.argsort(_narrow(which, len(names)), kind="stable")
        del which
        values, steps = self._values.taken(order), self._steps.taken(order)
        wall_times, records = self._wall_times.taken(order), self._records.taken(order)
        records += 1  # people count from 1
        edges = [0, *np.cumsum(counts).tolist()]
        found: dict[str, Series] = {}
        logged = [index for index, count in enumerate(counts.tolist()) if count]
        for index in sorted(logged, key=lambda index: int(records[edges[index]])):
            own = slice(edges[index], edges[index + 1])
            found[names[index]] = Series(
                name=names[index],
                values=values[own],
                steps=steps[own],
                wall_times=wall_times[own],
                records=records[own],
            )
        return found


def _narrow(which: NDArray[np.int32], names: int) -> NDArray[np.int32] | NDArray[np.uint16]:
    return which.astype(np.uint16) if names <= 1 << 16 else which
