"""What was measured on held-out data so far: the values that a best is chosen from."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, final

from traindx.context import Role, resolve

# A year of evaluations every hour; beyond it the oldest tell nothing of the newest.
_MOST: Final = 10_000
_FORGOTTEN: Final = 1_000


@final
@dataclass(slots=True)
class Scores:
    """The measurements of one series, in the order in which they were made."""

    steps: list[float] = field(default_factory=list[float])
    values: list[float] = field(default_factory=list[float])
    pending: float | None = None  # the step of a newer value that is still on its device

    def add(self, step: float, value: float) -> None:
        """Add a value; what an earlier attempt measured from this step on is forgotten."""
        while self.steps and self.steps[-1] >= step:
            del self.steps[-1], self.values[-1]
        if len(self.steps) >= _MOST:
            del self.steps[:_FORGOTTEN], self.values[:_FORGOTTEN]
        self.steps.append(step)
        self.values.append(value)
        if self.pending is not None and self.pending <= step:
            self.pending = None


@final
class Board:
    """The scores of all series that were measured on held-out data and have a better side, and of those asked for.

    ``take`` is called in the training thread with rows that hold a new name or one that ``matters``. ``arrived`` may be called from
    any thread with what was still on a device.
    """

    def __init__(self) -> None:
        self._scores: dict[str, Scores] = {}
        self._plain: set[str] = set()  # names known to be of no interest
        self._latest: tuple[float, Mapping[str, Any]] = (-1.0, {})
        self._lock = threading.Lock()

    def matters(self, names: tuple[str, ...]) -> bool:
        """Whether one of the names is collected, or might be: rows without any need not be shown."""
        return not self._plain.issuperset(names)

    def take(self, step: float, told: Mapping[str, Any]) -> None:
        """Take the values of one step; none of them is waited for."""
        self._latest = step, told
        if self.matters((*told,)):
            for name in told.keys() - self._plain:
                self._sort(name, step, told[name])

    def arrived(self, step: float, values: Mapping[str, float]) -> None:
        """Take numbers that were on a device when their step was taken."""
        for name, value in values.items():
            scores = self._scores.get(name)
            if scores is not None and scores.pending is not None and scores.pending <= step:
                with self._lock:
                    scores.add(step, value)

    def of(self, name: str) -> Scores | None:
        """Return the scores of a series; None where it was of no interest so far, or never logged."""
        return self._scores.get(name)

    def collect(self, name: str) -> None:
        """Collect a series from its last row on, whatever its name means."""
        self._plain.discard(name)
        self._scores.setdefault(name, Scores())
        step, told = self._latest
        if name in told:
            self._add(name, step, told[name])

    def names(self) -> tuple[str, ...]:
        """Return the names of all series with scores."""
        return tuple(self._scores)

    def restore(self, name: str, steps: list[float], values: list[float]) -> None:
        """Take what an earlier process has measured; what this one has is newer."""
        own = self._scores.setdefault(name, Scores())
        known = list(zip(own.steps, own.values, strict=True))
        own.steps, own.values = list(steps), list(values)
        for step, value in known:
            own.add(step, value)
        self._plain.discard(name)

    def _sort(self, name: str, step: float, value: Any) -> None:
        if name not in self._scores:
            if not chooses(resolve(name)):
                self._plain.add(name)
                return
            self._scores[name] = Scores()
        self._add(name, step, value)

    def _add(self, name: str, step: float, value: Any) -> None:
        number = at_hand(value)
        with self._lock:
            if number is None:
                self._scores[name].pending = step
            else:
                self._scores[name].add(step, number)


def chooses(role: Role) -> bool:
    """Whether a checkpoint can be chosen by a series of this role."""
    return role.split in ("val", "test") and role.direction is not None and role.statistic not in ("max", "min", "best")


def at_hand(value: Any) -> float | None:
    """Return the number that a value is, None where it lies on a device and would have to be waited for."""
    on_host = isinstance(value, int | float) or type(value).__module__ == "numpy" or getattr(value, "is_cpu", False)
    if not on_host:
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return math.nan
