"""A series cut into turns of known length (epochs) and laid one over the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.noise import Floats

_BINS = 8
_FEWEST = 3


@final
@dataclass(frozen=True, slots=True)
class Fold:
    """Turns laid over each other: ``cells[turn, bin]`` is the mean level of one part of one turn."""

    cells: Floats

    @property
    def turns(self) -> int:
        """How many whole turns there are."""
        return int(self.cells.shape[0])


def fold(values: Floats, turns: Floats, bins: int = _BINS) -> Fold | None:
    """Return finite ``values`` folded by ``turns`` (the fractional turn of each point, ascending), or None.

    Only whole turns count; at least three are needed, each with a point in every bin.
    """
    if len(values) < _FEWEST * bins or not bool(np.isfinite(turns).all()) or bool((np.diff(turns) < 0).any()):
        return None
    first, last = math.ceil(float(turns[0]) - 0.5 / bins), math.floor(float(turns[-1]) + 0.5 / bins)
    count = last - first
    if count < _FEWEST or count * bins > len(values):
        return None
    cell = np.floor((turns - first) * bins + 1e-9).astype(np.intp)
    inside = (cell >= 0) & (cell < count * bins)
    sizes = np.bincount(cell[inside], minlength=count * bins)
    if not bool((sizes > 0).all()):
        return None
    sums = np.bincount(cell[inside], weights=values[inside], minlength=count * bins)
    return Fold((sums / sizes).reshape(count, bins))
