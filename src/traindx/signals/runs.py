"""Stretches of equal truth, and counters that go back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.signals.noise import Floats


def true_stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (first, last) indices of every maximal stretch of True.

    >>> import numpy as np
    >>> true_stretches(np.array([False, True, True, False, True]))
    [(1, 2), (4, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@final
@dataclass(frozen=True, slots=True)
class Restart:
    """A counter that went back: the index of the first point after it, and the counts before and after."""

    index: int
    before: float
    after: float


def restarts(counter: Floats) -> tuple[Restart, ...]:
    """Return every place where a counter (steps or epochs) goes back; NaN are left out.

    It is exact: a counter that never goes back has none and one that does has all, whatever its length.

    >>> import numpy as np
    >>> restarts(np.array([0., 1, 2, 0, 1]))
    (Restart(index=3, before=2.0, after=0.0),)
    """
    known = np.flatnonzero(np.isfinite(counter))
    values = counter[known]
    back = np.flatnonzero(np.diff(values) < 0)
    return tuple(Restart(int(known[i + 1]), float(values[i]), float(values[i + 1])) for i in back)
