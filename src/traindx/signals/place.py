"""The part of a turn (an epoch) that stands highest again and again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.signals.fold import Fold


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

    Measured share of ``chance`` under 1e-4 for five turns of twenty parts, in Gaussian, heavy-tailed (t, three
    degrees of freedom) and dependent (autocorrelation 0.9) noise: 20 points 0, 0, 0 %; 200 points 0, 0, 0 %; 2,000
    points 0, 0, 0 %; 20,000 points 0, 0, 0 %. One of twenty parts, lifted by three standard deviations, is found in:
    20 points 0, 0, 0 %; 200 points 90, 74, 94 %; 2,000 points 100, 100, 82 %; 20,000 points 100, 100, 100 %.
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
