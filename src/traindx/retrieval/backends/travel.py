"""What goes to another process: a path costs nothing, an array its bytes."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource


def travels_light(source: ArraySource) -> bool:
    """Return whether a source is sent without its rows: it holds no arrays of their size, only the way to them."""
    return _held_bytes(source) < source.row_bytes * len(source) / 2


def _held_bytes(source: ArraySource) -> int:
    """The bytes of all arrays that a source, and those inside it, keep."""
    found = 0
    for kept in cast("dict[str, object]", vars(source)).values():
        if isinstance(kept, ArraySource):
            found += _held_bytes(kept)
        elif isinstance(kept, np.ndarray):
            found += cast("NDArray[np.generic]", kept).nbytes
    return found
