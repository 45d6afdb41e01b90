"""At which step a value belongs that was logged without one."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import final


@final
class StepCount:
    """The step of the last row, and what was logged at it.

    ``names`` are the names of the only row of this step, or None where there were several: the quick path reads and sets ``last``
    and ``names`` itself.
    """

    def __init__(self, last: int = -1) -> None:
        self.last = last
        self.names: tuple[str, ...] | None = None
        self._seen: AbstractSet[str] = frozenset()
        self._begun = False

    def take(self, step: int | None, names: tuple[str, ...]) -> int:
        """Return the step of a row of ``names``, and count on from it.

        Without ``step``, a row begins the next step if one of its names was logged at this one, and adds to this one otherwise.
        """
        seen = self._seen if self.names is None else frozenset(self.names)
        if step is None:
            same = self._begun and seen.isdisjoint(names)
            step = self.last if same else self.last + 1
        else:
            same = self._begun and step == self.last
        self.last, self._begun = step, True
        if same:
            self.names, self._seen = None, seen | frozenset(names)
        else:
            self.names = names
        return step
