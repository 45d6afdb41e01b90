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
_SURE, _SURE_OF_FEW, _MANY = 4.0, 6.0, 5
_AGREE = 0.85


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
    ``border_share`` is how much of the fall after the first turn happens at borders, ``agree`` the share of turns that rise and of borders that fall.
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
    """Return what happens inside turns and at their borders. Turns are the repetitions that tell the error."""
    cells = folded.cells
    begins, ends = cells[:, :_OUTER].mean(axis=1), cells[:, -_OUTER:].mean(axis=1)
    inside, border = ends - begins, begins[1:] - ends[:-1]
    total = float(ends[0] - ends[-1])  # the first turn holds the steep start of the curve
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


def sawtooth(folded: Fold) -> Teeth | None:
    """Return the teeth of a curve that rises inside its turns and drops at their borders, or None.

    Rise and drop must each be four errors (six where there are under five turns), and 85 % of turns and borders agree.

    FALSE_ALARMS
    """
    found = teeth(folded)
    needed = _SURE_OF_FEW if folded.turns < _MANY else _SURE
    if not (found.inside_z > needed and found.border_z < -needed and found.agree >= _AGREE):
        return None
    return found


@final
@dataclass(frozen=True, slots=True)
class Place:
    """The part of a turn that stands highest: in ``hits`` turns, by ``height`` on average, by ``chance`` so often."""

    bin: int
    hits: int
    height: float
    chance: float


def same_place(folded: Fold) -> Place:
    """Return the inner part of a turn that most often stands highest above a straight line through the turn.

    In noise every part is as likely as another to be the highest of its turn, whatever the tails; ``chance`` is that of
    so many hits of any part, or of any two beside each other. The first and the last part are left out: borders are another matter.

    FALSE_ALARMS
    """
    cells = folded.cells
    x = np.linspace(-0.5, 0.5, cells.shape[1])
    level = np.median(cells, axis=1, keepdims=True)
    slope = ((cells - level) @ x / float(x @ x))[:, None]
    heights = (cells - level - slope * x)[:, 1:-1]
    turns, parts = heights.shape
    hits = np.bincount(np.argmax(heights, axis=1), minlength=parts)
    both = hits + np.append(hits[1:], 0)  # what lies on a border between two parts is now in the one, now in the other
    alone, pair = int(np.argmax(hits)), int(np.argmax(both))
    one = _chance(turns, int(hits[alone]), 1 / parts)
    two = _chance(turns, int(both[pair]), 2 / parts)
    at, most = (alone, int(hits[alone])) if one <= two else (pair, int(both[pair]))
    height = float(np.median(heights[:, at : at + (1 if one <= two else 2)].max(axis=1)))
    return Place(at + 1, most, height, min(1.0, 2 * parts * min(one, two)))


def _chance(turns: int, hits: int, share: float) -> float:
    """The chance of ``hits`` or more in ``turns``, each with the chance ``share``."""
    share = min(1.0, share)
    return sum(math.comb(turns, k) * share**k * (1 - share) ** (turns - k) for k in range(hits, turns + 1))


def _over_error(values: Floats) -> float:
    spread = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return float(np.mean(values)) / spread if spread > 0 else 0.0
