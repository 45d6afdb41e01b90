"""What a library makes of a file, opened once in each process: a handle that can be pickled and shared by threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar, final

Content = TypeVar("Content")


@final
class Opened(Generic[Content]):
    """A file that each process opens when it first reads from it, with a function of a module that can be imported by name.

    A child of ``fork`` opens it again too: libraries keep positions, locks and caches that two processes must not share.
    """

    def __init__(self, path: Path, opening: Callable[[Path], Content]) -> None:
        self._begin(path, opening)

    def __getstate__(self) -> tuple[Path, Callable[[Path], Content]]:
        return self.path, self._opening

    def __setstate__(self, state: tuple[Path, Callable[[Path], Content]]) -> None:
        self._begin(*state)

    def _begin(self, path: Path, opening: Callable[[Path], Content]) -> None:
        self.path, self._opening = path, opening
        self._lock = threading.Lock()
        self._content: tuple[int, Content] | None = None

    def get(self) -> Content:
        """Return what the function made of the file in this process."""
        with self._lock:
            if self._content is None or self._content[0] != os.getpid():
                self._content = os.getpid(), self._opening(self.path)
            return self._content[1]
