"""A run that grows in memory: its arrays double when they are full, so that adding points costs the points alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.run import Run, Series, Source

_FIRST: Final = 256  # points that a new array has room for
_AXES: Final = ("values", "steps", "epochs", "wall_times", "records", "files")
Numbers = NDArray[Any]


@final
@dataclass(slots=True)
class _Column:
    """One array with room behind it. Views given out stay as they are: what is added stands behind them."""

    held: Numbers
    size: int

    def add(self, more: Numbers) -> None:
        if not len(more):
            return
        needed = self.size + len(more)
        if _is_one_number(self.held) and _is_one_number(more) and _same(self.held, more):
            self.held = np.ndarray((needed,), dtype=self.held.dtype, buffer=self.held[:1].tobytes(), strides=(0,))
        else:
            if needed > len(self.held) or not self.held.flags.writeable:
                roomy = np.empty(max(_FIRST, 2 * needed), dtype=self.held.dtype)
                roomy[: self.size] = self.held[: self.size]
                self.held = roomy
            self.held[self.size : needed] = more
        self.size = needed

    def view(self) -> Numbers:
        found = self.held[: self.size].view()
        found.flags.writeable = False
        return found


@final
class Accumulated:
    """A run, and points added to its series as its file grows."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._columns = {name: _columns_of(one) for name, one in run.series.items()}

    def takes(self, more: Run) -> bool:
        """Whether all of ``more`` is points of series that are known, counted as they are."""
        return all(
            name in self._columns and _kind(one) == _kind(self._run.series[name]) for name, one in more.series.items()
        )

    def add(self, series: Mapping[str, Series], source: Source) -> None:
        """Add the points of ``series``; ``source`` says what has been read by now."""
        for name, one in series.items():
            for axis, column in self._columns[name].items():
                column.add(getattr(one, axis))
        grown = {name: _grown(one, self._columns[name]) for name, one in self._run.series.items()}
        self._run = replace(self._run, series=grown, sources=(source,))

    @property
    def run(self) -> Run:
        """The run with all points so far. It does not change when more are added."""
        return self._run

    def with_rest(self, series: Mapping[str, Series], source: Source) -> Run:
        """Return the run with points that may change yet at its end, which are not kept."""
        joined = {
            name: _with(one, {a: np.concatenate([getattr(one, a), getattr(series[name], a)]) for a in _AXES})
            if name in series
            else one
            for name, one in self._run.series.items()
        }
        return replace(self._run, series=joined, sources=(source,))


def _columns_of(one: Series) -> dict[str, _Column]:
    return {axis: _Column(getattr(one, axis), len(one)) for axis in _AXES}


def _grown(one: Series, columns: Mapping[str, _Column]) -> Series:
    if len(one) == columns["values"].size:
        return one
    return _with(one, {axis: column.view() for axis, column in columns.items()})


def _with(one: Series, arrays: Mapping[str, Numbers]) -> Series:
    return replace(
        one,
        values=arrays["values"],
        steps=arrays["steps"],
        epochs=arrays["epochs"],
        wall_times=arrays["wall_times"],
        records=arrays["records"],
        files=arrays["files"],
    )


def _kind(one: Series) -> tuple[object, ...]:
    return one.logged_as, one.has_steps, one.statistic


def _is_one_number(array: Numbers) -> bool:
    """Whether the array is one number repeated, which takes no memory: an axis that is not logged."""
    return len(array) > 0 and array.strides == (0,)


def _same(one: Numbers, other: Numbers) -> bool:
    return one.dtype == other.dtype and one[:1].tobytes() == other[:1].tobytes()
