"""At the border to the training: what fails there warns once, and goes no further."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import final

from traindx.errors import UnreadableLogError


@final
class Cautions:
    """Does what may fail, and warns of each kind of failure once. Never raises, from whatever thread.

    ``excused`` says whether whoever records has told that the run's folder is not to be had: one warning is enough.
    """

    def __init__(self, excused: Callable[[], bool] = lambda: False) -> None:
        self._told: set[str] = set()
        self._excused = excused

    def quietly(self, what: str, action: Callable[[], object]) -> bool:
        """Do something that may fail; ``what`` says what that means. Returns whether it was done."""
        try:
            _ = action()
        except Exception as problem:  # noqa: BLE001 - the border to the training: nothing of ours may end it
            if not (isinstance(problem, OSError | UnreadableLogError) and self._excused()):
                self.warn(what, f"{what}: {problem}; training goes on")
            return False
        return True

    def warn(self, kind: str, words: str) -> None:
        """Warn, unless of this kind before."""
        if kind in self._told:
            return
        self._told.add(kind)
        try:
            warnings.warn(f"traindx: {words}", RuntimeWarning, stacklevel=2)
        except RuntimeWarning:  # a program that turns warnings into errors has been told, and trains on
            return
