"""A curve in brief: at most 150 levels of equal stretches, and the noise of single points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.forecast.schedule import Floats

_MOST = 150  # enough for any curve of three or four parameters, and it bounds the work for a run of any length
_NOISE_POINTS = 100_000
_MAD_TO_SD = 1.4826
_HUGE = 1e100  # its square is still a float


@final
@dataclass(frozen=True, slots=True, eq=False)
class Brief:
    """Levels of stretches in the order of time.

    ``at`` is the middle of each stretch, ``levels`` the median of its points, ``points`` how many those are; ``count`` is the number
    of all points, ``noise`` the standard deviation of a single one in the later half (0 where too few tell), ``last`` the place of the last.
    """

    at: Floats
    levels: Floats
    points: int
    count: int
    noise: float
    last: float


def condense(at: Floats, values: Floats) -> Brief | None:
    """Return a curve in brief, or None where fewer than three points are finite. Lower is better is not assumed."""
    good = np.isfinite(at) & np.isfinite(values) & (np.abs(values) < _HUGE)
    if not bool(good.all()):
        at, values = at[good], values[good]
    if len(values) < 3:
        return None
    if bool((at[1:] < at[:-1]).any()):
        order = np.argsort(at, kind="stable")
        at, values = at[order], values[order]
    block = -(-len(values) // _MOST)
    # Whole blocks are counted from the end: the present matters most, and the few points left over are the oldest.
    skip = len(values) % block if len(values) >= block else 0
    middles = at[skip:].reshape(-1, block)
    levels = np.median(values[skip:].reshape(-1, block), axis=1) if block > 1 else values
    return Brief(
        at=0.5 * (middles[:, 0] + middles[:, -1]),
        levels=np.asarray(levels, dtype=np.float64),
        points=block,
        count=len(values),
        noise=point_noise(values),
        last=float(at[-1]),
    )


def point_noise(values: Floats) -> float:
    """Standard deviation of single points about their level in the later half, from second differences; 0 under five points.

    Second differences of independent noise of variance s² have the variance 6 s², and cancel a straight line.
    """
    late = values[max(len(values) // 2, len(values) - _NOISE_POINTS) :]
    late = late if len(late) >= 5 else values
    if len(late) < 5:
        return 0.0
    second = late[2:] - 2 * late[1:-1] + late[:-2]
    return float(_MAD_TO_SD * np.median(np.abs(second)) / np.sqrt(6.0))
