"""How fast a run goes: seconds a step, lately and at first, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from traindx.forecast.schedule import Floats

_PIECES: Final = 40
_FEWEST: Final = 4
_LATE: Final = 0.3  # the pace of the last third of the log is the pace of today
_PAUSE: Final = 10.0  # a piece ten times slower than usual is a pause (a checkpoint, a night off), not a pace
_SLOWER: Final = 1.25


@final
@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for one unit of progress: ``now`` within ``fast`` and ``slow`` at 90 %, ``first`` in the first third.

    ``paused`` are seconds that pauses took and no pace explains.
    """

    now: float
    fast: float
    slow: float
    first: float
    paused: float = 0.0

    @property
    def slowdown(self) -> float:
        """How many times as long a step takes now as at first; 1 where that is within a quarter."""
        return self.now / self.first if self.first > 0 and not 1 / _SLOWER < self.now / self.first < _SLOWER else 1.0

    def left(self, units: float) -> tuple[float, float, float]:
        """Seconds that so many units will take: the least, the expected, the most."""
        return units * self.fast, units * self.now, units * self.slow


def pace_of(at: Floats, seconds: Floats) -> Pace | None:
    """Return the pace of a run from the wall time at each place; None where the log tells too little.

    Robust: the log is cut into pieces, pauses are set aside, and the median of the late pieces is the pace. Its interval is that of their
    spread, and no narrower than 2 %.
    """
    good = np.isfinite(at) & np.isfinite(seconds)
    at, seconds = at[good], seconds[good]
    if len(at) <= _FEWEST:
        return None
    marks = np.unique(np.linspace(0, len(at) - 1, _PIECES + 1).astype(np.intp))
    done, took = np.diff(at[marks]), np.diff(seconds[marks])
    moved = (done > 0) & (took >= 0)  # a clock that was set back, or a counter that began anew
    done, took = done[moved], took[moved]
    if len(done) < _FEWEST or not float(took.sum()) > 0:
        return None
    each = took / done
    usual = each <= _PAUSE * float(np.median(each))
    paused = float((took[~usual] - float(np.median(each)) * done[~usual]).sum())
    return _of_pieces(each[usual], paused)


def pace_of_steps(seconds: Floats) -> Pace | None:
    """Return the pace from logged durations of single steps."""
    good = seconds[np.isfinite(seconds) & (seconds > 0)]
    if len(good) <= _FEWEST:
        return None
    pieces = np.array([float(np.mean(piece)) for piece in np.array_split(good, min(_PIECES, len(good)))])
    return _of_pieces(pieces, 0.0)


def _of_pieces(each: Floats, paused: float) -> Pace | None:
    if len(each) < _FEWEST:
        return None
    third = max(3, round(_LATE * len(each)))
    late, now = each[-third:], float(np.median(each[-third:]))
    if not now > 0:
        return None
    # What is left averages over many pieces, but the pace itself drifts: the spread of late pieces is kept as it is.
    fast, slow = (float(one) for one in np.quantile(late, (0.05, 0.95)))
    return Pace(now, min(fast, 0.98 * now), max(slow, 1.02 * now), float(np.median(each[:third])), paused)
