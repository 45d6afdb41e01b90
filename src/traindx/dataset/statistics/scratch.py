"""Memory that is used again for every block.

Where the allocator gives large arrays back to the system at once, as on the workers of a Dask cluster, new ones cost as much as measuring does.
"""

from __future__ import annotations

import math
from typing import final

import numpy as np

from traindx.dataset.statistics.fields import Floats


@final
class Scratch:
    """Hands out parts of one piece of memory, until they are all taken back at once; beyond it, memory of its own.

    >>> scratch = Scratch()
    >>> scratch.reset(10)
    >>> scratch.take(2, 3).shape, scratch.take(5, 5).shape
    ((2, 3), (5, 5))
    """

    __slots__ = ("_memory", "_used")

    def __init__(self) -> None:
        self._memory: Floats = np.empty(0)
        self._used = 0

    def reset(self, size: int) -> None:
        """Take back everything, and make room for ``size`` numbers."""
        self._used = 0
        if len(self._memory) < size:
            self._memory = np.empty(size)

    def take(self, *shape: int) -> Floats:
        """Return an array of this shape, with anything in it."""
        size = math.prod(shape)
        if self._used + size > len(self._memory):
            return np.empty(shape)
        part = self._memory[self._used : self._used + size].reshape(shape)
        self._used += size
        return part
