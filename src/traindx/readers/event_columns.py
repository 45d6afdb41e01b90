"""Points of many names, gathered in the order of the file and then sorted into one series per name."""

from __future__ import annotations

from typing import TypeVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.byteview import Ints
from traindx.readers.event_points import Points
from traindx.run import Floats, Series

_Number = TypeVar("_Number", np.float64, np.int64)


@final
class PointColumns:
    """Collects points; each column is let go as soon as its series are made, which bounds the memory."""

    def __init__(self) -> None:
        self._names: list[NDArray[np.int32]] = []
        self._records: list[Ints] = []
        self._values: list[Floats] = []
        self._steps: list[Floats] = []
        self._wall_times: list[Floats] = []
        self.rows = 0  # records that gave at least one point

    def add(self, points: Points) -> None:
        """Append points of later records."""
        if not len(points.records):
            return
        self.rows += 1 + int(np.count_nonzero(np.diff(points.records)))
        self._names.append(points.names.astype(np.int32))
        self._records.append(points.records)
        self._values.append(points.values)
        self._steps.append(points.steps)
        self._wall_times.append(points.wall_times)

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
        values, steps = _sorted(self._values, order), _sorted(self._steps, order)
        wall_times, records = _sorted(self._wall_times, order), _sorted(self._records, order)
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


def _sorted(parts: list[NDArray[_Number]], order: NDArray[np.int64] | None) -> NDArray[_Number]:
    joined = np.concatenate(parts)
    parts.clear()
    return joined if order is None else joined[order]


def _narrow(which: NDArray[np.int32], names: int) -> NDArray[np.int32] | NDArray[np.uint16]:
    return which.astype(np.uint16) if names <= 1 << 16 else which
