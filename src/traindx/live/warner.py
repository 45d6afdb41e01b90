"""Warnings that a training sees: one for each thing that went wrong, at the line of the user's own program."""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final, final

_PACKAGE: Final = str(Path(__file__).parents[1])
_MOST: Final = 32  # kinds of warning in one run: a program that logs a hundred unfit names has understood by then


@final
class Warner:
    """Warns once of each kind of thing.

    From a thread of our own a warning is held until the training thread comes by, so that where warnings are errors they meet
    the user's program, and not a thread that would die of it.
    """

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._held: list[str] = []
        self._owner = threading.get_ident()

    def once(self, kind: str, message: str) -> None:
        """Warn, unless of this kind before."""
        if kind in self._told or len(self._told) >= _MOST:
            return
        self._told.add(kind)
        if threading.get_ident() == self._owner:
            _warn(message)
        else:
            self._held.append(message)

    def knows(self, kind: str) -> bool:
        """Whether this kind has been warned of."""
        return kind in self._told

    def unless_done(self, kind: str, message: str, action: Callable[[], object]) -> None:
        """Do something at the border to the training; where it fails, warn of it once and go on."""
        try:
            _ = action()
        except Warning:  # where warnings are errors, that is what was asked for
            raise
        except Exception as error:  # noqa: BLE001 - the border to the training
            self.once(kind, f"{message}: {error!r}")

    def tell_held(self) -> None:
        """Warn of what other threads have met."""
        self._owner = threading.get_ident()
        while self._held:
            _warn(self._held.pop(0))


def _warn(message: str) -> None:
    frame, level = inspect.currentframe(), 1
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(f"traindx: {message}", RuntimeWarning, stacklevel=level)
