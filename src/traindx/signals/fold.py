"""A series cut into turns of known length (epochs) and laid one over the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.noise import Floats

_BINS = 8
_FEWEST = 3
_OUTER = 2


@final
@dataclass(frozen=True, slots=True)
class Fold:
    """Turns laid over each other: ``cells[turn, bin]`` is the mean level of one part of one turn."""

    cells: Floats

    @property
    def turns(self) -> int:
        """How many whole turns there are."""
        return int(self.cells.shape[0])


@final
@dataclass(frozen=True, slots=True)
class Teeth:
    """What a curve does inside turns and at their borders.

    ``inside`` is the median change from the first to the last quarter of a turn, ``border`` that from the last quarter to
    the first of the next, both in the unit of the folded values; ``inside_z`` and ``border_z`` are the same over their errors among turns.
    ``border_share`` is how much of all the fall happens at borders, ``agree`` the share of turns that rise and of borders that fall.
    """

    inside: float
    border: float
    inside_z: float
    border_z: float
    border_share: float
    agree: float


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


def teeth(folded: Fold) -> Teeth:
    """Return what happens inside turns and at their borders. Turns are the repetitions that tell the error.

    FALSE_ALARMS
    """
    cells = folded.cells
    begins, ends = cells[:, :_OUTER].mean(axis=1), cells[:, -_OUTER:].mean(axis=1)
    inside, border = ends - begins, begins[1:] - ends[:-1]
    total = float(begins[0] - ends[-1])
    agree = (np.count_nonzero(inside > 0) + np.count_nonzero(border < 0)) / (len(inside) + len(border))
    share = float(-border.sum()) / total if total > 0 else 0.0
    return Teeth(
        float(np.median(inside)),
        float(np.median(border)),
        _over_error(inside),
        _over_error(border),
        share,
        float(agree),
    )


def same_place(folded: Fold) -> tuple[int, float, float]:
    """Return the part of a turn that stands out most above the others: (bin, mean height, height over its error).

    Heights are those above a straight line through each turn, so that progress inside a turn is none.

    FALSE_ALARMS
    """
    cells = folded.cells
    x = np.linspace(-0.5, 0.5, cells.shape[1])
    level = np.median(cells, axis=1, keepdims=True)
    slope = ((cells - level) @ x / float(x @ x))[:, None]
    heights = cells - level - slope * x
    scores = [_over_error(heights[:, k]) for k in range(cells.shape[1])]
    at = int(np.argmax(scores))
    return at, float(np.mean(heights[:, at])), scores[at]


def _over_error(values: Floats) -> float:
    spread = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return float(np.mean(values)) / spread if spread > 0 else 0.0
