"""An array that is there and cannot be read: it says so when it is asked, while its neighbours are read."""

from __future__ import annotations

from typing import Any, Never, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.source import ArraySource
from traindx.errors import UnreadableDataError


@final
class UnreadableSource(ArraySource):
    """Rows of which none can be read, in one block; ``error`` says why. ``shape`` is (1,) where even it is unknown."""

    def __init__(self, error: UnreadableDataError, *, name: str, shape: tuple[int, ...] = (1,)) -> None:
        self._told = (error.problem, error.where, error.hint)
        self.name, self.where = name, error.where
        self.shape, self.dtype = shape or (1,), np.dtype(np.float64)
        self.block_rows = max(1, len(self))

    @property
    def error(self) -> UnreadableDataError:
        """Why it cannot be read."""
        problem, where, hint = self._told
        return UnreadableDataError(problem, where=where, hint=hint)

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> Never:  # noqa: ARG002
        """Raise the error."""
        raise self.error
