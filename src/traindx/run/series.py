"""One metric over steps, as read-only arrays, and spans of it that findings point at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Unit = Literal["line", "record", "row"]

_NAN = np.float64(np.nan).tobytes()
_ZERO = bytes(8)


def floats(values: ArrayLike) -> Floats:
    """Return ``values`` as a read-only float64 array, without a copy where they are one already."""
    array = np.asarray(values, dtype=np.float64).view()
    array.flags.writeable = False
    return array


def _absent(size: int) -> Floats:
    """A read-only array of NaN that takes no memory: for axes that were not logged."""
    return np.ndarray((size,), dtype=np.float64, buffer=_NAN, strides=(0,))


def _zeros(size: int, kind: type[np.int64] | type[np.int32]) -> NDArray[np.int64] | NDArray[np.int32]:
    """A read-only array of zeros that takes no memory: for places that are not known."""
    return np.ndarray((size,), dtype=kind, buffer=_ZERO, strides=(0,))


_NO_FLOATS = _absent(0)
_NO_RECORDS: NDArray[np.int64] = np.ndarray((0,), dtype=np.int64, buffer=_ZERO)
_NO_FILES: NDArray[np.int32] = np.ndarray((0,), dtype=np.int32, buffer=_ZERO)


@final
@dataclass(frozen=True, slots=True)
class Span:
    """Where in a run: a series, its first and last step, and the place in the file where known."""

    series: str
    first_step: float
    last_step: float
    where: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One metric over steps.

    All arrays are one-dimensional, of equal length, float64 and read-only, in the order of the file.

    - ``values``: what was logged. NaN and infinities stay; a point that was not logged is absent.
    - ``steps``: the step of each point; the position where the log has no step at all.
    - ``epochs``, ``wall_times``: NaN where not logged. Wall times are seconds since 1970, or since
      the start where the log says no more.
    - ``records``: 1-based line or record number in the file each point came from; 0 where unknown.
    - ``files``: index into ``Run.sources`` for each point.

    ``logged_as`` is the name as the program wrote it; ``name`` is unique within the run and differs from it
    where two logs used one name for different quantities. ``has_steps`` is False where steps were counted.
    ``statistic`` says which of several numbers printed for one name this is.
    """

    name: str
    values: Floats
    steps: Floats
    epochs: Floats = field(default_factory=lambda: _NO_FLOATS)
    wall_times: Floats = field(default_factory=lambda: _NO_FLOATS)
    records: NDArray[np.int64] = field(default_factory=lambda: _NO_RECORDS)
    files: NDArray[np.int32] = field(default_factory=lambda: _NO_FILES)
    logged_as: str = ""
    has_steps: bool = True
    statistic: Literal["value", "median", "mean", "running-mean", "smoothed"] = "value"

    def __post_init__(self) -> None:
        size = len(self.values)
        for name in ("values", "steps", "epochs", "wall_times"):
            array = getattr(self, name)
            object.__setattr__(self, name, _absent(size) if len(array) == 0 else floats(array))
        for name, kind in (("records", np.int64), ("files", np.int32)):
            array = getattr(self, name)
            filled = _zeros(size, kind) if len(array) == 0 else np.asarray(array, dtype=kind).view()
            if filled.flags.writeable:
                filled.flags.writeable = False
            object.__setattr__(self, name, filled)
        for name in ("steps", "epochs", "wall_times", "records", "files"):
            if len(getattr(self, name)) != size:
                raise ValueError(f"series {self.name!r}: {name} has {len(getattr(self, name))} points, values {size}")
        if not self.logged_as:
            object.__setattr__(self, "logged_as", self.name)

    def __len__(self) -> int:
        return len(self.values)

    def take(self, which: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Series:
        """Return the points that ``which`` selects, as a series of the same name."""
        return Series(
            name=self.name,
            values=self.values[which],
            steps=self.steps[which],
            epochs=self.epochs[which],
            wall_times=self.wall_times[which],
            records=self.records[which],
            files=self.files[which],
            logged_as=self.logged_as,
            has_steps=self.has_steps,
            statistic=self.statistic,
        )

    def head(self, count: int) -> Series:
        """Return the first ``count`` points."""
        return self.take(slice(0, count))

    def tail(self, count: int) -> Series:
        """Return the last ``count`` points."""
        return self.take(slice(max(0, len(self) - count), None))

    def finite(self) -> Series:
        """Return the points whose value is finite."""
        good = np.isfinite(self.values)
        return self if bool(good.all()) else self.take(good)

    @property
    def span(self) -> Span:
        """The whole series as a span."""
        if not len(self):
            return Span(self.name, float("nan"), float("nan"))
        return Span(self.name, float(self.steps[0]), float(self.steps[-1]))
